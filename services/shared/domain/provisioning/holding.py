"""The order in which everybody takes locks, so that nobody waits for anybody in a circle.

A worker that applies takes its job's row, then its app's and actions' rows, then the request's. So whoever changes
an app from outside takes first the right to do so (one at a time for each request, since the job may not be there
yet), then the job's row, then the request's, then the others.
"""

from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true

from services.shared.domain.provisioning.models import Result
from services.shared.domain.provisioning.requesting import RESULT_APPLY
from services.shared.kit.jobs.model import Job, JobState
from services.shared.kit.uow import UnitOfWork


async def hold_request(uow: UnitOfWork, request_id: UUID) -> None:
    """The right to change this request's apps, until the transaction ends. Workers that apply do not need it."""
    key = func.hashtextextended(f"oneclick request {request_id}", 0)
    await uow.session.execute(select(func.pg_advisory_xact_lock(key)))


async def hold_apps(uow: UnitOfWork, request_id: UUID, which: ColumnElement[bool] | None = None) -> None:
    """The same, and keep workers from recording anything about these apps (all of them, when not said)."""
    await hold_request(uow, request_id)
    subjects = select(Result.id).where(
        Result.tenant_id == uow.tenant_id,
        Result.request_id == request_id,
        true() if which is None else which,
    )
    await uow.session.execute(
        select(Job.id)
        .where(
            Job.tenant_id == uow.tenant_id,
            Job.kind == RESULT_APPLY,
            Job.state.in_([JobState.QUEUED, JobState.RUNNING]),
            Job.subject_id.in_(subjects),
        )
        .order_by(Job.id)
        .with_for_update()
    )
