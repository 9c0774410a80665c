"""Checks of deliveries on the wire."""

import base64
import binascii
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field, StringConstraints

from services.auth.webhook.service import Authentic

Name = Annotated[str, StringConstraints(to_lower=True, max_length=100)]
Value = Annotated[str, StringConstraints(max_length=4096)]
MOST_BODY = 512 * 1024


def _decoded(value: Any) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise ValueError("must be base64") from None


RawBody = Annotated[bytes, BeforeValidator(_decoded), Field(max_length=MOST_BODY)]


class DeliveryCheck(BaseModel):
    """A delivery as it came: `body` is the raw body in base64."""

    vendor: str = Field(max_length=32)
    connection_id: UUID
    headers: dict[Name, Value] = Field(max_length=64)
    body: RawBody


class DeliveryVerdict(BaseModel):
    """Whether it is authentic; if so whose it is, its id, and what the vendor wants to be answered, if anything."""

    verified: bool
    tenant_id: UUID | None = None
    vendor: str | None = None
    delivery_id: str | None = None
    answer: dict[str, str] | None = None


def verdict(found: Authentic | None) -> DeliveryVerdict:
    """What the api is told. Why something is refused is not."""
    if found is None:
        return DeliveryVerdict(verified=False)
    return DeliveryVerdict(
        verified=True,
        tenant_id=found.tenant_id,
        vendor=found.vendor.value,
        delivery_id=found.proof.delivery_id,
        answer=dict(found.proof.answer) if found.proof.answer is not None else None,
    )
