"""Clear away what has had its time. Safe to run at any moment, by any replica, twice at once."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, or_
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.connection.models import ConnectionToken
from services.auth.first_password.service import erase_expired
from services.auth.oauth import states as oauth_states
from services.auth.session.models import Session
from services.auth.sign_in.service import sweep_states
from services.auth.signing_key.service import SigningKeys
from services.auth.tenant.service import list_tenant_ids
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant

KEEP_SESSIONS = timedelta(days=7)
"""Ended sessions stay this long, for whoever looks into an incident; the audit log stays."""


@dataclass(frozen=True, slots=True)
class Swept:
    """How many of each were cleared away."""

    sign_in_states: int = 0
    sessions: int = 0
    first_passwords: int = 0
    access_tokens: int = 0


async def sweep(sessions: Sessions, keys: SigningKeys) -> Swept:
    """Everything that has ended, tenant by tenant, each in a short transaction of its own."""
    await keys.ensure()
    async with sessions.begin() as session:
        states = await sweep_states(session)
        tenant_ids = await list_tenant_ids(session)
    ended = passwords = tokens = 0
    for tenant_id in tenant_ids:
        async with sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            ended += await _sweep_sessions(session, tenant_id)
            tokens += await _sweep_tokens(session, tenant_id)
            passwords += await erase_expired(session, tenant_id)
            states += await oauth_states.sweep_states(session, tenant_id)
    return Swept(states, ended, passwords, tokens)


async def _sweep_sessions(session: AsyncSession, tenant_id: UUID) -> int:
    limit = func.now() - KEEP_SESSIONS
    gone = await session.scalars(
        delete(Session)
        .where(
            Session.tenant_id == tenant_id,
            or_(
                Session.ended_at < limit,
                Session.absolute_expires_at < limit,
                Session.idle_expires_at < limit,
            ),
        )
        .returning(Session.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())


async def _sweep_tokens(session: AsyncSession, tenant_id: UUID) -> int:
    gone = await session.scalars(
        delete(ConnectionToken)
        .where(ConnectionToken.tenant_id == tenant_id, ConnectionToken.expires_at < func.now())
        .returning(ConnectionToken.connection_id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
