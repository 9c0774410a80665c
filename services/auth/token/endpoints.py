"""`POST /auth/internal/tenant-token`, for the worker; `/refresh-expiring`, for the scheduler."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.auth.connection.service import ConnectionNotFound
from services.auth.connection.vendors import find_vendor
from services.auth.service_caller.allowed import Allowed
from services.auth.token.ahead import refresh_expiring
from services.auth.token.broker import Broker
from services.auth.token.cache import Wanted
from services.auth.token.schemas import RefreshedRead, TokenQuery, TokenRead, token_read
from services.shared.kit.db import Sessions


def router(allowed: Allowed, broker: Broker, sessions: Sessions) -> APIRouter:
    """The broker's routes."""
    routes = APIRouter(tags=["tokens"])

    @routes.post("/auth/internal/tenant-token", response_model=TokenRead)
    async def tenant_token(
        body: TokenQuery, caller: Annotated[str, Depends(allowed.tenant_token)]
    ) -> Response:
        vendor = None
        if body.connection_id is None:
            vendor = find_vendor(body.provider or "")
            if vendor is None:
                raise ConnectionNotFound("No connection of ours serves this provider.")
        wanted = Wanted(body.tenant_id, vendor, body.connection_id, body.credential)
        live = await broker.release(wanted, caller=caller, purpose=body.purpose, force=body.force_refresh)
        # Written as it is: the busiest route needs no second validation of what we have just made.
        return Response(token_read(live).model_dump_json(), media_type="application/json")

    @routes.post("/auth/internal/refresh-expiring", dependencies=[Depends(allowed.maintenance)])
    async def refresh_ahead() -> RefreshedRead:
        done = await refresh_expiring(sessions, broker)
        return RefreshedRead(refreshed=done.refreshed, failed=done.failed, left=done.left)

    return routes
