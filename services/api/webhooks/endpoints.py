"""`/api/webhooks`: where vendors tell of what happened. Nobody signs in here; the vendor's signature is the proof."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.api.dependencies import Backends, get_backends
from services.api.webhooks.receiving import Delivery, authentic_delivery, receive

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])
BODY = {"content": {"application/json": {"schema": {"type": "object"}}}, "required": True}


@router.post("/{vendor}/{connection_id}", openapi_extra={"requestBody": BODY})
async def receive_delivery(
    delivery: Annotated[Delivery, Depends(authentic_delivery)],
    backends: Annotated[Backends, Depends(get_backends)],
) -> dict[str, str]:
    """A vendor's delivery. The answer is empty but for Zoom's check of the address."""
    return await receive(backends, delivery)
