"""The worker's own tasks in the test's process, on the real database, against a club over ASGI. No time passes by
itself: `tomorrow` makes everything due."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from pydantic import SecretStr

from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.models import Action
from services.shared.domain.provisioning.reading import RequestView, get_request_view
from services.shared.domain.provisioning.requesting import create_request
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.provisioning.wishes import Wish
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.bell import SilentBell
from services.shared.kit.db import Sessions, create_engine, create_sessions, create_single_sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.ledger import Claim, claim_jobs
from services.shared.kit.uow import UnitOfWork, unit_of_work
from services.shared.sdk import registry
from services.shared.sdk.errors import ProviderError
from services.worker.app import make_tasks
from services.worker.broker import Access
from services.worker.limits.database_books import DatabaseBooks
from services.worker.limits.gates import Gates
from services.worker.runner import Task, Transactions
from services.worker.tasks.result import Patience
from services.worker.vendor import VendorDesk
from tests.fixtures.club import CLUB, Club, ClubProvider
from tests.fixtures.postgres import Database

ADA = Actor(ActorKind.OPERATOR, "7", "Ada")
BEA = Actor(ActorKind.OPERATOR, "8", "Bea")


@dataclass
class Keys:
    """The worker's broker, without an auth service. `refusing` is raised instead of giving a token."""

    refusing: ProviderError | None = None

    async def access(self, tenant_id: UUID, vendor: str, purpose: str, **_: Any) -> Access:
        if self.refusing is not None:
            raise self.refusing
        return Access(SecretStr("key"), UUID(int=1), {"org": "acme"}, good_until=1e12)


@dataclass
class Yard:
    """One tenant, its operators, and a worker that works when it is told to."""

    database: Database
    api: Sessions
    worker: Sessions
    tasks: dict[str, Task]
    club: Club
    keys: Keys
    tenant: UUID = field(default_factory=uuid7)

    def unit(self, actor: Actor = ADA) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction of the api."""
        return unit_of_work(
            self.api, SilentBell(), tenant_id=self.tenant, actor=actor, correlation_id="yard-test"
        )

    async def request(self, *, actor: Actor = ADA, **fields: bool) -> tuple[UUID, str]:
        """Ask for the club; the request's id and the person's address."""
        address = f"jo.{uuid7().hex[-8:]}@acme.example"
        return await self.request_for(address, actor=actor, **fields), address

    async def request_for(self, address: str, *, actor: Actor = ADA, **fields: bool) -> UUID:
        """Ask for the club for that person."""
        person = EmployeeDetails(full_name="Jo Joiner", work_email=address)
        wish = Wish(kind=RequestKind.ONBOARD, person=person, apps={CLUB: dict(fields)})
        async with self.unit(actor) as uow:
            return (await create_request(uow, wish)).id

    async def claim(self) -> list[Claim]:
        """Whatever is due."""
        return await claim_jobs(
            self.worker, worker="yard", kinds=list(self.tasks), slots=50, lease=timedelta(minutes=5)
        )

    async def work(self) -> int:
        """Do every job that is due, until none is; how many there were."""
        done = 0
        while claims := await self.claim():
            for claim in claims:
                await self.tasks[claim.kind].run(claim)
                done += 1
                assert done < 50, "the jobs never end"
        return done

    def tomorrow(self) -> None:
        """Whatever waits for its time is due."""
        past = "now() - interval '1 second'"
        self.database.psql(f"UPDATE api.jobs SET run_at = {past} WHERE state = 'queued'")
        self.database.psql(f"UPDATE api.actions SET look_at = {past} WHERE look_at IS NOT NULL")
        self.database.psql(f"UPDATE api.actions SET next_try_at = {past} WHERE next_try_at IS NOT NULL")
        self.database.psql("UPDATE api.actions SET sent_at = sent_at - interval '1 day'")

    def jobs(self) -> list[str]:
        """Live jobs of this tenant: `state|seconds until due`."""
        return self.database.psql(
            "SELECT state || ' ' || round(extract(epoch FROM run_at - now())) FROM api.jobs"
            f" WHERE tenant_id = '{self.tenant}' AND state IN ('queued', 'running')"
        ).splitlines()

    @asynccontextmanager
    async def club_answers_late(self, asked: asyncio.Event, answer: asyncio.Event) -> AsyncIterator[None]:
        """The club's next answer is made when it is asked for, and arrives when `answer` is set."""
        self.club.asked, self.club.answer = asked, answer
        yield
        self.club.asked = self.club.answer = None

    async def view(self, request_id: UUID) -> RequestView:
        async with self.unit() as uow:
            return await get_request_view(uow, request_id)

    async def action(self, request_id: UUID, key: str) -> Action:
        """The present round's action of that key."""
        view = await self.view(request_id)
        return next(action for action in view.results[0].actions if action.key == key)

    async def states(self, request_id: UUID) -> dict[str, str]:
        """The request's, the app's and every action's state."""
        view = await self.view(request_id)
        return {
            "request": str(view.request.state),
            "app": str(view.results[0].result.state),
            **{action.key: str(action.state) for action in view.results[0].actions},
        }


@pytest.fixture(scope="module")
def only_the_club() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "_classes", lambda: iter((ClubProvider,)))
        registry.providers.cache_clear()
        yield
    registry.providers.cache_clear()


@pytest.fixture
async def yard(module_database: Database, redis_url: str, only_the_club: None) -> AsyncIterator[Yard]:
    api = create_engine(module_database.url("oneclick_api"), name="api")
    worker = create_engine(module_database.url("oneclick_worker"), name="worker")
    club, keys = Club(), Keys()
    transport = httpx.ASGITransport(app=club.app())
    transactions = Transactions(create_sessions(worker), create_single_sessions(worker), SilentBell())
    gates = Gates(redis_url, DatabaseBooks(transactions.single))
    await gates.start()
    desk = VendorDesk(keys, transport, {"github_api": "http://club.test"}, gates)  # type: ignore[arg-type]  # all of a broker that is asked here
    tasks = make_tasks(transactions, desk, Patience(max_tries=3, backoff=0.01))
    module_database.psql("DELETE FROM api.jobs")
    yield Yard(module_database, create_sessions(api), create_sessions(worker), tasks, club, keys)
    await gates.stop()
    for engine in (api, worker):
        await engine.dispose()
