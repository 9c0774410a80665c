"""Server-side sessions: begin, exchange for an internal token, change tenant, end."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.metrics import SESSION_TOKENS
from services.auth.operator.models import Operator
from services.auth.operator.service import TenantRole, list_tenant_roles, note_entry
from services.auth.session.models import Session
from services.auth.vault.secret import Secret
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.db import Sessions
from services.shared.kit.errors import Forbidden, Unauthenticated
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import enter_tenant

TOKEN_BYTES = 32
TOUCH_EVERY = timedelta(seconds=60)
"""How old "last seen" may get before it is written again; far below the idle time."""
_HOLD_SESSION = text("SELECT set_config('app.session_hash', :hash, true)")


class SessionEnded(Unauthenticated):
    code: ClassVar[str] = "session_ended"


class NotYourTenant(Forbidden):
    code: ClassVar[str] = "not_your_tenant"


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Of a session, from settings."""

    idle: timedelta
    absolute: timedelta


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that may act, with whom and where. `here` is one of `tenants`."""

    id: UUID
    operator: Operator
    here: TenantRole
    tenants: list[TenantRole]
    idle_expires_at: datetime
    absolute_expires_at: datetime

    def claims(self) -> dict[str, Any]:
        """What the internal token says."""
        return {
            "sub": f"operator:{self.operator.id}",
            "tid": str(self.here.tenant_id),
            "tslug": self.here.slug,
            "tname": self.here.name,
            "role": self.here.role.value,
            "name": self.operator.name,
            "email": self.operator.email,
            "sid": str(self.id),
        }


def operator_actor(operator: Operator) -> Actor:
    """The operator as audit names them."""
    return Actor(ActorKind.OPERATOR, str(operator.id), operator.name)


async def begin_session(
    session: AsyncSession,
    operator: Operator,
    tenants: list[TenantRole],
    lifetimes: Lifetimes,
    *,
    issuer_session: str | None,
) -> Secret:
    """A new session in the operator's first tenant; its token is returned and stored nowhere."""
    token = Secret(secrets.token_urlsafe(TOKEN_BYTES))
    now = (await session.scalars(select(func.now()))).one()
    home = tenants[0]
    await enter_tenant(session, home.tenant_id)
    await note_entry(session, home.tenant_id, operator.id)
    row = Session(
        id=uuid7(),
        tenant_id=home.tenant_id,
        operator_id=operator.id,
        token_hash=_hash(token),
        issuer_session=issuer_session,
        idle_expires_at=now + lifetimes.idle,
        absolute_expires_at=now + lifetimes.absolute,
    )
    session.add(row)
    await session.flush()
    await write(
        session,
        entry(home.tenant_id, operator_actor(operator), "session.begun", ("session", str(row.id))),
    )
    return token


async def live_session(
    sessions: Sessions, token: Secret, lifetimes: Lifetimes, *, passive: bool = False
) -> LiveSession:
    """The session of a token, its roles as they are now. Using it keeps it from idling out.

    A `passive` look does not: an open live page asks by itself, and is not the person being there.

    Raises:
        SessionEnded: unknown, ended, idle or old, or the operator has lost the last role.
    """
    async with sessions.begin() as session:
        found = await _find(session, token)
        if found is None:
            SESSION_TOKENS.labels("refused").inc()
            raise SessionEnded("The session has ended. Sign in again.")
        row, operator, now = found
        tenants = await list_tenant_roles(session, operator)
        if not tenants:
            SESSION_TOKENS.labels("refused").inc()
            raise SessionEnded("You have no role any more. Ask an administrator, then sign in again.")
        here = next((tenant for tenant in tenants if tenant.tenant_id == row.tenant_id), None)
        if here is None:
            # Never act in another tenant than the person was looking at.
            SESSION_TOKENS.labels("refused").inc()
            raise SessionEnded("You have no role in this tenant any more. Sign in again.")
        idle_expires_at = row.idle_expires_at
        if not passive and now - row.last_seen_at >= TOUCH_EVERY:
            idle_expires_at = min(now + lifetimes.idle, row.absolute_expires_at)
            await _update(session, token, last_seen_at=now, idle_expires_at=idle_expires_at)
        SESSION_TOKENS.labels("issued").inc()
        return LiveSession(
            row.id,
            operator,
            here,
            tenants,
            min(idle_expires_at, row.absolute_expires_at),
            row.absolute_expires_at,
        )


async def change_tenant(sessions: Sessions, token: Secret, tenant_id: UUID) -> None:
    """Go to another tenant within the session.

    Raises:
        SessionEnded: the session has ended.
        NotYourTenant: the operator has no role there, or there is no such tenant.
    """
    async with sessions.begin() as session:
        found = await _find(session, token)
        if found is None:
            raise SessionEnded("The session has ended. Sign in again.")
        row, operator, _ = found
        allowed = {tenant.tenant_id for tenant in await list_tenant_roles(session, operator)}
        if tenant_id not in allowed:
            raise NotYourTenant("You have no role in this tenant.")
        await _update(session, token, tenant_id=tenant_id)
        await enter_tenant(session, tenant_id)
        await note_entry(session, tenant_id, operator.id)
        await write(
            session,
            entry(tenant_id, operator_actor(operator), "session.entered", ("session", str(row.id))),
        )


async def end_session(sessions: Sessions, token: Secret) -> bool:
    """End it; whether it was alive."""
    async with sessions.begin() as session:
        found = await _find(session, token)
        if found is None:
            return False
        row, operator, now = found
        await _update(session, token, ended_at=now)
        await enter_tenant(session, row.tenant_id)
        await write(
            session,
            entry(row.tenant_id, operator_actor(operator), "session.ended", ("session", str(row.id))),
        )
        return True


def _hash(token: Secret) -> bytes:
    return sha256(token.reveal().encode()).digest()


async def _find(session: AsyncSession, token: Secret) -> tuple[Session, Operator, datetime] | None:
    """The live session of a token and the time: by its hash alone, which the policy wants the caller to hold."""
    hashed = _hash(token)
    await session.execute(_HOLD_SESSION, {"hash": hashed.hex()})
    found = (
        await session.execute(
            select(Session, Operator, func.now())
            .join(Operator, Operator.id == Session.operator_id)
            .where(
                Session.token_hash == hashed,
                Session.ended_at.is_(None),
                Session.idle_expires_at > func.now(),
                Session.absolute_expires_at > func.now(),
            )
        )
    ).one_or_none()
    return None if found is None else (found[0], found[1], found[2])


async def _update(session: AsyncSession, token: Secret, **values: Any) -> None:
    await session.execute(
        update(Session)
        .where(Session.token_hash == _hash(token))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
