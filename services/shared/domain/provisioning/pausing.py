"""An account that must be reconnected pauses its apps: nothing fails, and everything goes on when it is back.

Whoever finds the consent gone puts the app back for `PAUSE`, so a lost wake-up costs minutes and no work.
"""

from datetime import timedelta

from sqlalchemy import func, select, update

from services.shared.domain.provisioning.models import Action, Request, Result
from services.shared.domain.provisioning.requesting import RESULT_APPLY
from services.shared.domain.provisioning.states import RESULT_ENDED, ActionState
from services.shared.kit.jobs.model import Job, JobState
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.errors import ConsentLost, ErrorCode, ProviderError

PAUSE = timedelta(minutes=5)
PAGE = "/admin/connections"


def pauses(error: ProviderError) -> bool:
    """Whether a person must reconnect the account, after which this goes on by itself."""
    return isinstance(error, ConsentLost) and error.code is ErrorCode.AUTH_EXPIRED


def paused(why: Explained) -> Explained:
    """The same, said by something that waits for the account."""
    return why.model_copy(
        update={
            "remedy": "Reconnect the account under Connected accounts: this goes on by itself then.",
            "link_label": "Connected accounts",
            "link_url": PAGE,
        }
    )


async def resume_vendor(uow: UnitOfWork, vendor: str) -> int:
    """Make whatever waits for this vendor's account due now; how many apps of requests.

    It waits for nobody: what somebody holds is left alone, and looks again by itself.
    """
    held = (
        select(Action.id)
        .join(Result, (Result.tenant_id == Action.tenant_id) & (Result.id == Action.result_id))
        .where(
            Action.tenant_id == uow.tenant_id,
            Result.vendor == vendor,
            Action.state == ActionState.WAITING_RETRY,
            Action.error["code"].astext == ErrorCode.AUTH_EXPIRED,
        )
        .with_for_update(of=Action, skip_locked=True)
    )
    await uow.session.execute(
        update(Action)
        .where(Action.tenant_id == uow.tenant_id, Action.id.in_(held))
        .values(next_try_at=func.now())
    )
    waiting = (
        select(Job.id)
        .join(Result, (Result.tenant_id == Job.tenant_id) & (Result.id == Job.subject_id))
        .where(
            Job.tenant_id == uow.tenant_id,
            Job.kind == RESULT_APPLY,
            Job.state == JobState.QUEUED,
            Job.run_at > func.now(),
            Result.vendor == vendor,
        )
        .with_for_update(of=Job, skip_locked=True)
    )
    woken = (
        await uow.session.scalars(
            update(Job)
            .where(Job.tenant_id == uow.tenant_id, Job.id.in_(waiting))
            .values(run_at=func.now())
            .returning(Job.id)
            .execution_options(synchronize_session=False)
        )
    ).all()
    uow.rings.extend((RESULT_APPLY, job_id) for job_id in woken)
    return len(woken)


async def count_open(uow: UnitOfWork, vendor: str) -> int:
    """Requests that have not ended with an app of this vendor."""
    return (
        await uow.session.scalar(
            select(func.count(func.distinct(Request.id)))
            .join(Result, (Result.tenant_id == Request.tenant_id) & (Result.request_id == Request.id))
            .where(
                Request.tenant_id == uow.tenant_id,
                Request.finished_at.is_(None),
                Request.started_at.is_not(None) | (Request.dry_run.is_(False)),
                Result.vendor == vendor,
                Result.state.not_in(RESULT_ENDED),
            )
        )
    ) or 0
