"""What vendors' events do: the waiting apps that they may be about are looked at now. Nothing is believed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from services.shared.domain.provisioning.models import Action, Result
from services.shared.domain.provisioning.requesting import RESULT_APPLY
from services.shared.domain.provisioning.states import ActionState
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.optional import Heard

NO_ADDRESS = '$[*] ? (!(@ like_regex "@"))'
"""A name that is none, hence a login or an id."""
MOST = 100
"""Apps that one event has looked at, at most; the others are looked at in their own time."""


async def hasten_heard(uow: UnitOfWork, vendor: str, heard: Sequence[Heard]) -> int:
    """Look now at every invitation of this vendor that the event names; how many apps that are.

    Who was invited by address may be announced under a login that nobody here has heard of: then every invitation
    whose login is not known is looked at.
    """
    hastened: set[UUID] = set()
    for item in heard:
        names = [name.lower() for name in (item.remote_id, item.login, item.email) if name]
        found = await _find(uow, vendor, Action.known_as.has_any(cast(names, ARRAY(Text))))
        if not found and item.email is None and item.kind == "activated":
            found = await _find(uow, vendor, ~Action.known_as.path_exists(NO_ADDRESS))
        hastened |= found
    for result_id in sorted(hastened)[:MOST]:
        await uow.ensure_job(RESULT_APPLY, result_id, lane=vendor)
        await uow.session.execute(
            update(Action)
            .where(
                Action.tenant_id == uow.tenant_id,
                Action.result_id == result_id,
                Action.state == ActionState.AWAITING_ACCEPTANCE,
            )
            .values(look_at=func.clock_timestamp())
        )
    return min(len(hastened), MOST)


async def _find(uow: UnitOfWork, vendor: str, named: ColumnElement[bool]) -> set[UUID]:
    rows = await uow.session.scalars(
        select(Action.result_id)
        .join(
            Result,
            (Result.tenant_id == Action.tenant_id)
            & (Result.id == Action.result_id)
            & (Result.round == Action.round),
        )
        .where(
            Action.tenant_id == uow.tenant_id,
            Result.vendor == vendor,
            Action.state == ActionState.AWAITING_ACCEPTANCE,
            named,
        )
        .limit(MOST)
    )
    return set(rows)
