"""The sign-in exchange, for the bff."""

from fastapi import APIRouter, Depends

from services.auth.identity_provider.provider import IdentityProvider
from services.auth.service_caller.allowed import Allowed
from services.auth.session.service import Lifetimes
from services.auth.sign_in import service
from services.auth.sign_in.schemas import SignInFinish, SignInFinished, SignInStart, SignInStarted
from services.auth.vault.secret import Secret
from services.shared.kit.db import Sessions


def router(
    allowed: Allowed, sessions: Sessions, provider: IdentityProvider, lifetimes: Lifetimes
) -> APIRouter:
    """`/auth/internal/sign-in/*`."""
    routes = APIRouter(
        prefix="/auth/internal/sign-in", tags=["sign-in"], dependencies=[Depends(allowed.sign_in)]
    )

    @routes.post("/start")
    async def start(body: SignInStart) -> SignInStarted:
        url = await service.start_sign_in(sessions, provider, return_to=body.return_to, binding=body.binding)
        return SignInStarted(authorize_url=url)

    @routes.post("/finish")
    async def finish(body: SignInFinish) -> SignInFinished:
        signed_in = await service.finish_sign_in(
            sessions,
            provider,
            lifetimes,
            code=Secret(body.code.get_secret_value()),
            state=body.state,
            issuer=body.iss,
            binding=body.binding,
        )
        return SignInFinished(session_token=signed_in.session_token.reveal(), return_to=signed_in.return_to)

    return routes
