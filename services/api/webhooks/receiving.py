"""A delivery's way in: whose it is, whether it was heard before, and whom it makes us look at."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from services.api.dependencies import Backends, get_backends
from services.api.metrics import DELIVERIES, HASTENED
from services.shared.domain.webhook.service import hear_delivery
from services.shared.kit.actors import service_actor
from services.shared.kit.errors import Unauthenticated
from services.shared.kit.logging import bind, get_logger
from services.shared.kit.uow import unit_of_work
from services.shared.sdk.optional import Heard, HearsEvents
from services.shared.sdk.registry import providers
from services.shared.web.correlation import current_correlation_id

log = get_logger(__name__)
MOST_BYTES = 256 * 1024
MOST_HEADERS = 40
LONGEST_HEADER = 1000
LONGEST_NAME = 320


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a vendor has signed, and what it wants to be answered if it asks for something."""

    tenant_id: UUID
    vendor: str
    connection_id: UUID
    id: str
    headers: Mapping[str, str]
    body: bytes
    answer: Mapping[str, str] | None


async def authentic_delivery(
    vendor: str, connection_id: str, request: Request, backends: Annotated[Backends, Depends(get_backends)]
) -> Delivery:
    """The delivery, if the vendor has signed it.

    Raises:
        Unauthenticated: it has not, or there is no such vendor or connection; nobody learns which.
        HTTPException: it is too large (413).
        TooMany: too many from this address were refused.
        AuthAway: it cannot be checked now; vendors send it again.
    """
    await backends.strangers.admit(request)
    label = vendor if vendor in {p.manifest.vendor for p in providers().values()} else "unknown"
    body = await request.body()
    if len(body) > MOST_BYTES:
        DELIVERIES.labels(label, "too_large").inc()
        await backends.strangers.note_refusal(request)
        raise HTTPException(413, f"A delivery is at most {MOST_BYTES} bytes.")
    headers = _headers(request)
    try:
        wanted = UUID(connection_id)
    except ValueError:
        wanted = UUID(int=0)
    verdict = await backends.auth.check_delivery(vendor[:32], wanted, headers, body)
    if not verdict.verified or verdict.tenant_id is None or verdict.delivery_id is None:
        DELIVERIES.labels(label, "refused").inc()
        await backends.strangers.note_refusal(request)
        raise Unauthenticated("This delivery is not accepted.")
    bind(tenant_id=verdict.tenant_id)
    return Delivery(verdict.tenant_id, vendor, wanted, verdict.delivery_id, headers, body, verdict.answer)


def _headers(request: Request) -> dict[str, str]:
    """What a signature or an event's name may be in. Lower case; nothing of a session's."""
    kept = {
        name: value
        for name, value in request.headers.items()
        if name.startswith("x-") and len(name) < 100 and len(value) <= LONGEST_HEADER  # noqa: PLR2004  # a header's name
    }
    return dict(list(kept.items())[:MOST_HEADERS])


async def receive(backends: Backends, delivery: Delivery) -> dict[str, str]:
    """Hear it, once. What it says is not believed: whoever waits for that account looks at the vendor now.

    Raises:
        RequestValidationError: the body is no JSON object.
    """
    if delivery.answer is not None:
        DELIVERIES.labels(delivery.vendor, "answered").inc()
        return dict(delivery.answer)
    heard = _hear(delivery, _parse(delivery))
    hastened: int | None = 0
    if heard:
        async with unit_of_work(
            backends.sessions,
            backends.bell,
            tenant_id=delivery.tenant_id,
            actor=service_actor(delivery.vendor),
            correlation_id=current_correlation_id(),
        ) as uow:
            hastened = await hear_delivery(
                uow,
                vendor=delivery.vendor,
                connection_id=delivery.connection_id,
                delivery_id=delivery.id,
                heard=heard,
            )
    outcome = "repeated" if hastened is None else "heard" if heard else "ignored"
    DELIVERIES.labels(delivery.vendor, outcome).inc()
    HASTENED.labels(delivery.vendor).inc(hastened or 0)
    log.info(
        "delivery", vendor=delivery.vendor, outcome=outcome, delivery_id=delivery.id, hastened=hastened or 0
    )
    return {}


def _parse(delivery: Delivery) -> Mapping[str, Any]:
    try:
        body = json.loads(delivery.body)
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        DELIVERIES.labels(delivery.vendor, "malformed").inc()
        raise RequestValidationError([{"type": "json_invalid", "loc": ("body",), "msg": "no JSON object"}])
    return body


def hears(vendor: str) -> bool:
    """Whether an app of this vendor understands its deliveries."""
    return any(
        provider.manifest.vendor == vendor and isinstance(provider, HearsEvents)
        for provider in providers().values()
    )


def _hear(delivery: Delivery, body: Mapping[str, Any]) -> Sequence[Heard]:
    found: list[Heard] = []
    for provider in providers().values():
        if provider.manifest.vendor != delivery.vendor or not isinstance(provider, HearsEvents):
            continue
        try:
            found.extend(provider.hear(delivery.headers, body))
        except Exception:  # a provider's defect is no fault of the vendor's: it must not send this for ever
            log.exception("hear_failed", app=provider.manifest.key)
    return [item for item in found if _is_sound(item)]


def _is_sound(heard: Heard) -> bool:
    names = [name for name in (heard.remote_id, heard.login, heard.email) if name]
    return bool(names) and all(len(name) <= LONGEST_NAME and name.isprintable() for name in names)
