"""`/auth/internal/connections`, for the api."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.auth.connect import service
from services.auth.connect.schemas import (
    ActorRef,
    ChangesQuery,
    ConnectionCreate,
    ConnectionDetail,
    ConnectionListQuery,
    ConnectionOrder,
    ConnectionPage,
    ConnectionRename,
    VendorPage,
    connection_detail,
    vendor_read,
)
from services.auth.connect.storing import Owner, Wish
from services.auth.connection.models import Vendor
from services.auth.method.desk import Desk
from services.auth.method.registry import ways_of
from services.auth.service_caller.allowed import Allowed
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions


def router(allowed: Allowed, sessions: Sessions, vault: Vault, desk: Desk) -> APIRouter:
    """Connect by typing in, list, rename, disconnect; the ways there are."""
    routes = APIRouter(
        prefix="/auth/internal/connections",
        tags=["connections"],
        dependencies=[Depends(allowed.connections)],
    )

    async def read(tenant_id: UUID, connection_id: UUID) -> ConnectionDetail:
        return connection_detail(*await service.find_connection(sessions, tenant_id, connection_id))

    @routes.get("/methods")
    async def methods() -> VendorPage:
        return VendorPage(items=[vendor_read(vendor, ways_of(vendor), desk.known) for vendor in Vendor])

    @routes.post("/list")
    async def list_(body: ConnectionListQuery) -> ConnectionPage:
        rows, now = await service.list_of_tenant(sessions, body.tenant_id, disconnected=body.disconnected)
        return ConnectionPage(items=[connection_detail(row, now) for row in rows])

    @routes.post("/changes")
    async def changes(body: ChangesQuery) -> ConnectionPage:
        rows, now = await service.list_changed(sessions, body.since)
        return ConnectionPage(items=[connection_detail(row, now) for row in rows])

    @routes.post("", status_code=201)
    async def create(body: ConnectionCreate) -> ConnectionDetail:
        wish = Wish(body.tenant_id, body.vendor, _owner(body.actor), body.connection_id, body.title)
        given = {name: Secret(value.get_secret_value()) for name, value in body.fields.items()}
        made = await service.connect_typed_in(sessions, vault, desk, wish, body.method, given)
        return await read(body.tenant_id, made)

    @routes.post("/{connection_id}/rename")
    async def rename(connection_id: UUID, body: ConnectionRename) -> ConnectionDetail:
        await service.rename(sessions, body.tenant_id, connection_id, _owner(body.actor), body.title)
        return await read(body.tenant_id, connection_id)

    @routes.post("/{connection_id}/disconnect")
    async def disconnect(connection_id: UUID, body: ConnectionOrder) -> ConnectionDetail:
        await service.disconnect(sessions, vault, desk, body.tenant_id, connection_id, _owner(body.actor))
        return await read(body.tenant_id, connection_id)

    return routes


def _owner(actor: ActorRef) -> Owner:
    return Owner(actor.id, actor.address)
