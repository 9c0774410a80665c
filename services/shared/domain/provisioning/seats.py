"""Free seats against what the tenant's other requests were promised: a batch is seen before anything is applied.

Nothing is kept for this. What others need is summed up when a plan is looked at, so two plans that are stored at the
same instant see each other, and a plan that lapses gives back what it was promised.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, text

from services.shared.domain.provisioning.models import AppPlan, Plan, Request
from services.shared.domain.provisioning.states import (
    ACTION_OPEN,
    ActionState,
    AppPlanState,
    PlanState,
    RequestState,
)
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.contract import Notice, SeatUse
from services.shared.sdk.contract import Plan as ProviderPlan
from services.shared.sdk.errors import ErrorCode

Promised = Mapping[tuple[str, str], int]
"""Seats by app and seat key."""

OPEN_PLANS = frozenset({PlanState.READY, PlanState.NEEDS_DECISION})
_NOBODY = datetime(1970, 1, 1, tzinfo=UTC)

_PROMISED = text("""
    WITH planned AS (
        -- Plans that somebody looked at and may still apply, or that are being started.
        SELECT request.employee_id, part.app, seat.value
          FROM api.plans plan
          JOIN api.requests request ON request.tenant_id = plan.tenant_id AND request.id = plan.request_id
          JOIN api.app_plans part ON part.tenant_id = plan.tenant_id AND part.plan_id = plan.id
         CROSS JOIN LATERAL jsonb_array_elements(part.document -> 'seats') seat
         WHERE plan.tenant_id = :tenant AND request.employee_id <> :employee
           AND (plan.state = :applying OR plan.expires_at > now())
           AND (plan.state IN (:ready, :applying)
                OR (plan.state = :needs_decision AND request.state = :request_planned))
           AND part.state = :part_ready AND part.app IN :apps AND seat.value ->> 'key' IN :keys
    ), begun AS (
        -- Apps that are being applied, or have ended since the vendor was read, with the action that takes the seat.
        SELECT request.employee_id, result.app, seat.value, taking.state, taking.at, result.finished_at
          FROM api.results result
          JOIN api.requests request ON request.tenant_id = result.tenant_id AND request.id = result.request_id
         CROSS JOIN LATERAL (
            SELECT part.document
              FROM api.plans plan
              JOIN api.app_plans part
                ON part.tenant_id = plan.tenant_id AND part.plan_id = plan.id AND part.result_id = result.id
             WHERE plan.tenant_id = result.tenant_id AND plan.request_id = result.request_id
               AND plan.state NOT IN (:ready, :superseded) AND part.document IS NOT NULL
             ORDER BY plan.created_at DESC, plan.id DESC LIMIT 1
         ) latest
         CROSS JOIN LATERAL jsonb_array_elements(latest.document -> 'seats') seat
          LEFT JOIN LATERAL (
            SELECT action.state, coalesce(action.finished_at, action.sent_at) AS at
              FROM api.actions action
             WHERE action.tenant_id = result.tenant_id AND action.result_id = result.id AND action.round = result.round
               AND (action.kind IN ('create', 'invite', 'update', 'grant_role', 'add_to_group', 'manual_task')
                    OR action.kind = 'assign_license'
                    AND (action.target = seat.value ->> 'name'
                         OR right(action.key, length(seat.value ->> 'key') + 1) = ':' || (seat.value ->> 'key')))
             ORDER BY CASE WHEN action.kind = 'assign_license' THEN 0
                           WHEN action.kind IN ('create', 'invite') THEN 1 ELSE 2 END, action.ordinal
             LIMIT 1
         ) taking ON true
         WHERE result.tenant_id = :tenant AND request.employee_id <> :employee
           AND result.round > 0 AND (result.finished_at IS NULL OR result.finished_at >= :read_at)
           AND result.app IN :apps AND seat.value ->> 'key' IN :keys
    ), wanted AS (
        SELECT employee_id, app, value FROM planned
        UNION ALL
        SELECT employee_id, app, value FROM begun
         WHERE state IN :open OR (state IN (:done, :awaiting) AND at >= :read_at)
            OR (state IS NULL AND finished_at IS NULL)
    ), each AS (
        -- Several requests for one person need one seat.
        SELECT employee_id, app, value ->> 'key' AS key, max((value ->> 'needed')::int) AS needed
          FROM wanted GROUP BY 1, 2, 3
    )
    SELECT app, key, sum(needed) FROM each GROUP BY 1, 2
""").bindparams(
    bindparam("apps", expanding=True), bindparam("keys", expanding=True), bindparam("open", expanding=True)
)


def seats_of(part: AppPlan) -> tuple[SeatUse, ...]:
    """The seats that an app's part of a plan would use."""
    return ProviderPlan.model_validate(part.document).seats if part.document is not None else ()


async def promised_to_others(
    uow: UnitOfWork, request: Request, plan: Plan, parts: Sequence[AppPlan]
) -> Promised:
    """How many seats of each kind that this plan uses other people's requests were promised.

    Counted are: open plans that have not lapsed; what is queued or running and has not taken its seat; and what has
    taken one since the vendor was read for this plan, as its number of free seats does not show that. Nothing is
    counted for a plan that can no longer be applied.
    """
    keys = {(part.app, seat.key) for part in parts for seat in seats_of(part)}
    if not keys or plan.state not in OPEN_PLANS:
        return {}
    values: dict[str, Any] = {
        "tenant": uow.tenant_id,
        "employee": request.employee_id,
        "read_at": plan.read_at or plan.created_at or _NOBODY,
        "apps": sorted({app for app, _ in keys}),
        "keys": sorted({key for _, key in keys}),
        "open": sorted(ACTION_OPEN | {ActionState.AWAITING_PERSON}),
        "ready": PlanState.READY,
        "applying": PlanState.APPLYING,
        "superseded": PlanState.SUPERSEDED,
        "needs_decision": PlanState.NEEDS_DECISION,
        "request_planned": RequestState.PLANNED,
        "part_ready": AppPlanState.READY,
        "done": ActionState.DONE,
        "awaiting": ActionState.AWAITING_ACCEPTANCE,
    }
    rows = await uow.session.execute(_PROMISED, values)
    return {(app, key): int(needed) for app, key, needed in rows if (app, key) in keys}


def left_after(seat: SeatUse, reserved: int) -> int | None:
    """Seats that remain when this plan and the others have taken theirs; below zero they do not reach.

    None where the vendor does not tell.
    """
    return None if seat.free is None else seat.free - reserved - seat.needed


def shortage(seat: SeatUse, reserved: int) -> Notice | None:
    """What to tell when the seats do not reach, before anything is applied."""
    left = left_after(seat, reserved)
    if left is None or left >= 0:
        return None
    needed = f"{reserved} needed by requests already planned" if reserved else f"{seat.needed} needed"
    free = max(seat.free or 0, 0)  # below zero where the vendor lets more be taken than were bought
    message = f"{seat.name}: {free} free, {needed}. Buy {-left} or pick another licence."
    return Notice(code=ErrorCode.NO_SEATS, message=message)


def notices_of(made: ProviderPlan, app: str, promised: Promised) -> list[Notice]:
    """A plan's warnings: the provider's, then ours about seats that it could not know of, or did not name."""
    told = [notice.message for notice in made.notices if notice.code == ErrorCode.NO_SEATS]
    found = list(made.notices)
    for seat in made.seats:
        reserved = promised.get((app, seat.key), 0)
        notice = shortage(seat, reserved)
        if notice and (reserved or not any(seat.name in message for message in told)):
            found.append(notice)
    return found
