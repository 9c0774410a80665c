"""Who is signed in, another tenant, and out."""

from typing import Annotated, Any
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse
from pydantic import SecretStr

from bff.auth_client import AuthRefused, SessionEnded
from bff.session.cookie import clear_session, session_token
from bff.session.keeper import SessionKeeper
from bff.session.schemas import NOBODY, Problem, SessionRead, SignOutRead, TenantChoice, session_read
from services.shared.web.problems import problem

SIGN_IN_PAGE = "/sign-in"
_CLEARED = '"storage"'
"""Not `"cookies"`: browsers apply that to the whole registrable domain, which would sign the person out of the
identity provider and every neighbour under it. Our own cookie is taken back by name."""
_PROBLEMS: dict[int | str, dict[str, Any]] = {"default": {"description": "problem", "model": Problem}}


def needed_token(request: Request) -> SecretStr:
    """The session's token.

    Raises:
        SessionEnded: the browser sent none.
    """
    token = session_token(request)
    if token is None:
        raise SessionEnded("Sign in first.")
    return token


def router(keeper: SessionKeeper) -> APIRouter:
    """`/bff/session`, `/bff/tenant`, `/bff/sign-out`."""
    routes = APIRouter(prefix="/bff", tags=["session"], responses=_PROBLEMS)

    @routes.get("/session")
    async def get_session(request: Request, response: Response) -> SessionRead:
        token = session_token(request)
        if token is None:
            return NOBODY
        try:
            return session_read(await keeper.live(token))
        except SessionEnded:
            clear_session(response)
            return NOBODY

    @routes.post("/tenant", response_model=SessionRead)
    async def choose_tenant(
        body: TenantChoice, token: Annotated[SecretStr, Depends(needed_token)]
    ) -> SessionRead | JSONResponse:
        try:
            await keeper.change_tenant(token, body.tenant_id)
        except AuthRefused as refusal:
            return problem(refusal.status, refusal.reason, str(refusal))
        return session_read(await keeper.live(token))

    @routes.post("/sign-out")
    async def sign_out(request: Request, response: Response) -> SignOutRead:
        token = session_token(request)
        url = await keeper.end(token) if token is not None else None
        clear_session(response)
        response.headers["Clear-Site-Data"] = _CLEARED
        return SignOutRead(redirect=url if _is_web(url) else SIGN_IN_PAGE)

    return routes


def _is_web(url: str | None) -> bool:
    return url is not None and urlsplit(url).scheme in {"http", "https"}
