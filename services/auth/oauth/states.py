"""States of ways to vendors: begun, used up once, refused and told when they are not this person's."""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import write_security_event
from services.auth.connection.models import Method, Vendor
from services.auth.derived import hash_of
from services.auth.method.base import StateExpired, StateInvalid
from services.auth.metrics import OAUTH_STATES_REFUSED
from services.auth.oauth.models import OAuthState
from services.auth.session.service import LiveSession
from services.shared.kit.db import Sessions
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant

log = get_logger(__name__)
STATE_LIFETIME = timedelta(minutes=10)
STATE_BYTES = 32
_HOLD = text("SELECT set_config('app.oauth_state', :hash, true)")


@dataclass(frozen=True, slots=True)
class Begun:
    """A state that was begun: the text alone travels."""

    text: str
    salt: bytes


@dataclass(frozen=True, slots=True)
class Leg:
    """What a state is bound to, beside its session."""

    vendor: Vendor
    method: Method
    connection_id: UUID | None
    return_to: str
    external_id: str | None = None


async def begin_state(sessions: Sessions, live: LiveSession, leg: Leg) -> Begun:
    """A new state of this session, good for ten minutes."""
    begun = Begun(secrets.token_urlsafe(STATE_BYTES), secrets.token_bytes(STATE_BYTES))
    async with sessions.begin() as session:
        await enter_tenant(session, live.here.tenant_id)
        now = (await session.scalars(select(func.now()))).one()
        session.add(
            OAuthState(
                state_hash=hash_of(begun.text),
                tenant_id=live.here.tenant_id,
                session_id=live.id,
                operator_id=live.operator.id,
                vendor=leg.vendor.value,
                method=leg.method.value,
                connection_id=leg.connection_id,
                external_id=leg.external_id,
                salt=begun.salt,
                return_to=leg.return_to,
                expires_at=now + STATE_LIFETIME,
            )
        )
    return begun


async def use_up(sessions: Sessions, live: LiveSession, vendor: Vendor, state: str) -> OAuthState:
    """The state, if it is this session's for this vendor and was never used. It is used up, whatever comes of it.

    Raises:
        StateInvalid: unknown, used, or of another session, tenant or vendor. A security event says which.
        StateExpired: older than ten minutes.
    """
    hashed = hash_of(state)
    async with sessions.begin() as session:
        await session.execute(_HOLD, {"hash": hashed.hex()})
        found = (
            await session.scalars(select(OAuthState).where(OAuthState.state_hash == hashed).with_for_update())
        ).one_or_none()
        now = (await session.scalars(select(func.now()))).one()
        reason = _why_not(found, live, vendor)
        expired = reason is None and found is not None and found.expires_at <= now
        if found is not None and found.used_at is None:
            await session.execute(
                update(OAuthState)
                .where(OAuthState.state_hash == hashed)
                .values(used_at=now)
                .execution_options(synchronize_session=False)
            )
        if reason is not None or expired:
            await _tell(session, live, vendor, reason or "expired", found)
    if reason is not None:
        raise StateInvalid(
            "This answer belongs to no sign-in that you began here, or was used before. Begin again."
        )
    if expired:
        raise StateExpired("This took longer than ten minutes. Begin again.")
    assert found is not None  # noqa: S101  # unknown is a reason
    return found


def _why_not(found: OAuthState | None, live: LiveSession, vendor: Vendor) -> str | None:
    if found is None:
        return "unknown"
    if found.used_at is not None:
        return "replayed"
    if found.tenant_id != live.here.tenant_id:
        return "foreign_tenant"
    if found.session_id != live.id or found.operator_id != live.operator.id:
        return "foreign_session"
    if found.vendor != vendor.value:
        return "foreign_provider"
    return None


async def _tell(
    session: AsyncSession, live: LiveSession, vendor: Vendor, reason: str, found: OAuthState | None
) -> None:
    OAUTH_STATES_REFUSED.labels(reason).inc()
    log.warning("oauth_state_refused", vendor=vendor.value, reason=reason, session_id=str(live.id))
    await write_security_event(
        session,
        "oauth_state",
        live.operator.email,
        reason,
        {
            "vendor": vendor.value,
            "operator_id": str(live.operator.id),
            "tenant_id": str(live.here.tenant_id),
            "begun_in_tenant": str(found.tenant_id) if found is not None else None,
            "begun_for": found.vendor if found is not None else None,
        },
    )


async def sweep_states(session: AsyncSession, tenant_id: UUID) -> int:
    """Forget the tenant's states that ended an hour ago; how many there were."""
    gone = await session.scalars(
        delete(OAuthState)
        .where(OAuthState.tenant_id == tenant_id, OAuthState.expires_at < func.now() - timedelta(hours=1))
        .returning(OAuthState.state_hash)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())
