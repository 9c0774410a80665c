"""Online rotation: bring every data key under the ring's primary key, while everything goes on.

An envelope is replaced only if it is still the one that was read, so whoever writes meanwhile wins, and is
looked at again in the next round. Run it after the new key is primary on every replica; when it reports
nothing left, the old key can leave the ring.
"""

import math
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.connection.models import ConnectionSecret, ConnectionToken
from services.auth.connection.service import secret_context
from services.auth.first_password.models import FirstPassword
from services.auth.first_password.service import password_context
from services.auth.metrics import OUTDATED
from services.auth.notification.keys import key_context
from services.auth.notification.models import NotificationKey
from services.auth.signing_key.models import SigningKey
from services.auth.signing_key.service import context_of
from services.auth.tenant.service import list_tenant_ids
from services.auth.token.store import token_context
from services.auth.vault.context import Context
from services.auth.vault.errors import VaultError
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
BATCH = 100
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Sealed:
    """One column of envelopes: where it is and what each row is bound to."""

    model: Any
    column: str
    context: Callable[[Any], Context]
    of_a_tenant: bool = True

    @property
    def envelope(self) -> Any:
        """The column itself."""
        return getattr(self.model, self.column)


EVERYTHING_SEALED = (
    Sealed(ConnectionSecret, "envelope", secret_context),
    Sealed(ConnectionToken, "envelope", token_context),
    Sealed(NotificationKey, "envelope", key_context),
    Sealed(FirstPassword, "envelope", lambda row: password_context(row.tenant_id, row.action_id)),
    Sealed(SigningKey, "private_envelope", lambda row: context_of(row.id), of_a_tenant=False),
)


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What a run did. `left` are still under an older key: unreadable, or written meanwhile."""

    done: int
    left: int


async def rewrap_all(
    sessions: Sessions, vault: Vault, *, budget: float = math.inf, told: Progress | None = None
) -> Rewrapped:
    """Re-wrap every data key that is not under the primary key, in short transactions. Resumable, repeatable.

    After `budget` seconds the rest is left to the next run. `told` hears after each place how many were done.

    Raises:
        VaultError: it cannot be learnt which key is primary.
    """
    await vault.refresh()
    until = time.monotonic() + budget
    done = left = 0
    async for sealed, tenant_id in _places(sessions):
        if time.monotonic() < until:
            done += await _rewrap(sessions, vault, sealed, tenant_id, until)
        left += await _count_left(sessions, vault, sealed, tenant_id)
        if told is not None:
            told(done)
    OUTDATED.set(left)
    if done or left:
        log.info("vault_rewrapped", primary=vault.primary, done=done, left=left)
    return Rewrapped(done, left)


async def count_by_key(sessions: Sessions) -> dict[str, int]:
    """How many data keys are under which key: a rotation is over when one key has them all."""
    found: Counter[str] = Counter()
    async for sealed, tenant_id in _places(sessions):
        async with sessions.begin() as session:
            await _enter(session, tenant_id)
            statement = (
                select(sealed.model.kek_id, func.count())
                .where(sealed.envelope.is_not(None), *_of(sealed, tenant_id))
                .group_by(sealed.model.kek_id)
            )
            for kek_id, count in await session.execute(statement):
                found[kek_id] += count
    return dict(found)


async def _places(sessions: Sessions) -> AsyncIterator[tuple[Sealed, UUID | None]]:
    async with sessions() as session:
        tenant_ids = await list_tenant_ids(session)
    for sealed in EVERYTHING_SEALED:
        for tenant_id in tenant_ids if sealed.of_a_tenant else (None,):
            yield sealed, tenant_id


async def _rewrap(
    sessions: Sessions, vault: Vault, sealed: Sealed, tenant_id: UUID | None, until: float
) -> int:
    done = 0
    after: tuple[Any, ...] | None = None
    key = sealed.model.__mapper__.primary_key
    while True:
        async with sessions.begin() as session:
            await _enter(session, tenant_id)
            statement = (
                select(sealed.model).where(*_outdated(sealed, vault, tenant_id)).order_by(*key).limit(BATCH)
            )
            if after is not None:
                statement = statement.where(_beyond(key, after))
            rows = (await session.scalars(statement)).all()
            for row in rows:
                done += await _rewrap_row(session, vault, sealed, row)
        if not rows or time.monotonic() >= until:
            return done
        after = tuple(getattr(rows[-1], column.key) for column in key)


async def _rewrap_row(session: AsyncSession, vault: Vault, sealed: Sealed, row: Any) -> int:
    before = getattr(row, sealed.column)
    try:
        after = await vault.rewrap(sealed.context(row), before)
    except VaultError as error:
        _alert(sealed, error)
        return 0
    changed = await session.scalars(
        update(sealed.model)
        .where(
            *(column == getattr(row, column.key) for column in sealed.model.__mapper__.primary_key),
            sealed.envelope == before,
        )
        .values({sealed.column: after, "kek_id": vault.primary})
        .returning(sealed.model.kek_id)
        .execution_options(synchronize_session=False)
    )
    return len(changed.all())


async def _count_left(sessions: Sessions, vault: Vault, sealed: Sealed, tenant_id: UUID | None) -> int:
    async with sessions.begin() as session:
        await _enter(session, tenant_id)
        count = await session.scalar(
            select(func.count()).select_from(sealed.model).where(*_outdated(sealed, vault, tenant_id))
        )
        return count or 0


async def _enter(session: AsyncSession, tenant_id: UUID | None) -> None:
    if tenant_id is not None:
        await enter_tenant(session, tenant_id)


def _outdated(sealed: Sealed, vault: Vault, tenant_id: UUID | None) -> list[Any]:
    return [sealed.model.kek_id != vault.primary, sealed.envelope.is_not(None), *_of(sealed, tenant_id)]


def _of(sealed: Sealed, tenant_id: UUID | None) -> list[Any]:
    return [] if tenant_id is None else [sealed.model.tenant_id == tenant_id]


def _beyond(key: Any, after: tuple[Any, ...]) -> Any:
    return tuple_(*key) > tuple_(*after)


def _alert(sealed: Sealed, error: VaultError) -> None:
    log.error("vault_rewrap_refused", alert=True, table=sealed.model.__tablename__, reason=error.reason)
