"""Where an authorization server may send a browser back to."""

from __future__ import annotations

import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Redirects:
    """The redirect URIs that an app registered: each compared character by character.

    Because OneClick's port differs from start to start, any port of the loopback counts as registered too, but with
    the exact callback path alone: `http://localhost:<port>/auth/oauth/<name>/callback`, the same with 127.0.0.1.
    """

    names: tuple[str, ...]
    """What stands between `/auth/oauth/` and `/callback`."""
    app_url: str | None = None
    """Where OneClick is served to browsers, where that is told."""
    registered: list[str] = field(default_factory=list)

    def add(self, uri: str) -> None:
        if uri not in self.registered:
            self.registered.append(uri)

    def allows(self, uri: str | None) -> bool:
        """Whether this is exactly one of them."""
        if not uri:
            return False
        if uri in self.registered or uri in self.own():
            return True
        names = "|".join(re.escape(name) for name in self.names)
        loopback = rf"http://(?:localhost|127\.0\.0\.1):\d{{1,5}}/auth/oauth/(?:{names})/callback"
        return re.fullmatch(loopback, uri) is not None

    def own(self) -> list[str]:
        """The callbacks of the address that was told at the start."""
        if self.app_url is None:
            return []
        return [f"{self.app_url}/auth/oauth/{name}/callback" for name in self.names]

    def first(self) -> str | None:
        """Where vendors that take no `redirect_uri` send people: what was registered last, else the own address."""
        if self.registered:
            return self.registered[-1]
        return next(iter(self.own()), None)
