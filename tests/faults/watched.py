"""A connected company that watches its mailboxes at the sandbox: real api, auth and workers, notifications by HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx

from services.shared.domain.notification.resources import read_wish
from services.shared.domain.notification.service import create_subscription, renew_many, replay_event
from tests.faults.test_killed_api import api, published_keys
from tests.fixtures.engine import OTHER_TENANT, TENANT, Engine
from tests.fixtures.principals import bearer, mint

HOOK = "/api/ms365/webhook"
ADA = "admin@acme.example"
EVERY_CHANGE = ("created", "updated", "deleted")


async def eventually(holds: Callable[[], Awaitable[Any]], picture: Callable[[], Awaitable[Any]]) -> None:
    """Wait for it; when it does not come, the test fails with the picture."""
    deadline = asyncio.get_running_loop().time() + 90
    while not await holds():
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(await picture())
        await asyncio.sleep(0.1)


@dataclass(frozen=True, slots=True)
class Watched:
    """One tenant. `act` is what happens at its Microsoft."""

    engine: Engine
    tenant: UUID = TENANT
    url: str = ""
    """The api's address."""

    async def call(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Ask the api as an administrator of this tenant."""
        async with httpx.AsyncClient(timeout=60) as client:
            return await client.request(
                method, f"{self.url}/api/ms365/{path}", json=body, headers=bearer(mint(self.tenant))
            )

    async def items(self, path: str) -> list[dict[str, Any]]:
        """Everything in one of the api's lists."""
        answer = await self.call("GET", path)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def sweep(self) -> dict[str, int]:
        """What the scheduler does every hour; it is for all tenants."""
        async with httpx.AsyncClient(timeout=60) as client:
            answer = await client.post(
                f"{self.url}/api/internal/renew-subscription",
                headers={"X-Service-Token": self.engine.keys.service_token("scheduler")},
            )
        assert answer.status_code == 200, answer.text
        promised: dict[str, int] = answer.json()
        return promised

    def act(self, verb: str, **body: Any) -> dict[str, Any]:
        return self.engine.sandbox.act("microsoft", verb, **body)

    async def subscribe(
        self, resource: str = f"users/{ADA}/messages", *, changes: tuple[str, ...] = EVERY_CHANGE, **more: Any
    ) -> UUID:
        """A subscription that is active at the vendor, and where reading begins is known."""
        wish = read_wish(resource, list(changes), **{"rich": False, "life_minutes": None, **more})
        async with self.engine.unit_of_work(self.tenant) as uow:
            made = (await create_subscription(uow, wish)).id
        await self.wait_settled()
        return made

    async def wait_settled(self) -> None:
        """Until every subscription is active at the vendor, and where reading begins is known."""
        await self.until(self._are_settled)

    async def _are_settled(self) -> bool:
        rows = await self.rows("state, last_resync_at", "webhook_subscriptions")
        return all(row["state"] == "active" and row["last_resync_at"] is not None for row in rows)

    async def until(self, holds: Callable[..., Awaitable[bool]], *about: Any) -> None:
        """Wait for it."""
        await eventually(lambda: holds(*about), self.picture)

    async def rows(self, columns: str, table: str, **equal: Any) -> list[dict[str, Any]]:
        """Rows of this tenant, in the order that they were made."""
        more = "".join(f" AND {name} = :{name}" for name in equal)
        return await self.engine.rows(
            f"SELECT {columns} FROM api.{table} WHERE tenant_id = :tenant{more} ORDER BY id",
            tenant=self.tenant,
            **equal,
        )

    async def kept(self) -> list[tuple[str, str, str]]:
        """Messages that are there as OneClick knows it: id, subject, change key."""
        rows = await self.rows("remote_id, subject, change_key, deleted_at", "messages")
        return sorted(
            (row["remote_id"], row["subject"], row["change_key"]) for row in rows if not row["deleted_at"]
        )

    def true_state(self, *mailboxes: str) -> list[tuple[str, str, str]]:
        """The same of what is in these mailboxes at the vendor."""
        return sorted(
            (one["immutable_id"], one["subject"], one["change_key"])
            for address in mailboxes or (ADA,)
            for one in self.act("mailbox", to=address)["messages"]
        )

    async def is_true(self, *mailboxes: str) -> bool:
        """Whether nothing waits any more, and OneClick has exactly what is at the vendor."""
        waiting = await self.engine.value(
            "SELECT count(*) FROM api.webhook_events WHERE tenant_id = :tenant AND state IN ('queued', 'retrying')",
            tenant=self.tenant,
        )
        return waiting == 0 and await self.kept() == self.true_state(*mailboxes)

    async def wait_true(self, *mailboxes: str) -> None:
        """Until OneClick has exactly what is at the vendor."""
        await self.until(self.is_true, *mailboxes)

    async def wait_closed(self, reason: str) -> dict[str, Any]:
        """The newest gap of this kind, once something has closed it."""
        found: list[dict[str, Any]] = []

        async def closed() -> bool:
            found[:] = await self.rows("closed_by, found, from_at, to_at", "webhook_gaps", reason=reason)
            return bool(found) and found[-1]["closed_by"] is not None

        await self.until(closed)
        return found[-1]

    async def renew(self) -> None:
        """Ask for the renewal of all, now."""
        async with self.engine.unit_of_work(self.tenant) as uow:
            await renew_many(uow, None)

    async def replay(self, event: UUID) -> None:
        """Work on one notification again."""
        async with self.engine.unit_of_work(self.tenant) as uow:
            await replay_event(uow, event)

    async def picture(self) -> dict[str, Any]:
        """Everything about it, for a failing test's message."""
        return {
            "subscriptions": await self.rows("state, problem, failures, expires_at", "webhook_subscriptions"),
            "events": await self.rows(
                "change_type, resource, state, tries, error, outcome", "webhook_events"
            ),
            "gaps": await self.rows("reason, closed_by, found", "webhook_gaps"),
            "kept": await self.kept(),
            "jobs": (await self.engine.pictured(self.tenant))["jobs"],
            "posted": self.act("notifications"),
        }


@contextmanager
def watching(engine: Engine, **worker: str) -> Iterator[str]:
    """An api that Microsoft reaches, and a worker that subscribes there; the api's address."""
    with published_keys() as keys, api(engine, keys, "") as (url, _):
        engine.start_worker(NOTIFICATIONS_URL=url + HOOK, **worker)
        yield url


async def forget(engine: Engine) -> None:
    """Nothing is watched, and nothing was heard."""
    for table in ("messages", "webhook_events", "webhook_gaps", "webhook_subscriptions", "jobs"):
        await engine.rows(f"DELETE FROM api.{table}")


async def connect_other(engine: Engine, connection_id: str | None = None) -> str:
    """Connect the second company by an app registration in its directory; the connection's id."""
    microsoft = engine.sandbox.info()["microsoft"]
    directory = next(one for one in microsoft["tenants"] if "globex.example" in one["domains"])
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.post(
            f"{engine.auth_url}/auth/internal/connections",
            headers={"X-Service-Token": engine.keys.service_token("api")},
            json={
                "tenant_id": str(OTHER_TENANT),
                "actor": {"id": str(OTHER_TENANT), "address": "admin@globex.example"},
                "vendor": "microsoft",
                "method": "client_credentials",
                "connection_id": connection_id,
                "fields": {
                    "directory_id": directory["directory_id"],
                    "client_id": microsoft["client_id"],
                    "client_secret": microsoft["client_secret"],
                },
            },
        )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
