"""Connections, for the api."""

from uuid import UUID

from fastapi import APIRouter, Depends

from services.auth.connection.schemas import ConnectionRead, connection_read
from services.auth.connection.service import list_connections
from services.auth.service_caller.allowed import Allowed
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant


def router(allowed: Allowed, sessions: Sessions) -> APIRouter:
    """`GET /auth/internal/tenants/{tenant_id}/connections`."""
    routes = APIRouter(tags=["connections"], dependencies=[Depends(allowed.connections)])

    @routes.get("/auth/internal/tenants/{tenant_id}/connections")
    async def list_(tenant_id: UUID) -> list[ConnectionRead]:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            return [connection_read(row) for row in await list_connections(session, tenant_id)]

    return routes
