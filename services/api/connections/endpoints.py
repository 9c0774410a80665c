"""`/api/connections` and `/api/connection-methods`: the vendor accounts that a tenant has connected."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path

from services.api.connections import at_auth
from services.api.connections.at_auth import Held
from services.api.connections.mapping import connection_read, disconnected_last, told
from services.api.connections.schemas import (
    ConnectionCreate,
    ConnectionDetail,
    ConnectionList,
    ConnectionMethodList,
    ConnectionState,
    ConnectionUpdate,
    DependantsRead,
    DisconnectOrder,
)
from services.api.dependencies import Caller, CurrentCaller, allowed
from services.shared.domain.audit import service as audit
from services.shared.domain.connection import following, testing
from services.shared.domain.connection.depending import count_dependants
from services.shared.kit.errors import DomainError, Kind
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api", tags=["connections"])
READ = [allowed(Permission.CONNECTIONS_READ)]
WRITE = [allowed(Permission.CONNECTIONS_WRITE)]
VendorName = Annotated[str, Path(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class ConfirmNeeded(DomainError):
    """`dependants` come with it."""

    kind = Kind.CONFLICT
    code = "confirm_needed"


class NotConnected(DomainError):
    """It was disconnected."""

    kind = Kind.CONFLICT
    code = "not_connected"


@router.get("/connections", dependencies=READ)
async def list_connections(caller: CurrentCaller) -> ConnectionList:
    """Every connected account with its health; disconnected ones come last."""
    held = await at_auth.list_held(caller.backends.auth, caller.principal.tenant_id)
    async with caller.unit() as uow:
        tests = await testing.list_tests(uow)
    return ConnectionList(items=[connection_read(one, tests.get(one.id)) for one in disconnected_last(held)])


@router.get("/connection-methods", dependencies=READ)
async def list_connection_methods(caller: CurrentCaller) -> ConnectionMethodList:
    """How each vendor can be connected here, with what to prepare and what is asked for."""
    return await at_auth.list_methods(caller.backends.auth)


@router.get("/connections/{connection_id}", dependencies=READ)
async def get_connection(connection_id: UUID, caller: CurrentCaller) -> ConnectionDetail:
    """One connected account."""
    return await _read(caller, await _held(caller, connection_id))


@router.patch("/connections/{connection_id}", dependencies=WRITE)
async def change_connection(
    connection_id: UUID, body: ConnectionUpdate, caller: CurrentCaller
) -> ConnectionDetail:
    """Give it another title."""
    before = await _held(caller, connection_id)
    held = await at_auth.rename(caller.backends.auth, caller.principal, connection_id, body.title)
    return await _changed(caller, held, "connection.renamed" if before.title != held.title else None, before)


@router.post("/connections/{vendor}", status_code=201, dependencies=WRITE)
async def create_connection(
    vendor: VendorName, body: ConnectionCreate, caller: CurrentCaller
) -> ConnectionDetail:
    """Connect with typed-in credentials, or reconnect in place. They are tried at the vendor before they are stored.

    The same credentials again change nothing more, so this may be repeated.
    """
    held = await at_auth.connect(caller.backends.auth, caller.principal, vendor, body)
    again = body.connection_id is not None
    return await _changed(caller, held, "connection.reconnected" if again else "connection.entered")


@router.get("/connections/{connection_id}/dependants", dependencies=READ)
async def get_dependants(connection_id: UUID, caller: CurrentCaller) -> DependantsRead:
    """What stops when it is disconnected."""
    return await _dependants(caller, await _held(caller, connection_id))


@router.post("/connections/{connection_id}/test", status_code=202, dependencies=WRITE)
async def test_connection(connection_id: UUID, caller: CurrentCaller) -> ConnectionDetail:
    """Have the account tried at the vendor, with reads alone. The outcome appears as `last_test`."""
    held = await _held(caller, connection_id)
    if held.state is ConnectionState.DISCONNECTED:
        raise NotConnected("This account was disconnected. Connect it again first.")
    async with caller.unit() as uow:
        await testing.ask_test(uow, held.id, held.vendor)
        audit.write_down(
            uow,
            "connection.test_asked",
            target_kind="connection",
            target_id=held.id,
            target_label=held.title,
        )
    return await _read(caller, held)


@router.post("/connections/{connection_id}/disconnect", dependencies=WRITE)
async def disconnect(
    connection_id: UUID, caller: CurrentCaller, body: DisconnectOrder | None = None
) -> ConnectionDetail:
    """Withdraw the consent at the vendor where that is possible, and destroy what was stored.

    Without `confirm` it is a 409 `confirm_needed` that says what depends on the account.
    """
    before = await _held(caller, connection_id)
    if before.state is ConnectionState.DISCONNECTED:
        return await _read(caller, before)
    if body is None or not body.confirm:
        dependants = await _dependants(caller, before)
        raise ConfirmNeeded(
            "Look at what depends on this account, then confirm.",
            extra={"dependants": dependants.model_dump(mode="json")},
        )
    held = await at_auth.disconnect(caller.backends.auth, caller.principal, connection_id)
    return await _changed(caller, held, "connection.removed", before)


async def _held(caller: Caller, connection_id: UUID) -> Held:
    return await at_auth.get_held(caller.backends.auth, caller.principal.tenant_id, connection_id)


async def _read(caller: Caller, held: Held) -> ConnectionDetail:
    async with caller.unit() as uow:
        return connection_read(held, (await testing.list_tests(uow)).get(held.id))


async def _changed(
    caller: Caller, held: Held, action: str | None, before: Held | None = None
) -> ConnectionDetail:
    """Write down what somebody did, tell what it changed, and answer."""
    caller.backends.auth.forget_connections(caller.principal.tenant_id)
    async with caller.unit() as uow:
        if action is not None:
            audit.write_down(
                uow,
                action,
                target_kind="connection",
                target_id=held.id,
                target_label=held.title,
                before=_facts(before) if before is not None else None,
                after=_facts(held),
            )
        await following.note(uow, told(held))
    return await _read(caller, held)


def _facts(held: Held) -> dict[str, object]:
    names = {"vendor", "title", "account", "method", "state"}
    return held.model_dump(mode="json", include=names)


async def _dependants(caller: Caller, held: Held) -> DependantsRead:
    async with caller.unit() as uow:
        found = await count_dependants(uow, held.vendor, held.apps)
    return DependantsRead(
        apps=held.apps,
        waiting_requests=found.waiting_requests,
        schedules=found.schedules,
        subscriptions=found.subscriptions,
    )
