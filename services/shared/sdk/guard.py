"""Planning cannot write: the transport refuses unsafe methods. Tokens go to known addresses alone."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

import httpx

from services.shared.sdk.errors import WriteWhilePlanning

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class ForeignAddress(RuntimeError):
    """A provider called an address that none of its base URLs begins. A defect, never a vendor's answer."""


def credential_for(url: str, bases: Mapping[str, str], credentials: Mapping[str, str]) -> str:
    """Which credential opens this URL: that of the longest base URL it begins with.

    `bases` are base URLs by name, `credentials` credentials by the same names (`default` where not named).

    Raises:
        ForeignAddress: no base URL fits, so no token may be sent there.
    """
    fitting = [
        (len(base), name)
        for name, base in bases.items()
        if url == base or url.startswith((base.rstrip("/") + "/", base + "?"))
    ]
    if not fitting:
        raise ForeignAddress(f"No base URL of this provider begins {url.partition('?')[0]}")
    return credentials.get(max(fitting)[1], "default")


class ReadOnlyTransport(httpx.AsyncBaseTransport):
    """Refuses everything but reads.

    `readable_posts` names exact paths that a vendor reads by POST; never a batch endpoint, which
    carries writes inside.
    """

    def __init__(
        self, inner: httpx.AsyncBaseTransport, *, readable_posts: AbstractSet[str] = frozenset()
    ) -> None:
        self._inner = inner
        self._readable_posts = readable_posts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a read on.

        Raises:
            WriteWhilePlanning: the request would change something.
        """
        if request.method not in SAFE_METHODS and request.url.path not in self._readable_posts:
            raise WriteWhilePlanning(f"{request.method} {request.url.path} while planning")
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close the inner transport."""
        await self._inner.aclose()
