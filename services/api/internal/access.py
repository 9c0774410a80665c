"""Who may call `/api/internal`."""

from typing import Annotated

from fastapi import Depends, Header

from services.api.dependencies import Backends, get_backends
from services.shared.web.service_tokens import require_caller

CurrentBackends = Annotated[Backends, Depends(get_backends)]


async def scheduler_only(backends: CurrentBackends, x_service_token: Annotated[str, Header()] = "") -> None:
    """Pass.

    Raises:
        Unauthenticated, Forbidden: it is not the scheduler that calls.
    """
    await require_caller(lambda: backends.doorman, "scheduler")(x_service_token)
