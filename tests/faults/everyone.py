"""Every app of the registry under the engine: what to wish for, and people who do what the vendors wait for."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from uuid import UUID

from services.shared.domain.provisioning.hearing import hasten_heard
from services.shared.domain.provisioning.pausing import resume_vendor
from services.shared.domain.provisioning.states import REQUEST_ENDED
from services.shared.domain.provisioning.tasking import say_done
from services.shared.domain.setting.service import switch_app
from services.shared.sdk.contract import PlannedAction
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.optional import Heard
from tests.fixtures.engine import Engine, WorkerProcess
from tests.providers.harness import SandboxHarness, has_harness, provider_folders

PAUSED = "paused"


def every_app() -> list[tuple[str, str | None]]:
    """Each app's folder, and its name inside a folder that has several; not what needs another connection."""
    found: list[tuple[str, str | None]] = []
    for folder in provider_folders():
        if has_harness(folder):
            module = import_module(f"tests.providers.{folder}.harness")
            apart = getattr(module, "UNCONNECTED", ())
            found += [(folder, app) for app in getattr(module, "APPS", (None,)) if app not in apart]
    return found


def name_of(case: tuple[str, str | None]) -> str:
    """The case as a test runner shows it."""
    return case[1] or case[0]


@dataclass(slots=True)
class Hire:
    """Somebody who joins with one app, and how their account looks from the vendor's side."""

    engine: Engine
    harness: SandboxHarness
    key: str

    @property
    def email(self) -> str:
        return self.harness.joiner.work_email

    def start_worker(self, faults: str = "") -> WorkerProcess:
        """A worker that the vendor's published rates do not hold up: here it is the faults that count."""
        vendor = self.harness.provider.manifest.vendor
        rates = {vendor: {"calls_per_second": 1000, "concurrency": 50, "budgets": []}}
        return self.engine.start_worker(faults=faults, WORKER_LIMITS=json.dumps(rates))

    async def ask(self) -> UUID:
        """The request, applied at once. An app that is not offered by itself is switched on first."""
        async with self.engine.unit_of_work() as uow:
            await switch_app(uow, self.key, offered=True)
        return await self.engine.request({self.key: dict(self.harness.wish)}, email=self.email)

    async def see_through(self, request: UUID, within: float = 150.0) -> str:
        """Do what the vendor waits for until the request has ended: accept invitations, do tasks.

        `PAUSED` where it waits for the account to be reconnected.
        """
        deadline = time.monotonic() + within
        ended = {str(state) for state in REQUEST_ENDED}
        accepted: set[UUID] = set()
        while True:
            state = await self.engine.value("SELECT state FROM api.requests WHERE id = :id", id=request)
            if state in ended:
                return str(state)
            if await self._is_paused(request):
                return PAUSED
            if time.monotonic() > deadline:
                raise AssertionError(f"request is {state}: {await self.engine.picture(request)}")
            for action in await self._waiting(request):
                await self._help(request, action, accepted)
            await asyncio.sleep(0.05)

    async def _is_paused(self, request: UUID) -> bool:
        paused = await self.engine.rows(
            "SELECT 1 FROM api.jobs j JOIN api.results r ON r.id = j.subject_id WHERE r.request_id = :id"
            " AND r.state = 'waiting_retry' AND j.state = 'queued' AND j.run_at > now() + interval '1 second'"
            " AND (j.last_error ->> 'code' = 'auth_expired' OR EXISTS (SELECT 1 FROM api.actions a"
            "  WHERE a.result_id = r.id AND a.state = 'waiting_retry' AND a.error ->> 'code' = 'auth_expired'))",
            id=request,
        )
        return bool(paused)

    async def reconnect(self) -> None:
        """The account was reconnected: what waited for it is due."""
        async with self.engine.unit_of_work() as uow:
            await resume_vendor(uow, self.harness.provider.manifest.vendor)

    async def _waiting(self, request: UUID) -> list[dict[str, Any]]:
        return await self.engine.rows(
            "SELECT id, key, kind, target, title, state, params, looks, look_at IS NOT NULL AS said"
            " FROM api.actions WHERE request_id = :id AND state IN ('awaiting_acceptance', 'awaiting_person')",
            id=request,
        )

    async def _help(self, request: UUID, action: dict[str, Any], accepted: set[UUID]) -> None:
        if action["state"] == "awaiting_acceptance":
            if action["id"] not in accepted:
                await self.harness.accept()
                accepted.add(action["id"])
            async with self.engine.unit_of_work() as uow:
                heard = Heard(kind="activated", email=self.email)
                await hasten_heard(uow, self.harness.provider.manifest.vendor, [heard])
        elif not action["said"]:
            planned = PlannedAction(
                key=action["key"],
                kind=ActionKind(action["kind"]),
                target=action["target"],
                title=action["title"],
                params=action["params"],
            )
            await self.harness.do_by_hand(planned)
            async with self.engine.unit_of_work() as uow:
                await say_done(uow, request, action["id"], None)

    async def assert_one_account(self) -> None:
        """Exactly one account, active, and no effect landed twice."""
        assert await self.harness.count_accounts() == 1
        account = await self.harness.describe_account()
        assert account is not None
        assert account["active"]
        counted = Counter((effect.kind, effect.object) for effect in await self.harness.effects())
        twice = {what: count for what, count in counted.items() if count > 1}
        assert not twice, f"effects that landed twice at {self.key}: {twice}"


def hire(engine: Engine, case: tuple[str, str | None]) -> Hire:
    """Somebody new for this app; close the harness when done."""
    folder, app = case
    module = import_module(f"tests.providers.{folder}.harness")
    harness: SandboxHarness = (
        module.make_harness(engine.sandbox, app) if app else module.make_harness(engine.sandbox)
    )
    harness.joiner = harness.joiner.model_copy(
        update={"work_email": engine.new_address(), "full_name": "Jo Joiner"}
    )
    return Hire(engine, harness, harness.provider.manifest.key)
