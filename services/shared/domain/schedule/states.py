"""States of a schedule and of its runs."""

from enum import StrEnum


class ScheduleState(StrEnum):
    PENDING = "pending"
    """Its time has not come; of a repeating one: nothing runs now, and there is a next time."""
    EXECUTING = "executing"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class RunState(StrEnum):
    DUE = "due"
    """Promised: a worker will make the request."""
    RUNNING = "running"
    """Its request exists: it is planned, applied, or waits for the vendors' people."""
    WAITING_RETRY = "waiting_retry"
    NEEDS_PERSON = "needs_person"
    """The request is planned and nobody guesses: a person decides and applies it."""
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"
    MISSED = "missed"
    """Its time passed while nobody could run it, longer ago than the grace, or behind a run that waits."""


RUN_ENDED = frozenset({RunState.COMPLETED, RunState.FAILED, RunState.CANCELLED, RunState.MISSED})
RUN_OPEN = frozenset(RunState) - RUN_ENDED


class Source(StrEnum):
    OPERATOR = "operator"
    TAG_RULE = "tag_rule"
