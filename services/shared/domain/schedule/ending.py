"""How a run and its schedule end, or what they wait for."""

from sqlalchemy import func

from services.shared.domain.provisioning.waking import wake_job_of
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.domain.schedule.repository import RunRepository
from services.shared.domain.schedule.states import RunState, ScheduleState
from services.shared.domain.schedule.telling import tell_run, tell_schedule, write_down
from services.shared.kit.uow import UnitOfWork

ENDS = {
    RunState.COMPLETED: ScheduleState.COMPLETED,
    RunState.FAILED: ScheduleState.FAILED,
    RunState.MISSED: ScheduleState.FAILED,
    RunState.CANCELLED: ScheduleState.CANCELLED,
}


def note_run(
    uow: UnitOfWork, schedule: Schedule, run: ScheduleRun, state: RunState, message: str | None = None
) -> None:
    """A run goes on, or waits. Somebody is told when it waits for a person."""
    run.state = state
    run.error_message = message
    schedule.error_message = message
    schedule.retry_count = run.retry_count
    schedule.needs_person = state == RunState.NEEDS_PERSON
    tell_run(uow, run, "needs_person" if schedule.needs_person else None)
    tell_schedule(uow, schedule)
    if schedule.needs_person:
        write_down(uow, "needs_person", schedule, after={"run_id": str(run.id), "reason": message})


async def end_run(
    uow: UnitOfWork, schedule: Schedule, run: ScheduleRun, state: RunState, message: str | None = None
) -> None:
    """A run is over, and so is its schedule unless there is a next time. Both rows are held."""
    run.state = state
    run.error_message = message
    run.next_try_at = None
    run.finished_at = func.now()
    schedule.error_message = message
    schedule.retry_count = run.retry_count
    schedule.needs_person = False
    await uow.session.flush()
    if schedule.state != ScheduleState.CANCELLED:
        if waiting := await RunRepository(uow).open_of(schedule.id):
            schedule.state = ScheduleState.EXECUTING
            await wake_job_of(uow, waiting[0].id)
        elif schedule.next_fire_at is not None:
            schedule.state = ScheduleState.PENDING
            schedule.at = schedule.next_fire_at
        else:
            schedule.state = ENDS[state]
    await uow.session.flush()
    tell_run(uow, run, str(state))
    tell_schedule(uow, schedule)
    write_down(uow, f"run_{state}", schedule, after={"fire_at": run.fire_at.isoformat(), "message": message})
