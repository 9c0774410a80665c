"""The api and a real worker's tasks over the same database, with the club as the only app."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api, running_api
from tests.fixtures.club import CLUB
from tests.fixtures.postgres import Database
from tests.fixtures.providers import VENDOR
from tests.fixtures.yard import Yard, only_the_club, yard

__all__ = ["clubhouse", "only_the_club", "yard"]


@dataclass
class Clubhouse:
    """Callers of one tenant, and a worker that works when it is told to."""

    api: Api
    yard: Yard
    ada: UUID = field(default_factory=uuid7)

    def client(self, *, role: str = "admin", tenant: UUID | None = None, **claims: Any) -> httpx.AsyncClient:
        """Ada, unless somebody else is named."""
        claims.setdefault("operator_id", self.ada)
        return self.api.client(tenant or self.yard.tenant, role=role, **claims)

    async def request(self, **fields: bool) -> dict[str, Any]:
        """A request by Ada, as far as it goes by itself."""
        person = {"full_name": "Jo Joiner", "work_email": f"jo.{uuid7().hex[-8:]}@acme.example"}
        body = {"employee": person, "apps": {CLUB: fields}}
        made = await self.client().post("/api/requests", json=body)
        assert made.status_code == 201, made.text
        await self.yard.work()
        return await self.read(made.json()["id"])

    async def read(self, request_id: str) -> dict[str, Any]:
        """The request as it is now."""
        found: dict[str, Any] = (await self.client().get(f"/api/requests/{request_id}")).json()
        return found

    async def act(
        self, request: dict[str, Any], key: str, verb: str, body: Any = None, **who: Any
    ) -> httpx.Response:
        """Do something about the action of that key."""
        path = f"/api/requests/{request['id']}/actions/{action(request, key)['id']}/{verb}"
        return await self.client(**who).post(path, json=body)


def action(request: dict[str, Any], key: str) -> dict[str, Any]:
    found: dict[str, Any] = next(item for item in request["results"][0]["actions"] if item["key"] == key)
    return found


@pytest.fixture
async def clubhouse(module_database: Database, redis_url: str, yard: Yard) -> AsyncIterator[Clubhouse]:
    async with running_api(module_database, redis_url, VENDOR) as api:
        yield Clubhouse(api, yard)
