"""`/api/webhooks`: where vendors tell of what happened. Nobody signs in here; the vendor's signature is the proof."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.api.auth_client import AuthAway
from services.api.dependencies import Backends, CurrentCaller, allowed, get_backends
from services.api.webhooks.receiving import Delivery, authentic_delivery, hears, receive
from services.api.webhooks.schemas import WebhookList, WebhookRead
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
BODY = {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}


@router.get("", dependencies=[allowed(Permission.APPS_READ)])
async def list_webhooks(caller: CurrentCaller) -> WebhookList:
    """Which address to enter at which vendor: one for each connected account whose vendor can tell us something."""
    found = await caller.backends.auth.connections(caller.principal.tenant_id)
    if found is None:
        raise AuthAway("OneClick's own sign-in service does not answer.")
    return WebhookList(
        items=[
            WebhookRead(
                vendor=item.vendor,
                connection_id=item.connection_id,
                path=f"{router.prefix}/{item.vendor}/{item.connection_id}",
            )
            for item in found
            if item.connection_id is not None and hears(item.vendor)
        ]
    )


@router.post("/{vendor}/{connection_id}", openapi_extra={"requestBody": BODY})
async def receive_delivery(
    delivery: Annotated[Delivery, Depends(authentic_delivery)],
    backends: Annotated[Backends, Depends(get_backends)],
) -> dict[str, str]:
    """A vendor's delivery. The answer is empty but for Zoom's check of the address."""
    return await receive(backends, delivery)
