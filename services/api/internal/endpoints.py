"""`/api/internal`: for the other services, by X-Service-Token. Not proxied by the bff."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header

from services.api.dependencies import Backends, get_backends
from services.api.wire import Read
from services.shared.kit.jobs.ledger import sweep_ledger
from services.shared.web.service_tokens import require_caller

router = APIRouter(prefix="/api/internal", tags=["internal"])
CurrentBackends = Annotated[Backends, Depends(get_backends)]


class SweepRead(Read):
    swept: dict[str, int]


async def scheduler_only(backends: CurrentBackends, x_service_token: Annotated[str, Header()] = "") -> None:
    """Pass.

    Raises:
        Unauthenticated, Forbidden: it is not the scheduler that calls.
    """
    await require_caller(lambda: backends.doorman, "scheduler")(x_service_token)


@router.post("/sweep", dependencies=[Depends(scheduler_only)])
async def sweep(backends: CurrentBackends) -> SweepRead:
    """Expire plans and forget what is past its time. Safe to repeat and to run twice at once."""
    return SweepRead(swept=await sweep_ledger(backends.sessions, keep_days=backends.retention_days))
