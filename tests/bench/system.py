"""The running system as the bench sees it: clients, tokens, process ids, processor time."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from deploy.local.publicclient import PublicClient
from deploy.local.stack import Stack

TOKEN_SECONDS = 40.0


class System:
    """Use as an async context manager; signed in as the sandbox's administrator."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.wiring = stack.wiring
        self.http = httpx.AsyncClient(
            trust_env=False,
            timeout=60,
            limits=httpx.Limits(max_connections=200, max_keepalive_connections=200),
        )
        self._session = ""
        self._token = ""
        self._token_until = 0.0
        self._people = 0

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self._sign_in)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def _sign_in(self) -> None:
        with PublicClient(self.wiring.public_url) as person:
            person.sign_in("admin@acme.example")
            jar = next(jar for jar in person._cookies.values() if "__Host-oc" in jar)
            self._session = jar["__Host-oc"]

    @property
    def session(self) -> str:
        """The session as the bff holds it."""
        return self._session

    async def headers(self) -> dict[str, str]:
        """An internal token for the API, as the bff gets it."""
        if time.monotonic() > self._token_until:
            reply = await self.http.post(
                f"{self.wiring.url('auth')}/auth/internal/session/token",
                json={"session_token": self._session},
                headers={"X-Service-Token": self.wiring.keys.service_token("bff")},
            )
            reply.raise_for_status()
            self._token = reply.json()["access_token"]
            self._token_until = time.monotonic() + TOKEN_SECONDS
        return {"Authorization": f"Bearer {self._token}"}

    @property
    def api(self) -> str:
        return self.wiring.url("api")

    @property
    def sandbox(self) -> str:
        return self.wiring.url("sandbox")

    def hire(self) -> dict[str, Any]:
        """A request's body for somebody new, in both apps: three actions in one, three in the other."""
        self._people += 1
        return {
            "employee": {
                "full_name": f"Bench Person{self._people}",
                "work_email": f"bench{self._people}-{os.getpid()}@acme.example",
            },
            "apps": {
                "google-workspace": {
                    "license_skus": [],
                    "groups": ["sales@acme.example", "engineering@acme.example"],
                },
                "microsoft-365": {
                    "usage_location": "DE",
                    "groups": [
                        "2577a00f-7e7c-50bf-ab4e-7d26ab0ce522",
                        "68b46968-5001-56cf-8601-f5a42172f064",
                    ],
                },
            },
        }

    async def request(self, body: dict[str, Any]) -> str:
        """Ask for accounts; the request's id."""
        reply = await self.http.post(f"{self.api}/api/requests", json=body, headers=await self.headers())
        if reply.is_error:
            raise AssertionError(f"{reply.status_code} {reply.text}")
        return str(reply.json()["id"])

    async def state(self, request_id: str) -> str:
        reply = await self.http.get(f"{self.api}/api/requests/{request_id}", headers=await self.headers())
        reply.raise_for_status()
        return str(reply.json()["state"])

    async def wait_all_ended(self, within: float = 900.0) -> None:
        """Until no request is queued or running."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            left = 0
            for state in ("queued", "running"):
                reply = await self.http.get(
                    f"{self.api}/api/requests?state={state}&limit=1", headers=await self.headers()
                )
                left += reply.json()["total"]
            if not left:
                return
            await asyncio.sleep(0.25)
        raise AssertionError("requests are still running")

    async def vendor_calls(self, vendor: str) -> list[dict[str, Any]]:
        reply = await self.http.get(f"{self.sandbox}/control/{vendor}/requests")
        items: list[dict[str, Any]] = reply.json()["items"]
        return items

    async def configure(self, vendor: str, **settings: Any) -> None:
        (await self.http.put(f"{self.sandbox}/control/{vendor}/settings", json=settings)).raise_for_status()

    async def reset_vendors(self) -> None:
        (await self.http.post(f"{self.sandbox}/control/reset", json={"tokens": False})).raise_for_status()

    def pid(self, module: str) -> int:
        """The process that runs a module."""
        for part in self.stack.supervisor._started:
            for pid, command in part.children().items():
                if module in command:
                    return pid
        raise LookupError(module)

    def redis_pid(self) -> int:
        return self.wiring.redis.pid or 0


def processor_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mib(pid: int) -> float:
    """Resident memory."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20
