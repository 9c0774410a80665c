"""`/api/connections` and `/api/connection-methods`: the vendor accounts that a tenant has connected."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from services.api.connections import at_auth
from services.api.connections.mapping import connection_read
from services.api.connections.schemas import (
    ConnectionCreate,
    ConnectionDetail,
    ConnectionList,
    ConnectionMethodList,
    ConnectionUpdate,
)
from services.api.dependencies import CurrentCaller, allowed
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api", tags=["connections"])
READ = [allowed(Permission.CONNECTIONS_READ)]
WRITE = [allowed(Permission.CONNECTIONS_WRITE)]
VendorName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


@router.get("/connections", dependencies=READ)
async def list_connections(caller: CurrentCaller) -> ConnectionList:
    """Every connected account with its health; disconnected ones come last."""
    held = await at_auth.list_held(caller.backends.auth, caller.principal.tenant_id)
    return ConnectionList(items=[connection_read(one) for one in held])


@router.get("/connection-methods", dependencies=READ)
async def list_connection_methods(caller: CurrentCaller) -> ConnectionMethodList:
    """How each vendor can be connected here, with what to prepare and what is asked for."""
    return await at_auth.list_methods(caller.backends.auth)


@router.get("/connections/{connection_id}", dependencies=READ)
async def get_connection(connection_id: UUID, caller: CurrentCaller) -> ConnectionDetail:
    """One connected account."""
    return connection_read(
        await at_auth.get_held(caller.backends.auth, caller.principal.tenant_id, connection_id)
    )


@router.patch("/connections/{connection_id}", dependencies=WRITE)
async def change_connection(
    connection_id: UUID, body: ConnectionUpdate, caller: CurrentCaller
) -> ConnectionDetail:
    """Give it another title."""
    return connection_read(
        await at_auth.rename(caller.backends.auth, caller.principal, connection_id, body.title)
    )


@router.post("/connections/{vendor}", status_code=201, dependencies=WRITE)
async def create_connection(
    vendor: VendorName, body: ConnectionCreate, caller: CurrentCaller
) -> ConnectionDetail:
    """Connect with typed-in credentials, or reconnect in place. They are tried at the vendor before they are stored."""
    return connection_read(await at_auth.connect(caller.backends.auth, caller.principal, vendor, body))
