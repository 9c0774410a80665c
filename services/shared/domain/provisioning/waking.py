"""A request that a schedule made wakes its run when it gets somewhere."""

from uuid import UUID

from sqlalchemy import func, select, update

from services.shared.kit.jobs.model import Job, JobState
from services.shared.kit.uow import UnitOfWork

SCHEDULE_FIRE = "schedule.fire"


async def wake_run(uow: UnitOfWork, run_id: UUID | None) -> None:
    """Make the waiting job of a request's run due now, if a schedule made the request.

    It waits for nobody: a job that somebody holds is left alone, and looks again by itself before long. So whoever
    holds a request may call this without minding the order of locks.
    """
    if run_id is not None:
        await wake_job_of(uow, run_id)


async def wake_job_of(uow: UnitOfWork, run_id: UUID) -> None:
    """Make the waiting job of a run due now. It waits for nobody, as above."""
    waiting = (
        select(Job.id)
        .where(
            Job.tenant_id == uow.tenant_id,
            Job.subject_id == run_id,
            Job.kind == SCHEDULE_FIRE,
            Job.state == JobState.QUEUED,
        )
        .with_for_update(skip_locked=True)
    )
    woken = await uow.session.scalars(
        update(Job)
        .where(Job.tenant_id == uow.tenant_id, Job.id.in_(waiting))
        .values(run_at=func.now())
        .returning(Job.id)
    )
    uow.rings.extend((SCHEDULE_FIRE, job_id) for job_id in woken)
