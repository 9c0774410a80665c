"""Planning cannot write: the transport refuses unsafe methods."""

from collections.abc import Set as AbstractSet

import httpx

from services.shared.sdk.errors import WriteWhilePlanning

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


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
