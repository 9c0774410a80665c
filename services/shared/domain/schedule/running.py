"""What becomes of a run: its request is made, planned afresh, applied, and followed to its end.

The worker calls `advance_run` again and again, under its job's fence: when the request or its plan got somewhere
(`provisioning.waking`), and now and then besides. Nobody guesses: a plan that needs a person is left to one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from services.shared.domain.provisioning.models import AppPlan, Plan, Request
from services.shared.domain.provisioning.planning import apply_plan
from services.shared.domain.provisioning.repository import (
    PlanRepository,
    RequestRepository,
    ResultRepository,
)
from services.shared.domain.provisioning.requesting import create_request, plan_again
from services.shared.domain.provisioning.seats import seats_of, shortage
from services.shared.domain.provisioning.states import (
    REQUEST_ENDED,
    AppPlanState,
    PlanState,
    RequestState,
)
from services.shared.domain.provisioning.steering import retry_request
from services.shared.domain.schedule.ending import end_run, note_run
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.domain.schedule.repository import RunRepository, ScheduleRepository
from services.shared.domain.schedule.service import PLANNED_BY
from services.shared.domain.schedule.states import RUN_ENDED, RunState
from services.shared.domain.schedule.telling import schedule_actor
from services.shared.domain.schedule.wishing import wish_of
from services.shared.kit.errors import DomainError
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.errors import ErrorCode

MOST_WAITING = 10
"""Runs of one schedule that wait behind one that is under way; the newest ones."""
SELDOM = timedelta(seconds=60)
HOUR = timedelta(hours=1)
FOR_PEOPLE = frozenset(
    {
        ErrorCode.NO_SEATS,
        ErrorCode.ALREADY_EXISTS,
        ErrorCode.AUTH_EXPIRED,
        ErrorCode.MISSING_SCOPE,
        ErrorCode.NOT_ENTITLED,
        ErrorCode.INVALID_FIELD,
        ErrorCode.DOMAIN_NOT_VERIFIED,
    }
)
"""Trying again does not help against these."""
DECISIONS = frozenset({ErrorCode.NO_SEATS, ErrorCode.ALREADY_EXISTS, ErrorCode.AUTH_EXPIRED})
"""One app of these is enough to leave the whole plan to a person. The last one: it is not connected, or no longer."""


@dataclass(frozen=True, slots=True)
class _Run:
    """A run that is held, with a unit of work in its schedule's name."""

    uow: UnitOfWork
    run: ScheduleRun
    schedule: Schedule
    now: datetime


async def advance_run(uow: UnitOfWork, run_id: UUID) -> timedelta | None:
    """Bring a run as far as it goes now; when to look again, or None when it has ended."""
    held = await _hold(uow, run_id)
    if held is None:
        return None
    if held.run.request_id is None:
        return await _begin(held)
    # Held until this look is over: whatever ends it meanwhile waits, and then wakes a job that sleeps already.
    request = await RequestRepository(uow).find(held.run.request_id, lock=True)
    if request is None:
        return await _end(held, RunState.FAILED, "Its request is gone.")
    return await _follow(held, request)


async def lose_run(uow: UnitOfWork, run_id: UUID, why: str) -> None:
    """The workers of this run died again and again: say so, and stop."""
    held = await _hold(uow, run_id)
    if held is not None:
        await _end(held, RunState.FAILED, why)


async def _hold(uow: UnitOfWork, run_id: UUID) -> _Run | None:
    """The schedule's row first, then the run's: as those do who cancel."""
    schedule = await ScheduleRepository(uow).of_run(run_id)
    held = await RunRepository(uow).hold(run_id)
    if schedule is None or held is None or held[0].state in RUN_ENDED:
        return None
    run, now = held
    return _Run(replace(uow, actor=schedule_actor(schedule)), run, schedule, now)


# Making the request


async def _begin(held: _Run) -> timedelta | None:
    uow, run, schedule = held.uow, held.run, held.schedule
    others = await RunRepository(uow).open_of(schedule.id)
    before = [other for other in others if other.fire_at < run.fire_at]
    if any(other.state == RunState.NEEDS_PERSON for other in before):
        message = "The run before it still waits for a person."
        return await _end(held, RunState.MISSED, message)
    if before and sum(other.fire_at > run.fire_at for other in others) >= MOST_WAITING:
        message = (
            "The run before it was still under way, and later ones of this schedule wait: they do the same."
        )
        return await _end(held, RunState.MISSED, message)
    if before:
        return SELDOM  # whichever ends wakes the next one
    wish = wish_of(schedule.body, tags=schedule.tags)
    try:
        async with uow.session.begin_nested():
            request = await create_request(uow, wish, schedule_run_id=run.id)
    except DomainError as error:
        return await _end(held, RunState.FAILED, str(error))
    run.request_id = request.id
    run.started_at = schedule.executed_at = held.now
    note_run(uow, schedule, run, RunState.RUNNING)
    return PLANNED_BY


# Following it


