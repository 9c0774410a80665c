"""First passwords: stored before the account is made, shown to one person once, then gone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import entry, write
from services.auth.first_password.models import FirstPassword
from services.auth.metrics import FIRST_PASSWORDS
from services.auth.tenant.models import Tenant
from services.auth.tenant.service import TenantNotFound
from services.auth.vault.context import Context
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault, kek_id_of
from services.shared.kit.actors import Actor, ActorKind, service_actor
from services.shared.kit.errors import DomainError, Kind, NotFound


class State(StrEnum):
    SEALED = "sealed"
    REVEALED = "revealed"
    EXPIRED = "expired"


class FirstPasswordNotFound(NotFound):
    code: ClassVar[str] = "first_password_not_found"


class AlreadyRevealed(DomainError):
    kind: ClassVar[Kind] = Kind.GONE
    code: ClassVar[str] = "already_revealed"


class Expired(DomainError):
    kind: ClassVar[Kind] = Kind.GONE
    code: ClassVar[str] = "expired"


@dataclass(frozen=True, slots=True)
class StateNow:
    """What may be known about a first password without seeing it."""

    state: State
    expires_at: datetime


def password_context(tenant_id: UUID, action_id: UUID) -> Context:
    """What a first password is bound to."""
    return Context(tenant_id, action_id, "first_password.password")


async def ensure_first_password(
    session: AsyncSession,
    vault: Vault,
    *,
    tenant_id: UUID,
    action_id: UUID,
    request_id: UUID,
    app: str,
    password: Secret,
    lifetime: timedelta,
) -> Secret:
    """The action's password: the first one ever stored wins, so that a repeated create uses the same.

    Raises:
        AlreadyRevealed, Expired: it was there and is gone; the account must get another by a reset.
        TenantNotFound: there is no such tenant.
    """
    if await session.scalar(select(Tenant.id).where(Tenant.id == tenant_id)) is None:
        raise TenantNotFound("There is no such tenant.")
    envelope = await vault.seal(password_context(tenant_id, action_id), password)
    stored = await session.scalar(
        insert(FirstPassword)
        .values(
            tenant_id=tenant_id,
            action_id=action_id,
            request_id=request_id,
            app=app,
            envelope=envelope,
            kek_id=kek_id_of(envelope),
            expires_at=func.now() + lifetime,
        )
        .on_conflict_do_nothing(index_elements=[FirstPassword.tenant_id, FirstPassword.action_id])
        .returning(FirstPassword.action_id)
    )
    if stored is not None:
        FIRST_PASSWORDS.labels("stored").inc()
        return password
    row, now = await _get(session, tenant_id, action_id, lock=False)
    return await _open(vault, row, now)


async def reveal_first_password(
    session: AsyncSession, vault: Vault, *, tenant_id: UUID, action_id: UUID, operator_id: UUID
) -> Secret:
    """The password, for the one and only time; it is erased in the caller's transaction.

    Raises:
        FirstPasswordNotFound: there is none.
        AlreadyRevealed, Expired: it is gone.
    """
    row, now = await _get(session, tenant_id, action_id, lock=True)
    password = await _open(vault, row, now)
    row.envelope, row.kek_id = None, None
    row.revealed_at, row.revealed_by = now, operator_id
    await session.flush()
    await write(
        session,
        entry(
            tenant_id,
            Actor(ActorKind.OPERATOR, str(operator_id), ""),
            "first_password.revealed",
            ("action", str(action_id)),
            app=row.app,
            request_id=str(row.request_id),
        ),
    )
    FIRST_PASSWORDS.labels("revealed").inc()
    return password


async def get_state(session: AsyncSession, tenant_id: UUID, action_id: UUID) -> StateNow:
    """How it is.

    Raises:
        FirstPasswordNotFound: there is none.
    """
    row, now = await _get(session, tenant_id, action_id, lock=False)
    return StateNow(_state(row, now), row.expires_at)


async def forget_first_password(
    session: AsyncSession, *, tenant_id: UUID, action_id: UUID, caller: str
) -> None:
    """Remove it: the account was never made. Repeats safely."""
    gone = await session.scalar(
        delete(FirstPassword)
        .where(FirstPassword.tenant_id == tenant_id, FirstPassword.action_id == action_id)
        .returning(FirstPassword.action_id)
    )
    if gone is not None:
        await write(
            session,
            entry(tenant_id, service_actor(caller), "first_password.forgotten", ("action", str(action_id))),
        )
        FIRST_PASSWORDS.labels("forgotten").inc()


async def erase_expired(session: AsyncSession, tenant_id: UUID) -> int:
    """Erase what nobody looked at in time; that it was there is kept. How many there were."""
    erased = await session.scalars(
        update(FirstPassword)
        .where(
            FirstPassword.tenant_id == tenant_id,
            FirstPassword.envelope.is_not(None),
            FirstPassword.expires_at <= func.now(),
        )
        .values(envelope=None, kek_id=None)
        .returning(FirstPassword.action_id)
        .execution_options(synchronize_session=False)
    )
    return len(erased.all())


async def _get(
    session: AsyncSession, tenant_id: UUID, action_id: UUID, *, lock: bool
) -> tuple[FirstPassword, datetime]:
    statement = select(FirstPassword, func.clock_timestamp()).where(
        FirstPassword.tenant_id == tenant_id, FirstPassword.action_id == action_id
    )
    if lock:
        statement = statement.with_for_update()
    found = (await session.execute(statement)).one_or_none()
    if found is None:
        raise FirstPasswordNotFound("There is no first password for this action.")
    return found[0], found[1]


def _state(row: FirstPassword, now: datetime) -> State:
    if row.revealed_at is not None:
        return State.REVEALED
    return State.EXPIRED if row.envelope is None or row.expires_at <= now else State.SEALED


async def _open(vault: Vault, row: FirstPassword, now: datetime) -> Secret:
    state = _state(row, now)
    if state is State.REVEALED:
        raise AlreadyRevealed("This password was already shown. If it is lost, reset it in the app.")
    if state is State.EXPIRED or row.envelope is None:
        raise Expired("This password was not looked at in time and is gone. Reset it in the app.")
    return await vault.open(password_context(row.tenant_id, row.action_id), row.envelope)
