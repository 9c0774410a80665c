"""The bff on a real socket between a small auth service and a small api, each as the contract says and no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import SecretStr

from bff.server import BffServer
from bff.settings import BffSettings
from tests.fixtures.served import Served, serve

SERVICE_TOKEN = "bff-1.canary-service-token-0123456789"
ACME, GLOBEX = UUID(int=1), UUID(int=2)
CSRF = {"X-OC-CSRF": "1"}
EVENTS = {"Accept": "text/event-stream"}
PAGE = """<!doctype html><html><head><meta property="csp-nonce" nonce="__CSP_NONCE__">
<script type="module" nonce="__CSP_NONCE__" src="/assets/index-abc123.js"></script></head><body></body></html>"""


def token(name: str) -> str:
    """A session token as the auth service makes them, recognisable in a log."""
    return f"canary-session-{name}-{'x' * 20}"


def problem(status: int, code: str) -> JSONResponse:
    body = {
        "type": f"urn:oneclick:problem:{code}",
        "title": code,
        "status": status,
        "code": code,
        "detail": f"It is {code}.",
    }
    return JSONResponse(body, status, media_type="application/problem+json")


@dataclass
class FakeAuth:
    """Sessions by token: alive while they are in `sessions`."""

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    correlation_ids: list[str] = field(default_factory=list)
    states: dict[str, dict[str, str]] = field(default_factory=dict)
    answer: JSONResponse | None = None
    """Instead of everything else."""
    delay: float = 0.0
    idp: str = "https://idp.example/authorize?"

    def add(self, name: str, *, role: str = "admin") -> str:
        self.sessions[token(name)] = {"tenant": ACME, "role": role}
        return token(name)

    def asked(self, path: str) -> list[dict[str, Any]]:
        return [body for called, body in self.calls if called == path]

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/health")
        async def health() -> dict[str, str]:
            return {"status": "alive"}

        @app.post("/auth/internal/{path:path}", response_model=None)
        async def call(path: str, request: Request) -> JSONResponse | Response:
            body = await request.json()
            self.calls.append((path, body))
            self.correlation_ids.append(request.headers.get("x-correlation-id", ""))
            if self.delay:
                await asyncio.sleep(self.delay)
            if self.answer is not None:
                return self.answer
            if request.headers.get("x-service-token") != SERVICE_TOKEN:
                return problem(401, "unauthenticated")
            return getattr(self, "_" + path.replace("/", "_").replace("-", "_"))(body)  # type: ignore[no-any-return]  # each of them returns a Response

        return app

    def _sign_in_start(self, body: dict[str, Any]) -> Response:
        state = f"state-{len(self.states)}"
        self.states[state] = body
        return JSONResponse({"authorize_url": f"{self.idp}state={state}"})

    def _sign_in_finish(self, body: dict[str, Any]) -> Response:
        begun = self.states.pop(body["state"], None)
        if begun is None or begun["binding"] != body["binding"]:
            return problem(401, "sign_in_refused")
        if body["code"] == "nobody":
            return problem(403, "no_role")
        return JSONResponse({"session_token": self.add(body["code"]), "return_to": begun["return_to"]})

    def _session_token(self, body: dict[str, Any]) -> Response:
        session = self.sessions.get(body["session_token"])
        if session is None:
            return problem(401, "session_ended")
        soon = (datetime.now(UTC) + timedelta(seconds=60)).isoformat()
        acme = {"id": str(ACME), "slug": "acme", "name": "Acme"}
        globex = {"id": str(GLOBEX), "slug": "globex", "name": "Globex"}
        here = acme if session["tenant"] == ACME else globex
        return JSONResponse(
            {
                "access_token": f"internal-{here['slug']}-{session['role']}",
                "token_type": "Bearer",
                "expires_at": soon,
                "session": {
                    "operator": {"id": str(UUID(int=9)), "name": "Ada Admin", "email": "admin@acme.example"},
                    "tenant": here,
                    "role": session["role"],
                    "tenants": [{**acme, "role": session["role"]}, {**globex, "role": "auditor"}],
                    "idle_expires_at": soon,
                    "absolute_expires_at": soon,
                },
            }
        )

    def _session_tenant(self, body: dict[str, Any]) -> Response:
        session = self.sessions.get(body["session_token"])
        if session is None:
            return problem(401, "session_ended")
        if UUID(body["tenant_id"]) not in {ACME, GLOBEX}:
            return problem(403, "not_your_tenant")
        session["tenant"] = UUID(body["tenant_id"])
        return Response(status_code=204)

    def _session_end(self, body: dict[str, Any]) -> Response:
        alive = self.sessions.pop(body["session_token"], None)
        return JSONResponse({"end_session_url": "https://idp.example/sign-out" if alive else None})


@dataclass
class FakeApi:
    """Echoes what reaches it, and tells events."""

    seen: list[dict[str, Any]] = field(default_factory=list)
    open_streams: int = 0
    truncate_after: int | None = None
    silent: bool = False

    def app(self) -> FastAPI:
        app = FastAPI(redirect_slashes=False)

        @app.get("/health")
        async def health() -> dict[str, str]:
            return {"status": "alive"}

        @app.get("/api/requests/1/events")
        async def events(request: Request) -> StreamingResponse:
            self._see(request, b"")
            after = int(request.headers.get("last-event-id", "0"))
            return StreamingResponse(
                self._tell(after),
                media_type="text/event-stream",
                headers={"Cache-Control": "public, max-age=600", "Set-Cookie": "x=y"},
            )

        @app.get("/api/flood")
        async def flood() -> StreamingResponse:
            return StreamingResponse(self._flood(), media_type="text/event-stream")

        @app.get("/api/refused", response_model=None)
        async def refused() -> Response:
            return problem(401, "unauthenticated")

        @app.get("/api/short")
        async def short() -> StreamingResponse:
            async def half() -> AsyncIterator[bytes]:
                yield b"half of it"
                raise asyncio.CancelledError

            return StreamingResponse(half(), media_type="text/plain", headers={"Content-Length": "1000"})

        @app.get("/api/odd")
        async def odd() -> Response:
            headers = {
                "Set-Cookie": "a=b",
                "Server": "secret-server",
                "Access-Control-Allow-Origin": "*",
                "Cache-Control": "public",
                "Content-Security-Policy": "script-src *",
                "X-Frame-Options": "ALLOWALL",
                "Location": "https://evil.example/",
                "Retry-After": "7",
                "ETag": '"1"',
                "Connection": "x-private",
                "X-Private": "1",
            }
            return Response(b"odd", headers=headers)

        @app.api_route("/{path:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
        async def echo(request: Request) -> dict[str, Any]:
            return self._see(request, await request.body())

        return app

    async def _tell(self, after: int) -> AsyncIterator[bytes]:
        self.open_streams += 1
        try:
            yield b": welcome\n\n"
            number = after
            while True:
                if self.silent:
                    await asyncio.sleep(3600)
                number += 1
                yield f'id: {number}\nevent: action.changed\ndata: {{"n": {number}}}\n\n'.encode()
                if self.truncate_after is not None and number - after >= self.truncate_after:
                    yield b"id: 999999\nda"
                    raise asyncio.CancelledError
                await asyncio.sleep(0.05)
        finally:
            self.open_streams -= 1

    async def _flood(self) -> AsyncIterator[bytes]:
        self.open_streams += 1
        try:
            while True:
                yield b"data: " + b"x" * 65536 + b"\n\n"
                await asyncio.sleep(0)
        finally:
            self.open_streams -= 1

    def _see(self, request: Request, body: bytes) -> dict[str, Any]:
        seen = {
            "method": request.method,
            "path": request.scope["raw_path"].decode(),
            "query": request.scope["query_string"].decode(),
            "headers": dict(request.headers),
            "body": body.decode(errors="replace"),
            "length": len(body),
        }
        self.seen.append(seen)
        return seen


@dataclass
class World:
    """Everything that runs, and a browser's side of it."""

    auth: FakeAuth
    api: FakeApi
    auth_served: Served
    api_served: Served
    bff: Served
    http: httpx.Client

    def call(
        self,
        method: str,
        path: str,
        session: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """As our own page calls: with the header and, given one, the session's cookie."""
        return self.bare(method, path, session, {**CSRF, **(headers or {})}, **more)

    def bare(
        self,
        method: str,
        path: str,
        session: str | None = None,
        headers: dict[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Nothing but what is given."""
        cookie = {"Cookie": f"__Host-oc={session}"} if session else {}
        reply = self.http.request(method, path, headers={**cookie, **(headers or {})}, **more)
        self.http.cookies.clear()
        return reply

    @contextmanager
    def stream(
        self, session: str, path: str = "/api/requests/1/events", headers: dict[str, str] | None = None
    ) -> Iterator[httpx.Response]:
        """An EventSource's connection."""
        sent = {"Cookie": f"__Host-oc={session}", **EVENTS, **(headers or {})}
        with self.http.stream("GET", path, headers=sent) as reply:
            yield reply


@contextmanager
def running(folder: Path, **settings: Any) -> Iterator[World]:
    """All three, until the end of the block."""
    auth, api = FakeAuth(), FakeApi()
    auth_served, api_served = serve(auth.app()), serve(api.app())
    values: dict[str, Any] = {
        "environment": "test",
        "service_token": SecretStr(SERVICE_TOKEN),
        "auth_url": auth_served.url,
        "api_url": api_served.url,
        "public_url": "http://localhost:8100",
        "webui_dir": folder,
        "session_cache_seconds": 0.0,
        "stream_check_seconds": 0.4,
        "streams_per_session": 3,
        "port": 0,
        **settings,
    }
    bff = Served(BffServer(BffSettings(**values)))
    with httpx.Client(base_url=bff.url, trust_env=False, timeout=60) as http:
        world = World(auth, api, auth_served, api_served, bff, http)
        try:
            yield world
        finally:
            for served in (world.bff, world.api_served, world.auth_served):
                served.stop()


def build_webapp(folder: Path) -> Path:
    """A folder as the build makes it."""
    (folder / "assets").mkdir(parents=True)
    (folder / ".vite").mkdir()
    (folder / "index.html").write_text(PAGE)
    (folder / "favicon.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    (folder / "assets" / "index-abc123.js").write_text("export {}")
    (folder / ".vite" / "manifest.json").write_text("{}")
    return folder
