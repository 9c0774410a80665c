"""What the bff does with a session."""

from datetime import UTC, datetime

from fastapi import APIRouter, Depends

from services.auth.identity_provider.provider import IdentityProvider
from services.auth.service_caller.allowed import Allowed
from services.auth.session import service
from services.auth.session.schemas import (
    SessionEndRead,
    SessionLook,
    SessionQuery,
    SessionTokenRead,
    TenantChange,
    session_read,
)
from services.auth.session.service import Lifetimes
from services.auth.signing_key.service import SigningKeys
from services.auth.vault.secret import Secret
from services.shared.kit.db import Sessions


def router(
    allowed: Allowed, sessions: Sessions, keys: SigningKeys, provider: IdentityProvider, lifetimes: Lifetimes
) -> APIRouter:
    """`/auth/internal/session/*`."""
    routes = APIRouter(
        prefix="/auth/internal/session", tags=["sessions"], dependencies=[Depends(allowed.session)]
    )

    @routes.post("/token")
    async def exchange(body: SessionLook) -> SessionTokenRead:
        live = await service.live_session(
            sessions, Secret(body.session_token.get_secret_value()), lifetimes, passive=body.passive
        )
        issued = await keys.issue(live.claims())
        return SessionTokenRead(
            access_token=issued.value.reveal(),
            expires_at=datetime.fromtimestamp(issued.expires_at, UTC),
            session=session_read(live),
        )

    @routes.post("/tenant", status_code=204)
    async def change_tenant(body: TenantChange) -> None:
        await service.change_tenant(sessions, Secret(body.session_token.get_secret_value()), body.tenant_id)

    @routes.post("/end")
    async def end(body: SessionQuery) -> SessionEndRead:
        was_alive = await service.end_session(sessions, Secret(body.session_token.get_secret_value()))
        return SessionEndRead(end_session_url=await provider.find_end_session_url() if was_alive else None)

    return routes
