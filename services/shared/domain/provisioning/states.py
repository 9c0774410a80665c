"""States, and how the larger ones follow from the smaller."""

from collections.abc import Collection, Iterable
from enum import StrEnum


class RequestKind(StrEnum):
    ONBOARD = "onboard"
    CHANGE = "change"
    OFFBOARD = "offboard"


class RequestState(StrEnum):
    PLANNED = "planned"
    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    PARTIAL = "partial"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SCHEDULED = "scheduled"


class PlanState(StrEnum):
    PLANNING = "planning"
    READY = "ready"
    NEEDS_DECISION = "needs_decision"
    FAILED = "failed"
    APPLYING = "applying"
    APPLIED = "applied"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class AppPlanState(StrEnum):
    PLANNING = "planning"
    READY = "ready"
    NEEDS_DECISION = "needs_decision"
    FAILED = "failed"


class ResultState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    WAITING_RETRY = "waiting_retry"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    AWAITING_PERSON = "awaiting_person"
    SUCCESS = "success"
    PARTIAL = "partial"
    ERROR = "error"
    CANCELLED = "cancelled"


class ActionState(StrEnum):
    PENDING = "pending"
    RUNNING = "running"
    WAITING_RETRY = "waiting_retry"
    SETTLING = "settling"
    AWAITING_ACCEPTANCE = "awaiting_acceptance"
    """An invitation is out: the invited person must accept it."""
    AWAITING_PERSON = "awaiting_person"
    """A task for one of us: somebody must do it and say so."""
    DONE = "done"
    FAILED = "failed"
    BLOCKED = "blocked"
    CANCELLED = "cancelled"


class EffectState(StrEnum):
    INTENT = "intent"
    SENT = "sent"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"


RESULT_ENDED = frozenset({ResultState.SUCCESS, ResultState.PARTIAL, ResultState.ERROR, ResultState.CANCELLED})
REQUEST_ENDED = frozenset(
    {RequestState.COMPLETED, RequestState.PARTIAL, RequestState.FAILED, RequestState.CANCELLED}
)
ACTION_OPEN = frozenset(
    {ActionState.PENDING, ActionState.RUNNING, ActionState.WAITING_RETRY, ActionState.SETTLING}
)
ACTION_WAITING = frozenset({ActionState.AWAITING_ACCEPTANCE, ActionState.AWAITING_PERSON})
"""Begun, and in somebody else's hands. What depends on them has not begun."""
RESULT_WAITING = frozenset({ResultState.AWAITING_ACCEPTANCE, ResultState.AWAITING_PERSON})
"""Nothing goes on by itself; the request runs on without holding a worker."""
ACTION_RETRIABLE = frozenset({ActionState.FAILED, ActionState.BLOCKED, ActionState.CANCELLED})


def derive_result(actions: Collection[ActionState]) -> ResultState:
    """The state of a result of which nothing can go on by itself.

    What waits for one of us comes before what waits for the invited person: we can do something about it.
    """
    if ActionState.AWAITING_PERSON in actions:
        return ResultState.AWAITING_PERSON
    if ActionState.AWAITING_ACCEPTANCE in actions:
        return ResultState.AWAITING_ACCEPTANCE
    done = ActionState.DONE in actions
    if ActionState.FAILED in actions or ActionState.BLOCKED in actions:
        return ResultState.PARTIAL if done else ResultState.ERROR
    if ActionState.CANCELLED in actions:
        return ResultState.PARTIAL if done else ResultState.CANCELLED
    return ResultState.SUCCESS


def waits_for(results: Iterable[ResultState]) -> ResultState | None:
    """What people a request waits for; None where something goes on by itself, or all has ended.

    What waits for one of us comes before what waits for the invited person.
    """
    states = set(results)
    if not states <= RESULT_ENDED | RESULT_WAITING:
        return None
    order = (ResultState.AWAITING_PERSON, ResultState.AWAITING_ACCEPTANCE)
    return next((state for state in order if state in states), None)


def derive_request(results: Iterable[ResultState]) -> RequestState:
    """The state of a request that has begun."""
    states = set(results)
    if not states <= RESULT_ENDED:
        return RequestState.QUEUED if states == {ResultState.PENDING} else RequestState.RUNNING
    if states == {ResultState.SUCCESS}:
        return RequestState.COMPLETED
    if states == {ResultState.CANCELLED}:
        return RequestState.CANCELLED
    if states <= {ResultState.ERROR, ResultState.CANCELLED}:
        return RequestState.FAILED
    return RequestState.PARTIAL
