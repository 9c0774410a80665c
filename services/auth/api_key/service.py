"""Make, list, revoke and check API keys.

A key is `oc_<id>_<secret>`: the id finds the row, the secret proves it. It is shown once, when it is made.
"""

import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import ClassVar
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.api_key.models import ApiKey
from services.auth.audit.recorder import entry, write
from services.auth.metrics import API_KEY_CHECKS
from services.auth.tenant.models import Tenant
from services.auth.vault.secret import Secret
from services.shared.kit.actors import Actor
from services.shared.kit.db import Sessions
from services.shared.kit.errors import Conflict, FieldError, InvalidInput, NotFound
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
SECRET_BYTES = 32
MOST_LIVE_KEYS = 100
TOUCH_EVERY = timedelta(seconds=60)
_FORM = re.compile(r"oc_([0-9a-f]{32})_([A-Za-z0-9_-]{43})")
_HOLD_KEY = text("SELECT set_config('app.api_key_id', :id, true)")
_NO_HASH = bytes(32)
"""Compared with, so that a key that is not there takes as long as one that is."""


class ApiKeyNotFound(NotFound):
    code: ClassVar[str] = "api_key_not_found"


class TooManyApiKeys(Conflict):
    code: ClassVar[str] = "too_many_api_keys"


class KeyState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


class Refusal(StrEnum):
    """Why a key is not accepted. Only who has the right secret learns more than `unknown`."""

    UNKNOWN = "unknown"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewKey:
    """What somebody wants. Scopes are names of permissions, checked by whoever knows them: the api."""

    name: str
    scopes: Sequence[str]
    calls_per_minute: int
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class AcceptedKey:
    """A key that may act, and for whom."""

    key: ApiKey
    tenant: Tenant


def state_of(key: ApiKey, now: datetime) -> KeyState:
    """What a key is good for at this time."""
    if key.revoked_at is not None:
        return KeyState.REVOKED
    if key.expires_at is not None and key.expires_at <= now:
        return KeyState.EXPIRED
    return KeyState.ACTIVE


async def create_key(
    session: AsyncSession, tenant_id: UUID, wanted: NewKey, actor: Actor
) -> tuple[ApiKey, Secret]:
    """A new key and its text, which is stored nowhere. The session is in the tenant.

    Raises:
        InvalidInput: a living key has this name, or the time is over already.
        TooManyApiKeys: there are as many as a tenant may have.
    """
    now = (await session.scalars(select(func.now()))).one()
    if wanted.expires_at is not None and wanted.expires_at <= now:
        raise InvalidInput([FieldError("expires_at", "Choose a time in the future.", "past")])
    living = await session.scalar(
        select(func.count()).where(ApiKey.tenant_id == tenant_id, ApiKey.revoked_at.is_(None))
    )
    if (living or 0) >= MOST_LIVE_KEYS:
        raise TooManyApiKeys(f"There are {MOST_LIVE_KEYS} keys already. Revoke one first.")
    secret = secrets.token_urlsafe(SECRET_BYTES)
    made = (
        await session.scalars(
            insert(ApiKey)
            .values(
                id=uuid7(),
                tenant_id=tenant_id,
                name=wanted.name,
                secret_hash=_hash(secret),
                scopes=list(wanted.scopes),
                calls_per_minute=wanted.calls_per_minute,
                created_by=UUID(actor.id),
                created_by_name=actor.name,
                expires_at=wanted.expires_at,
            )
            .on_conflict_do_nothing()
            .returning(ApiKey)
        )
    ).one_or_none()
    if made is None:
        raise InvalidInput([FieldError("name", "Another key has this name. Choose another.", "name_taken")])
    await write(
        session,
        entry(
            tenant_id,
            actor,
            "api_key.created",
            ("api_key", str(made.id)),
            name=made.name,
            scopes=made.scopes,
            expires_at=made.expires_at,
        ),
    )
    return made, Secret(f"oc_{made.id.hex}_{secret}")


async def list_keys(
    session: AsyncSession, tenant_id: UUID, *, limit: int, offset: int
) -> tuple[Sequence[ApiKey], int]:
    """A page of the tenant's keys, living ones first, then the newest; and how many there are."""
    mine = select(ApiKey).where(ApiKey.tenant_id == tenant_id)
    total = await session.scalar(select(func.count()).select_from(mine.subquery()))
    rows = await session.scalars(
        mine.order_by(ApiKey.revoked_at.is_not(None), ApiKey.id.desc()).limit(limit).offset(offset)
    )
    return rows.all(), total or 0


async def revoke_key(session: AsyncSession, tenant_id: UUID, key_id: UUID, actor: Actor) -> ApiKey:
    """Let it never be accepted again. Repeats safely. The session is in the tenant.

    Raises:
        ApiKeyNotFound: the tenant has no such key.
    """
    key = (
        await session.scalars(
            select(ApiKey).where(ApiKey.tenant_id == tenant_id, ApiKey.id == key_id).with_for_update()
        )
    ).one_or_none()
    if key is None:
        raise ApiKeyNotFound("There is no such API key.")
    if key.revoked_at is None:
        key.revoked_at = (await session.scalars(select(func.now()))).one()
        key.revoked_by_name = actor.name
        await session.flush()
        await write(
            session, entry(tenant_id, actor, "api_key.revoked", ("api_key", str(key.id)), name=key.name)
        )
    return key


async def check_key(sessions: Sessions, presented: Secret) -> AcceptedKey | Refusal:
    """Whose key this is, if it may act now; its use is noted."""
    found = await _check(sessions, presented)
    API_KEY_CHECKS.labels(found.value if isinstance(found, Refusal) else "accepted").inc()
    return found


async def _check(sessions: Sessions, presented: Secret) -> AcceptedKey | Refusal:
    form = _FORM.fullmatch(presented.reveal())
    if form is None:
        return Refusal.UNKNOWN
    key_id = UUID(form[1])
    async with sessions.begin() as session:
        await session.execute(_HOLD_KEY, {"id": str(key_id)})
        found = (
            await session.execute(
                select(ApiKey, Tenant, func.now())
                .join(Tenant, Tenant.id == ApiKey.tenant_id)
                .where(ApiKey.id == key_id)
            )
        ).one_or_none()
        is_right = hmac.compare_digest(found[0].secret_hash if found else _NO_HASH, _hash(form[2]))
        if found is None or not is_right:
            return Refusal.UNKNOWN
        key, tenant, now = found
        state = state_of(key, now)
        if state is not KeyState.ACTIVE:
            log.warning("api_key_refused", key_id=str(key.id), state=state)
            return Refusal(state.value)
        if key.last_used_at is None or now - key.last_used_at >= TOUCH_EVERY:
            await enter_tenant(session, key.tenant_id)
            await session.execute(
                update(ApiKey)
                .where(ApiKey.tenant_id == key.tenant_id, ApiKey.id == key.id)
                .values(last_used_at=now)
                .execution_options(synchronize_session=False)
            )
        return AcceptedKey(key, tenant)


def _hash(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
