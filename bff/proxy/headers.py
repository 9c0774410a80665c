"""Which headers pass. Towards the api only those listed; towards the browser all but those listed."""

from collections.abc import Iterable, Mapping

from starlette.datastructures import Headers

from bff.browser.edge import ALWAYS, UNLESS_SAID
from services.shared.web.correlation import HEADER as CORRELATION
from services.shared.web.correlation import current_correlation_id

_INWARD = (
    "accept",
    "content-type",
    "content-length",
    "idempotency-key",
    "last-event-id",
    "if-match",
    "if-none-match",
)
"""All that a browser may tell the api. So no `X-Forwarded-*`, `X-Tenant-*`, `X-User-*`, `X-Service-Token`,
`Authorization` or cookie of its own reaches it, and no header that nobody thought of."""

_HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_OURS = frozenset(
    {
        CORRELATION,
        "alt-svc",
        "clear-site-data",
        "date",
        "refresh",
        "server",
        "set-cookie",
        "x-accel-buffering",
        *(name.lower() for name in ALWAYS),
        *(name.lower() for name in UNLESS_SAID),
    }
)


def in_name_of(access_token: str) -> dict[str, str]:
    """The credentials of a call in a session's name."""
    return {"authorization": f"Bearer {access_token}"}


def towards_api(given: Headers, credentials: Mapping[str, str]) -> dict[str, str]:
    """The headers of the call to the api, with the session's or the program's credentials."""
    passed = {name: given[name] for name in _INWARD if name in given}
    return {
        "accept": "application/json",
        **passed,
        # The answer goes through as it is; whoever wants it smaller compresses once, at the edge.
        "accept-encoding": "identity",
        **credentials,
        "user-agent": "oneclick-bff",
        CORRELATION: current_correlation_id(),
    }


def towards_browser(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The api's headers without those of one hop and those that only the bff may set."""
    items = [(name.lower(), value) for name, value in given]
    named = {
        part.strip().lower() for name, value in items if name == b"connection" for part in value.split(b",")
    }
    return [
        (name, value)
        for name, value in items
        if name.decode("latin-1") not in _HOP_BY_HOP | _OURS
        and name not in named
        and not name.startswith(b"access-control-")
        and not (name == b"location" and not _is_api_path(value))
    ]


def _is_api_path(location: bytes) -> bool:
    return location.startswith(b"/api/") and b"\\" not in location
