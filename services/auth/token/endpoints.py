"""`POST /auth/internal/tenant-token`, for the worker."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.auth.connection.service import ConnectionNotFound
from services.auth.connection.vendors import find_vendor
from services.auth.service_caller.allowed import Allowed
from services.auth.token.broker import Broker
from services.auth.token.cache import Wanted
from services.auth.token.schemas import TokenQuery, TokenRead, token_read


def router(allowed: Allowed, broker: Broker) -> APIRouter:
    """The broker's one route."""
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

    return routes