async def _follow(held: _Run, request: Request) -> timedelta | None:
    state, run = RequestState(request.state), held.run
    if state in REQUEST_ENDED:
        return await _after_request(held, request)
    if state == RequestState.PLANNED:
        if run.state == RunState.WAITING_RETRY:
            return await _retry(held, request, run.error_message)
        return await _look_at_plan(held, request) if run.state == RunState.RUNNING else _later(held)
    if run.state != RunState.RUNNING:
        # A person has decided, and applied it.
        note_run(held.uow, held.schedule, run, RunState.RUNNING)
    return _later(held)


async def _after_request(held: _Run, request: Request) -> timedelta | None:
    if request.state == RequestState.COMPLETED:
        return await _end(held, RunState.COMPLETED)
    if request.state == RequestState.CANCELLED:
        return await _end(held, RunState.CANCELLED, "Its request was cancelled.")
    message, helps = await _first_error(held.uow, request)
    if helps and held.run.state != RunState.NEEDS_PERSON:
        return await _retry(held, request, message)
    return await _end(held, RunState.FAILED, message)


async def _end(held: _Run, state: RunState, message: str | None = None) -> timedelta | None:
    await end_run(held.uow, held.schedule, held.run, state, message)
    return None


def _later(held: _Run) -> timedelta:
    """Looks become rarer: whatever happens wakes the run, and this is for when that was lost."""
    age = held.now - (held.run.started_at or held.now)
    return min(max(age / 4, SELDOM), HOUR)


async def _look_at_plan(held: _Run, request: Request) -> timedelta | None:
    plan = await PlanRepository(held.uow).latest(request.id)
    if plan is None or plan.state == PlanState.PLANNING:
        return _later(held)
    if plan.state in {PlanState.APPLYING, PlanState.APPLIED}:
        return SELDOM
    parts = await PlanRepository(held.uow).parts(plan.id)
    if reason := _needs_person(plan, parts):
        note_run(held.uow, held.schedule, held.run, RunState.NEEDS_PERSON, reason)
        return _later(held)
    if plan.state == PlanState.FAILED:
        return await _retry(held, request, _message(parts))
    lapsed = plan.expires_at is not None and plan.expires_at <= held.now
    if plan.state != PlanState.READY or lapsed:
        await plan_again(held.uow, request.id)
        return SELDOM
    await apply_plan(held.uow, request.id, plan.id, {})
    return SELDOM


def _needs_person(plan: Plan, parts: Sequence[AppPlan]) -> str | None:
    """Why nobody but a person can go on with this plan; None when it can be applied or tried again.

    Seats are those that the vendor has now: what other plans hope for is no reason for all of them to wait.
    """
    if plan.state == PlanState.NEEDS_DECISION:
        return _choice(parts)
    codes = {str((part.error or {}).get("code")) for part in parts if part.state == AppPlanState.FAILED}
    if codes & DECISIONS or (plan.state == PlanState.FAILED and codes <= FOR_PEOPLE):
        return _message(parts)
    if plan.state != PlanState.READY:
        return None
    return next(
        (short.message for part in parts for seat in seats_of(part) if (short := shortage(seat, 0))), None
    )


def _choice(parts: Sequence[AppPlan]) -> str:
    for part in parts:
        choices: Sequence[dict[str, Any]] = (part.document or {}).get("choices", ())
        for choice in choices:
            return f"{part.app}: {choice['message']}"
    return "The plan has a choice that a person must take."


def _message(parts: Sequence[AppPlan]) -> str:
    found = next((part for part in parts if part.error), None)
    if found is None or found.error is None:
        return "It could not be planned."
    return f"{found.app}: {found.error.get('message')}"


async def _first_error(uow: UnitOfWork, request: Request) -> tuple[str, bool]:
    """What went wrong first, and whether trying again may help."""
    errors = [
        (result.app, result.error)
        for result in await ResultRepository(uow).of_requests([request.id])
        if result.error
    ]
    if not errors:
        return f"Its request is {request.state}.", True
    app, error = errors[0]
    return f"{app}: {error.get('message')}", any(one.get("code") not in FOR_PEOPLE for _, one in errors)


# Trying again


async def _retry(held: _Run, request: Request, message: str | None) -> timedelta | None:
    """Wait for the next try, or take it when its time has come."""
    uow, run, schedule = held.uow, held.run, held.schedule
    if run.state != RunState.WAITING_RETRY:
        if run.retry_count >= run.max_retries:
            return await _end(held, RunState.FAILED, message)
        delay = timedelta(seconds=run.retry_seconds * 2**run.retry_count)
        run.next_try_at = held.now + delay
        note_run(uow, schedule, run, RunState.WAITING_RETRY, message)
        return delay
    if run.next_try_at is not None and run.next_try_at > held.now:
        return run.next_try_at - held.now
    run.retry_count += 1
    run.next_try_at = None
    try:
        async with uow.session.begin_nested():
            if request.state == RequestState.PLANNED:
                await plan_again(uow, request.id)
            else:
                await retry_request(uow, request.id)
    except DomainError as error:
        return await _end(held, RunState.FAILED, message or str(error))
    note_run(uow, schedule, run, RunState.RUNNING)
    return SELDOM
