"""Sign-in: off to the identity provider, and back with a session. People see pages here, never problem details."""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from starlette.status import HTTP_302_FOUND

from bff.auth_client import AuthClient, AuthRefused, AuthUnavailable, SessionEnded, SignedIn
from bff.metrics import SIGN_INS
from bff.session.cookie import (
    binding_hash,
    clear_binding,
    ensure_binding,
    find_binding,
    session_token,
    set_binding,
    set_session,
)
from bff.session.endpoints import SIGN_IN_PAGE
from bff.session.keeper import SessionKeeper
from bff.sign_in.return_to import START_PAGE, local_page
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
_LONGEST = 4096


class SignInError(StrEnum):
    """What `/sign-in?error=` may say. The page has words for each."""

    NO_ROLE = "no_role"
    """Known to the identity provider, but nobody gave them a role here."""
    EXPIRED = "expired"
    """Took too long, was used already, or was begun in another browser."""
    REFUSED = "refused"
    """The identity provider said no, or the person did."""
    UNAVAILABLE = "unavailable"
    """The identity provider or our auth service does not answer."""
    FAILED = "failed"


_OF_AUTH = {
    "no_role": SignInError.NO_ROLE,
    "sign_in_refused": SignInError.EXPIRED,
    "identity_provider_unavailable": SignInError.UNAVAILABLE,
}
_OF_PROVIDER = {
    "access_denied": SignInError.REFUSED,
    "interaction_required": SignInError.REFUSED,
    "login_required": SignInError.REFUSED,
    "consent_required": SignInError.REFUSED,
    "temporarily_unavailable": SignInError.UNAVAILABLE,
    "server_error": SignInError.UNAVAILABLE,
}
Short = Annotated[str, Query()]


class _Failed(Exception):
    def __init__(self, error: SignInError) -> None:
        super().__init__(error.value)
        self.error = error


def router(auth: AuthClient, keeper: SessionKeeper) -> APIRouter:
    """`/bff/sign-in`, `/bff/callback`: addresses that a browser visits."""
    routes = APIRouter(prefix="/bff", tags=["sign-in"], include_in_schema=False)

    @routes.get("/sign-in")
    async def start_sign_in(request: Request, return_to: Short = "") -> RedirectResponse:
        binding = ensure_binding(request)
        try:
            url = await _start(auth, local_page(return_to), binding_hash(binding))
        except _Failed as failure:
            return _failed(failure.error)
        response = RedirectResponse(url, HTTP_302_FOUND)
        set_binding(response, binding)
        return response

    @routes.get("/callback")
    async def finish_sign_in(
        request: Request, code: Short = "", state: Short = "", iss: Short = "", error: Short = ""
    ) -> RedirectResponse:
        if error:
            return _failed(_OF_PROVIDER.get(error, SignInError.FAILED))
        if not code or not state or max(map(len, (code, state, iss))) > _LONGEST:
            return _failed(SignInError.FAILED)
        try:
            signed_in = await _finish(auth, request, code, state, iss or None)
        except _Failed as failure:
            if failure.error is SignInError.EXPIRED and await _is_signed_in(request, keeper):
                # A used answer, seen again by "back" or "reload".
                return RedirectResponse(START_PAGE, HTTP_302_FOUND)
            return _failed(failure.error)
        return await _admit(request, keeper, signed_in)

    return routes


async def _start(auth: AuthClient, return_to: str, binding: str) -> str:
    with _reasons():
        url = await auth.start_sign_in(return_to=return_to, binding=binding)
    if urlsplit(url).scheme not in {"http", "https"}:
        raise _Failed(SignInError.FAILED)
    return url


async def _finish(auth: AuthClient, request: Request, code: str, state: str, iss: str | None) -> SignedIn:
    binding = find_binding(request)
    if binding is None:
        raise _Failed(SignInError.EXPIRED)
    with _reasons():
        return await auth.finish_sign_in(code=code, state=state, iss=iss, binding=binding)


@contextmanager
def _reasons() -> Iterator[None]:
    try:
        yield
    except AuthRefused as refusal:
        raise _Failed(_OF_AUTH.get(refusal.reason, SignInError.FAILED)) from None
    except AuthUnavailable:
        raise _Failed(SignInError.UNAVAILABLE) from None


async def _admit(request: Request, keeper: SessionKeeper, signed_in: SignedIn) -> RedirectResponse:
    response = RedirectResponse(local_page(signed_in.return_to), HTTP_302_FOUND)
    set_session(response, signed_in.session_token)
    clear_binding(response)
    before = session_token(request)
    if before is not None and before != signed_in.session_token:
        try:
            await keeper.end(before)  # a browser has one session; the one before must not live on unseen
        except AuthUnavailable:
            log.warning("previous_session_not_ended")
    SIGN_INS.labels("success").inc()
    return response


async def _is_signed_in(request: Request, keeper: SessionKeeper) -> bool:
    token = session_token(request)
    if token is None:
        return False
    try:
        await keeper.live(token)
    except (SessionEnded, AuthUnavailable):
        return False
    return True


def _failed(error: SignInError) -> RedirectResponse:
    SIGN_INS.labels(error.value).inc()
    return RedirectResponse(f"{SIGN_IN_PAGE}?error={error}", HTTP_302_FOUND)
