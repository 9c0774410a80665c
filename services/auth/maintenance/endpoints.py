"""`POST /auth/internal/maintenance/sweep`, for the scheduler."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.auth.maintenance.sweep import sweep
from services.auth.service_caller.allowed import Allowed
from services.auth.signing_key.service import SigningKeys
from services.shared.kit.db import Sessions


class SweptRead(BaseModel):
    sign_in_states: int
    sessions: int
    first_passwords: int
    access_tokens: int


def router(allowed: Allowed, sessions: Sessions, keys: SigningKeys) -> APIRouter:
    """The scheduler's one route."""
    routes = APIRouter(
        prefix="/auth/internal/maintenance", tags=["maintenance"], dependencies=[Depends(allowed.maintenance)]
    )

    @routes.post("/sweep")
    async def sweep_now() -> SweptRead:
        swept = await sweep(sessions, keys)
        return SweptRead(
            sign_in_states=swept.sign_in_states,
            sessions=swept.sessions,
            first_passwords=swept.first_passwords,
            access_tokens=swept.access_tokens,
        )

    return routes
