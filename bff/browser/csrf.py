"""Only our own page may act in its person's name (ASVS 5, 3.5.1 to 3.5.3).

A page of another site can send the cookie along, but not the header `X-OC-CSRF` (that needs our leave by CORS, which
nobody gets), and the browser says in `Sec-Fetch-Site` where a call comes from. `EventSource` cannot send headers: it
is known by what it accepts, and changes nothing.

A program with an API key of its own needs no such header: no browser adds a key to a call by itself. The cookie of a call
with a key is not looked at.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

from bff.browser.api_key import has_api_key
from bff.metrics import REFUSED
from services.shared.web.correlation import Application, Receive, Scope, Send
from services.shared.web.problems import problem

HEADER = "x-oc-csrf"
EVENT_STREAM = "text/event-stream"
_NO_HEADER = (
    "The header X-OC-CSRF: 1 is needed. A program sends an API key instead: Authorization: Bearer oc_…"
)
_SAFE = frozenset({"GET", "HEAD"})


def wants_events(method: str, headers: Headers) -> bool:
    """Whether this is an `EventSource`'s request."""
    accepted = {part.split(";")[0].strip().lower() for part in headers.get("accept", "").split(",")}
    return method == "GET" and EVENT_STREAM in accepted


class CsrfGuard:
    """Refuses every call to `/api` and every change under `/bff` that is not our own page's."""

    def __init__(self, app: Application, public_url: str) -> None:
        self._app = app
        self._origin = _normal(public_url)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one ASGI connection."""
        if scope["type"] == "http":
            refusal = self._refusal(scope["method"], scope["path"], Headers(scope=scope))
            if refusal is not None:
                status, code, detail = refusal
                REFUSED.labels(code).inc()
                await problem(status, code, detail)(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _refusal(self, method: str, path: str, headers: Headers) -> tuple[int, str, str] | None:
        first = path.split("/")[1] if path.startswith("/") else ""
        if first != "api" and (first != "bff" or method in _SAFE):
            return None
        if not self._is_ours(headers):
            return 403, "cross_site", "Calls from other sites are refused."
        is_program = first == "api" and has_api_key(headers)
        if first == "api" and wants_events(method, headers):
            return None
        if not is_program and headers.get(HEADER) != "1":
            return 403, "csrf_header_missing", _NO_HEADER
        if _has_body(headers) and not _is_json(headers.get("content-type", "")):
            return 415, "not_json", "The body must be JSON, and Content-Type must say so."
        return None

    def _is_ours(self, headers: Headers) -> bool:
        site = headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        # A client that does not say where it comes from may still name its origin.
        origin = headers.get("origin")
        return origin is None or _normal(origin) == self._origin


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_json(content_type: str) -> bool:
    kind = content_type.partition(";")[0].strip().lower()
    return kind == "application/json" or (kind.startswith("application/") and kind.endswith("+json"))


def _normal(origin: str) -> tuple[str, str | None, int | None]:
    try:
        parts = urlsplit(origin)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None
    return parts.scheme, parts.hostname, port
