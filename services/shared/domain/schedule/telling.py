"""What is told about schedules, to live pages, to people who must act, and to the audit log."""

from typing import Any

from services.shared.domain.audit import service as audit
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.uow import UnitOfWork


def schedule_actor(schedule: Schedule) -> Actor:
    """In whose name a schedule acts: its own, which says who made it."""
    return Actor(ActorKind.SCHEDULE, str(schedule.id), f"Schedule of {schedule.actor_name}")


def tell_schedule(uow: UnitOfWork, schedule: Schedule) -> None:
    """A schedule changed."""
    uow.emit("schedule.changed", schedule.id, {"schedule_id": str(schedule.id), "state": schedule.state})


def tell_run(uow: UnitOfWork, run: ScheduleRun, what: str | None = None) -> None:
    """A run got somewhere. `what` names an end or an alert: `needs_person`, `missed`, `failed`, `completed`."""
    data: dict[str, Any] = {
        "schedule_id": str(run.schedule_id),
        "run_id": str(run.id),
        "request_id": str(run.request_id) if run.request_id else None,
        "fire_at": run.fire_at.isoformat(),
        "state": run.state,
    }
    uow.emit("schedule_run.changed", run.schedule_id, data)
    if what is not None:
        uow.emit(f"schedule.{what}", run.schedule_id, {**data, "message": run.error_message})


def write_down(
    uow: UnitOfWork,
    what: str,
    schedule: Schedule,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """One entry of the audit log about a schedule."""
    audit.write_down(
        uow,
        f"schedule.{what}",
        target_kind="schedule",
        target_id=schedule.id,
        target_label=schedule.work_email,
        before=before,
        after=after,
    )


def said_of(schedule: Schedule) -> dict[str, Any]:
    """A schedule as the audit log shows it."""
    return {
        "next_fire_at": schedule.next_fire_at.isoformat() if schedule.next_fire_at else None,
        "time_zone": schedule.time_zone,
        "recurrence": schedule.recurrence,
        "priority": schedule.priority,
        "tags": schedule.tags,
        "state": schedule.state,
    }
