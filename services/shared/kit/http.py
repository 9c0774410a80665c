"""The one factory of outgoing HTTP clients.

httpx's interface over aiohttp's transport: httpx's own pool gets slower as concurrency grows.
Proxy variables are ignored, redirects are not followed, and cookies are not kept (connections are
shared by tenants).
"""

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from structlog.contextvars import get_contextvars

KEEP_ALIVE_SECONDS = 60
"""How long our services keep an idle connection: well beyond what our clients keep, so that no call
meets a connection that is being closed."""
CORRELATION_HEADER = "X-Correlation-Id"
TIMEOUT = httpx.Timeout(30.0, connect=10.0)
HTTP_FAILURES = (httpx.HTTPError, httpx.InvalidURL, aiohttp.ClientError, TimeoutError, OSError)
"""All that a call without a usable answer may raise; the transport lets some of aiohttp's own through."""


def _aiohttp_session(connections: int) -> aiohttp.ClientSession:
    session = aiohttp.ClientSession(
        connector=aiohttp.TCPConnector(
            limit=connections, ssl=httpx.create_ssl_context(), keepalive_timeout=15, ttl_dns_cache=60
        ),
        cookie_jar=aiohttp.DummyCookieJar(),
    )
    # aiohttp re-sends PUT and DELETE by itself when a kept connection died; we count every try.
    session._retry_connection = False  # noqa: SLF001
    return session


def create_transport(*, kind: str = "aiohttp", connections: int = 100) -> httpx.AsyncBaseTransport:
    """`aiohttp` (default) or `httpx`. At most `connections` sockets at once."""
    if kind == "aiohttp":
        return AiohttpTransport(client=lambda: _aiohttp_session(connections))
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncHTTPTransport(limits=limits, trust_env=False)


def create_client(
    *, base_url: str = "", transport: httpx.AsyncBaseTransport | None = None, timeout: float | None = None
) -> httpx.AsyncClient:
    """A client with our defaults: 30 s for each read, 10 s to connect, no redirects, no proxy variables."""
    return httpx.AsyncClient(
        base_url=base_url,
        transport=transport or create_transport(),
        timeout=httpx.Timeout(timeout, connect=min(timeout, 10.0)) if timeout else TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )


def correlation_headers() -> dict[str, str]:
    """The header that carries the present correlation id to the next service; empty when none is bound."""
    bound = get_contextvars().get("correlation_id")
    return {CORRELATION_HEADER: str(bound)} if bound else {}
