"""What waits for its time is no backlog, and what is gone is not shown for ever."""

from __future__ import annotations

from prometheus_client import REGISTRY

from services.shared.kit.jobs.ledger import measure_depth
from services.worker.metrics import set_depth
from tests.fixtures.yard import Yard


def _shown(name: str, **labels: str) -> float | None:
    return REGISTRY.get_sample_value(name, {"kind": "result.apply", **labels})


async def test_an_invitation_that_waits_is_no_backlog(yard: Yard) -> None:
    request_id, _ = await yard.request()
    yard.database.psql("UPDATE api.jobs SET run_at = now() - interval '90 seconds' WHERE state = 'queued'")
    set_depth(await measure_depth(yard.worker))
    assert _shown("oneclick_jobs_waiting", state="queued") == 1
    assert (_shown("oneclick_oldest_due_job_seconds") or 0) >= 90
    await yard.work()
    assert (await yard.states(request_id))["app"] == "awaiting_acceptance"
    set_depth(await measure_depth(yard.worker))
    assert _shown("oneclick_jobs_waiting", state="queued") == 0
    assert _shown("oneclick_jobs_waiting", state="later") == 1
    assert _shown("oneclick_oldest_due_job_seconds") == 0
