"""To a vendor's consent page and back. People see pages here, never problem details.

The cookie's session decides who acts and where; what may be connected is the auth service's decision. A vendor's answer
goes there as it came, and nothing of it comes back to the browser.
"""

import re
from collections.abc import Awaitable
from typing import Annotated, TypeVar
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import SecretStr
from starlette.status import HTTP_302_FOUND

from bff.auth_client import AuthClient, AuthRefused, AuthUnavailable, OAuthOutcome, SessionEnded
from bff.metrics import CONNECTS
from bff.session.cookie import session_token
from bff.sign_in.return_to import START_PAGE, local_page
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
PAGE = "/admin/connections"
SIGN_IN = f"/bff/sign-in?{urlencode({'return_to': PAGE})}"
_VENDOR = re.compile(r"^[a-z][a-z0-9]{1,31}$")
_CODE = re.compile(r"^[a-z_]{1,40}$")
_MOST_PARAMETERS, _LONGEST = 40, 8192
Short = Annotated[str, Query(max_length=2000)]
T = TypeVar("T")


class _Failed(Exception):
    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def router(auth: AuthClient) -> APIRouter:
    """`/auth/oauth/{vendor}/authorize` and `/callback`: addresses that a browser visits."""
    routes = APIRouter(prefix="/auth/oauth", tags=["connections"], include_in_schema=False)

    @routes.get("/{vendor}/authorize")
    async def start_connect(
        request: Request, vendor: str, method: Short = "", connection_id: Short = "", return_to: Short = ""
    ) -> RedirectResponse:
        token = session_token(request)
        if token is None:
            return _to(SIGN_IN)
        if request.headers.get("sec-fetch-site") == "cross-site":
            # Nobody else's page sends a person off to consent.
            return _to(PAGE)
        try:
            outcome = await _told(
                auth.start_oauth(
                    _known(vendor),
                    token,
                    method=method or None,
                    connection_id=_id(connection_id),
                    return_to=_page(return_to),
                )
            )
        except SessionEnded:
            return _to(SIGN_IN)
        except _Failed as failure:
            return _failed(vendor, failure.code)
        return _answer(vendor, outcome)

    @routes.get("/{vendor}/callback")
    async def finish_connect(request: Request, vendor: str) -> RedirectResponse:
        token = session_token(request)
        if token is None:
            return _to(SIGN_IN)
        try:
            outcome = await _told(auth.finish_oauth(_known(vendor), token, _query(request)))
        except SessionEnded:
            return _to(SIGN_IN)
        except _Failed as failure:
            return _failed(vendor, failure.code)
        return _answer(vendor, outcome)

    return routes


def _known(vendor: str) -> str:
    if not _VENDOR.match(vendor):
        raise _Failed("not_configured")
    return vendor


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise _Failed("state_invalid") from None


def _page(return_to: str) -> str:
    page = local_page(return_to)
    return PAGE if page == START_PAGE else page


def _query(request: Request) -> dict[str, SecretStr]:
    """The vendor's parameters, each once: said twice, one of them is somebody else's."""
    pairs = request.query_params.multi_items()
    names = [name for name, _ in pairs]
    if len(names) > _MOST_PARAMETERS or len(set(names)) != len(names):
        raise _Failed("state_invalid")
    if any(len(name) > 100 or len(value) > _LONGEST for name, value in pairs):  # noqa: PLR2004  # a parameter's name
        raise _Failed("state_invalid")
    return {name: SecretStr(value) for name, value in pairs}


async def _told(call: Awaitable[T]) -> T:
    try:
        return await call
    except AuthRefused as refusal:
        log.warning("connect_refused", code=refusal.reason)
        code = {"may_not_connect": "access_denied", "not_found": "not_configured"}
        raise _Failed(code.get(refusal.reason, "state_invalid")) from None
    except AuthUnavailable:
        raise _Failed("vendor_unreachable") from None


def _answer(vendor: str, outcome: OAuthOutcome) -> RedirectResponse:
    if outcome.failed is not None:
        return _failed(vendor, outcome.failed, outcome.return_to)
    if outcome.authorize_url is not None:
        if urlsplit(outcome.authorize_url).scheme not in {"http", "https"}:
            return _failed(vendor, "vendor_refused")
        return _to(outcome.authorize_url)
    CONNECTS.labels("connected").inc()
    return _to(_with(outcome.return_to, connected=str(outcome.connection_id)))


def _failed(vendor: str, code: str, return_to: str = "") -> RedirectResponse:
    code = code if _CODE.match(code) else "vendor_refused"
    CONNECTS.labels(code).inc()
    named = {"vendor": vendor} if _VENDOR.match(vendor) else {}
    return _to(_with(return_to, failed=code, **named))


def _with(return_to: str, **values: str) -> str:
    # Checked when it came from the browser, and once more now that it comes from a store.
    page = _page(return_to).partition("#")[0]
    return f"{page}{'&' if '?' in page else '?'}{urlencode(values)}"


def _to(url: str) -> RedirectResponse:
    return RedirectResponse(url, HTTP_302_FOUND)
