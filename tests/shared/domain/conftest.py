"""The domain's services on the real database, as the services' roles, with stub providers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.requesting import create_request
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.provisioning.wishes import Wish
from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.bell import SilentBell
from services.shared.kit.db import Sessions, create_engine, create_sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork, unit_of_work
from tests.fixtures.handworker import HandWorker
from tests.fixtures.postgres import Database
from tests.fixtures.providers import DESK, StubVendor, stub_providers

__all__ = ["stub_providers"]


@dataclass
class Desk:
    """One tenant's operator, and a worker by hand."""

    sessions: Sessions
    worker: HandWorker
    vendor: StubVendor
    tenant: UUID

    def unit(self, *, worker: bool = False) -> AbstractAsyncContextManager[UnitOfWork]:
        """A transaction as the api's role, or as the worker's."""
        return unit_of_work(
            self.worker.sessions if worker else self.sessions,
            SilentBell(),
            tenant_id=self.tenant,
            actor=Actor(ActorKind.OPERATOR, "7", "Ada"),
            correlation_id="domain-test",
        )

    async def make(self, **more: Any) -> UUID:
        """A stored request."""
        async with self.unit() as uow:
            return (await create_request(uow, wish(**more))).id


def wish(**more: Any) -> Wish:
    """A wish that is right; `person` replaces parts of the person."""
    person = {
        "full_name": "Grace Hopper",
        "work_email": f"grace.{uuid7().hex[-8:]}@acme.example",
        **more.pop("person", {}),
    }
    values: dict[str, Any] = {"kind": RequestKind.ONBOARD, "apps": {DESK: {"seats": ["gold"]}}, **more}
    return Wish(person=EmployeeDetails(**person), **values)


@pytest.fixture(scope="module")
async def engines(module_database: Database) -> AsyncIterator[tuple[AsyncEngine, AsyncEngine]]:
    made = (
        create_engine(module_database.url("oneclick_api"), name="api"),
        create_engine(module_database.url("oneclick_worker"), name="worker"),
    )
    yield made
    for engine in made:
        await engine.dispose()


@pytest.fixture
def desk(engines: tuple[AsyncEngine, AsyncEngine], stub_providers: StubVendor) -> Desk:
    """A new tenant."""
    api, worker = engines
    stub_providers.reset()
    return Desk(create_sessions(api), HandWorker(create_sessions(worker)), stub_providers, uuid7())
