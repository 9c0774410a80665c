"""A person's browser, as little of it as the demo and the seed need: sign-in by redirects, a cookie, the public API.

The session cookie is `Secure`; on this machine the site answers without TLS, where browsers make an exception for
`localhost` and HTTP libraries do not. So the `Cookie` header is written by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

import httpx

_HOPS = 10
_CSRF = {"X-OC-CSRF": "1"}
# A little above the server's own keep-alive comment, every 15 s.
_STREAM_SILENCE_SECONDS = 40.0


class ApiRefused(Exception):
    """The public interface answered with an error; the message is its problem in words."""

    def __init__(self, what: str, reply: httpx.Response) -> None:
        self.status = reply.status_code
        self.problem = _problem(reply)
        fields = "; ".join(
            f"{error.get('field')}: {error.get('message')}" for error in self.problem.get("errors", [])
        )
        words = self.problem.get("detail") or self.problem.get("title") or _plain(reply)
        super().__init__(f"{what} answered {reply.status_code}: {words}" + (f" ({fields})" if fields else ""))


def _plain(reply: httpx.Response) -> str:
    return "a page for people" if "html" in reply.headers.get("content-type", "") else reply.text[:300]


def _problem(reply: httpx.Response) -> dict[str, Any]:
    try:
        body = reply.json()
    except json.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


@dataclass(frozen=True, slots=True)
class Event:
    """One server-sent event."""

    id: str
    kind: str
    data: dict[str, Any]


class PublicClient:
    """One person at one address. Raises ApiRefused for every answer that is not a success."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._http = httpx.Client(trust_env=False, timeout=30, follow_redirects=False)
        self._cookies: dict[str, dict[str, str]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._http.close()

    # -- requests with the cookies of their host -------------------------------------------------------------

    def _headers(self, url: str, more: Mapping[str, str] | None = None) -> dict[str, str]:
        cookies = self._cookies.get(urlsplit(url).netloc, {})
        line = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return {**({"Cookie": line} if line else {}), **(more or {})}

    def _remember(self, reply: httpx.Response) -> None:
        kept = self._cookies.setdefault(reply.url.netloc.decode(), {})
        for line in reply.headers.get_list("set-cookie"):
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    kept.pop(name, None)
                else:
                    kept[name] = morsel.value

    def _send(self, method: str, url: str, **more: Any) -> httpx.Response:
        headers = self._headers(url, more.pop("headers", None))
        reply = self._http.request(method, url, headers=headers, **more)
        self._http.cookies.clear()
        self._remember(reply)
        return reply

    # -- signing in ------------------------------------------------------------------------------------------

    def sign_in(self, subject: str) -> dict[str, Any]:
        """Follow the redirects to the identity provider, say who we are there, and come back; the session."""
        reply = self._send("GET", f"{self._base}/bff/sign-in?return_to=/")
        for _hop in range(_HOPS):
            if reply.is_redirect:
                target = urljoin(str(reply.url), reply.headers["location"])
                if urlsplit(target).netloc == urlsplit(self._base).netloc and urlsplit(target).path == "/":
                    break
                reply = self._send("GET", target)
            elif reply.is_success and urlsplit(str(reply.url)).netloc != urlsplit(self._base).netloc:
                reply = self._send("POST", str(reply.url), data={"sub": subject})
            else:
                raise ApiRefused(f"sign-in, at {reply.url},", reply)
        session = self._answer("the session", self._send("GET", f"{self._base}/bff/session", headers=_CSRF))
        if not session.get("signed_in"):
            raise ApiRefused("sign-in (no session afterwards)", reply)
        return session

    # -- the public API --------------------------------------------------------------------------------------

    def visit(self, path: str) -> str:
        """Where a page of ours sends the browser; raises ApiRefused when it does not."""
        reply = self._send("GET", f"{self._base}{path}")
        if not reply.is_redirect:
            raise ApiRefused(f"GET {path}", reply)
        return reply.headers["location"]

    def get(self, path: str, **query: str) -> dict[str, Any]:
        return self._answer(f"GET {path}", self._send("GET", self._base + path, params=query, headers=_CSRF))

    def post(
        self, path: str, body: Mapping[str, Any], *, idempotency_key: str | None = None
    ) -> dict[str, Any]:
        headers = {**_CSRF, **({"Idempotency-Key": idempotency_key} if idempotency_key else {})}
        return self._answer(f"POST {path}", self._send("POST", self._base + path, json=body, headers=headers))

    def put(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._answer(f"PUT {path}", self._send("PUT", self._base + path, json=body, headers=_CSRF))

    def patch(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        return self._answer(f"PATCH {path}", self._send("PATCH", self._base + path, json=body, headers=_CSRF))

    def delete(self, path: str) -> dict[str, Any]:
        return self._answer(f"DELETE {path}", self._send("DELETE", self._base + path, headers=_CSRF))

    @staticmethod
    def _answer(what: str, reply: httpx.Response) -> dict[str, Any]:
        if not reply.is_success:
            raise ApiRefused(what, reply)
        body: dict[str, Any] = reply.json() if reply.content else {}
        return body

    def events(self, path: str, *, after: str | None = None) -> Iterator[Event]:
        """The server-sent events of that path, until the server ends the stream.

        The first one, of kind `open`, is ours: from then on nothing is missed, so what was read before is read again.
        """
        url = self._base + path
        headers = {"Accept": "text/event-stream", **({"Last-Event-ID": after} if after else {})}
        timeout = httpx.Timeout(30, read=_STREAM_SILENCE_SECONDS)
        with self._http.stream("GET", url, headers=self._headers(url, headers), timeout=timeout) as reply:
            if not reply.is_success:
                reply.read()
                raise ApiRefused(f"GET {path}", reply)
            yield Event("", "open", {})
            yield from parse_events(reply.iter_lines())


def parse_events(lines: Iterator[str]) -> Iterator[Event]:
    """Server-sent events from their lines. A comment is an event of kind `comment`: the server is there."""
    fields: dict[str, str] = {}
    for line in lines:
        if not line:
            if "data" in fields:
                yield Event(fields.get("id", ""), fields.get("event", "message"), json.loads(fields["data"]))
            fields = {}
        elif line.startswith(":"):
            yield Event("", "comment", {})
        else:
            name, _colon, value = line.partition(":")
            value = value.removeprefix(" ")
            fields[name] = f"{fields[name]}\n{value}" if name == "data" and "data" in fields else value
