"""`/auth/internal/maintenance`: sweeping, and the rotation of the vault's keys, for the scheduler."""

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from services.auth.maintenance.rotation import count_by_key, rewrap_all
from services.auth.maintenance.sweep import sweep
from services.auth.service_caller.allowed import Allowed
from services.auth.signing_key.service import SigningKeys
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions

BUDGET_SECONDS = 20.0
"""After so long the clock is answered; it comes again."""


class SweptRead(BaseModel):
    sign_in_states: int
    sessions: int
    first_passwords: int
    access_tokens: int


class RewrappedRead(BaseModel):
    """`left` are still under an older key: the next run takes them, or they cannot be read."""

    primary: str
    done: int
    left: int


class KeysRead(BaseModel):
    """How many data keys are under which key. An older key may leave the ring when it has none."""

    primary: str
    keys: dict[str, int]


def router(allowed: Allowed, sessions: Sessions, keys: SigningKeys, vault: Vault) -> APIRouter:
    """The scheduler's routes."""
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

    @routes.post("/rewrap")
    async def rewrap() -> RewrappedRead:
        found = await rewrap_all(sessions, vault, budget=BUDGET_SECONDS)
        return RewrappedRead(primary=vault.primary, done=found.done, left=found.left)

    @routes.get("/keys")
    async def list_keys() -> KeysRead:
        await vault.refresh()
        return KeysRead(primary=vault.primary, keys=await count_by_key(sessions))

    return routes
