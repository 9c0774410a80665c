"""What vendors' events do: the waiting apps that they may be about are looked at now. Nothing is believed."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, Text, cast, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from services.shared.domain.provisioning.holding import hold_request
from services.shared.domain.provisioning.models import Action, Result
from services.shared.domain.provisioning.requesting import RESULT_APPLY
from services.shared.domain.provisioning.states import ActionState
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.optional import Heard

NO_ADDRESS = '$[*] ? (!(@ like_regex "@"))'
"""A name that is none, hence a login or an id."""
MOST = 100
"""Apps that one event has looked at, at most; the others are looked at in their own time."""


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """A waiting app of a request."""

    request_id: UUID
    result_id: UUID


async def hasten_heard(uow: UnitOfWork, vendor: str, heard: Sequence[Heard]) -> int:
    """Look now at every invitation of this vendor that the event names; how many apps that are.

    Who was invited by address may be announced under a login that nobody here has heard of: then every invitation
    whose login is not known is looked at.
    """
    found: set[_Place] = set()
    for item in heard:
        found |= await _meant(uow, vendor, item)
    places = sorted(found)[:MOST]
    for request_id in sorted({place.request_id for place in places}):
        await hold_request(uow, request_id)
    for place in places:
        await uow.ensure_job(RESULT_APPLY, place.result_id, lane=vendor)
        await uow.session.execute(
            update(Action)
            .where(
                Action.tenant_id == uow.tenant_id,
                Action.result_id == place.result_id,
                Action.state == ActionState.AWAITING_ACCEPTANCE,
            )
            .values(look_at=func.clock_timestamp())
        )
    return len(places)


async def _meant(uow: UnitOfWork, vendor: str, item: Heard) -> set[_Place]:
    names = [name.lower() for name in (item.remote_id, item.login, item.email) if name]
    found = await _find(uow, vendor, Action.known_as.has_any(cast(names, ARRAY(Text))))
    if found or item.email is not None or item.kind != "activated":
        return found
    return await _find(uow, vendor, ~Action.known_as.path_exists(NO_ADDRESS))


async def _find(uow: UnitOfWork, vendor: str, named: ColumnElement[bool]) -> set[_Place]:
    rows = await uow.session.execute(
        select(Action.request_id, Action.result_id)
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
    return {_Place(row.request_id, row.result_id) for row in rows}
