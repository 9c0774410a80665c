"""Idempotency-Key, honoured for 24 hours."""

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func, text
from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.idempotency.models import IdempotencyKey
from services.shared.kit.errors import DomainError, FieldError, InvalidInput, Kind
from services.shared.kit.uow import UnitOfWork

LIFETIME = "24 hours"
MAX_LENGTH = 200


class KeyReused(DomainError):
    """The same key came with another body."""

    kind = Kind.INVALID
    code = "idempotency_key_reused"


@dataclass(frozen=True, slots=True)
class Replay:
    """What is known of the first call.

    `status` is None while its answer is not complete: `body` then holds what was noted for finishing it.
    """

    status: int | None
    body: dict[str, Any]


async def begin(uow: UnitOfWork, key: str, route: str, body: Any) -> Replay | None:
    """Reserve a key for this transaction, or the answer that it got before.

    A second caller with the same key waits until the first has committed.

    Raises:
        InvalidInput: the key is empty, too long, or not printable ASCII.
        KeyReused: same key, other body or route.
    """
    if not key or len(key) > MAX_LENGTH or not key.isascii() or not key.isprintable():
        raise InvalidInput([FieldError("Idempotency-Key", "Use 1 to 200 printable ASCII characters.")])
    fingerprint = hashlib.sha256(
        json.dumps([route, body], sort_keys=True, separators=(",", ":"), default=str).encode()
    ).hexdigest()
    row = {
        "tenant_id": uow.tenant_id,
        "actor": f"{uow.actor.kind}:{uow.actor.id}",
        "key": key,
    }
    await uow.session.execute(
        delete(IdempotencyKey)
        .filter_by(**row)
        .where(IdempotencyKey.created_at < func.now() - text(f"interval '{LIFETIME}'"))
    )
    made = await uow.session.scalar(
        insert(IdempotencyKey)
        .values(**row, fingerprint=fingerprint)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.key)
    )
    if made is not None:
        return None
    held = await uow.session.get_one(IdempotencyKey, tuple(row.values()))
    if held.fingerprint != fingerprint:
        raise KeyReused(
            "This Idempotency-Key was used with another body.",
            errors=[FieldError("Idempotency-Key", "Used before with another body.", "reused")],
        )
    return Replay(held.status, held.body or {})


async def note(uow: UnitOfWork, key: str, subject: dict[str, Any]) -> None:
    """Keep what is needed to finish the answer with the key that `begin` reserved in this transaction."""
    held = await _held(uow, key)
    if held is not None:
        held.body = subject


async def settle(uow: UnitOfWork, key: str, status: int, body: dict[str, Any]) -> Replay:
    """Keep the answer with the key. The first one stays: callers at the same time all get that."""
    held = await _held(uow, key, lock=True)
    if held is None:
        return Replay(status, body)
    if held.status is None:
        held.status = status
        held.body = body
    return Replay(held.status, held.body or {})


async def _held(uow: UnitOfWork, key: str, *, lock: bool = False) -> IdempotencyKey | None:
    return await uow.session.get(
        IdempotencyKey,
        (uow.tenant_id, f"{uow.actor.kind}:{uow.actor.id}", key),
        with_for_update=True if lock else None,
        populate_existing=lock,
    )
