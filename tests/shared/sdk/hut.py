"""A very small vendor and the suite's harness over it: what a provider's author needs when there is no sandbox.

The vendor is one dictionary behind `httpx.MockTransport`. It knows people by address, gives out one
kind of badge, and reports what took effect. Its provider is somebody else's package: `tests/outside`.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any

import httpx
from pydantic import SecretStr

from services.shared.sdk.contract import Context, Known, Person, Provider
from services.shared.sdk.guard import ReadOnlyTransport
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Effect, Fault, FaultKind, Harness


class Hut:
    """The vendor."""

    def __init__(self) -> None:
        self.people: dict[str, dict[str, Any]] = {}
        self.effects: list[Effect] = []
        self.faults: list[Fault] = []
        self.settle_seconds = 0.0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        fault = next((one for one in self.faults if one.method in {None, request.method}), None)
        if fault is not None and fault.kind is FaultKind.NO_SEATS and "badges" not in request.url.path:
            fault = None
        if fault is not None and fault.kind.value.startswith("commit") and request.method == "GET":
            fault = None
        if fault is None:
            return self.answer(request)
        if fault.times is not None:
            self.faults.remove(fault)
        return self.fail(request, fault)

    def fail(self, request: httpx.Request, fault: Fault) -> httpx.Response:
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                wait = str(fault.retry_after)
                if wait.startswith("http-date:"):
                    wait = formatdate(time.time() + int(wait.removeprefix("http-date:")), usegmt=True)
                return httpx.Response(429, headers={} if fault.retry_after is None else {"retry-after": wait})
            case FaultKind.COMMIT_THEN_DROP:
                self.answer(request)
                raise httpx.ReadError("reset")
            case FaultKind.COMMIT_THEN_STATUS:
                self.answer(request)
                return httpx.Response(502)
            case FaultKind.GARBAGE:
                if fault.commit:
                    self.answer(request)
                return httpx.Response(200, text="<html>")
        statuses = {FaultKind.EXPIRED_TOKEN: 401, FaultKind.FORBIDDEN: 403, FaultKind.NO_SEATS: 402}
        return httpx.Response(statuses.get(fault.kind, 500))

    def answer(self, request: httpx.Request) -> httpx.Response:
        _, address, *badge = request.url.path.strip("/").split("/")
        person = self.people.get(address)
        if request.method == "POST" and not badge:
            if person is not None:
                return httpx.Response(409)
            body = json.loads(request.content)
            person = {"id": uuid.uuid4().hex, "badges": [], "made": time.monotonic(), **body}
            self.people[address] = person
            self.effects.append(Effect(kind="create", object=address))
            return httpx.Response(201, json=person)
        if person is None:
            return httpx.Response(404)
        if request.method == "GET":
            return httpx.Response(200, json=person)
        if time.monotonic() - person["made"] < self.settle_seconds:
            return httpx.Response(425)
        return self.change(request.method, person, badge)

    def change(self, method: str, person: dict[str, Any], badge: list[str]) -> httpx.Response:
        if method == "PUT" and badge[1] not in person["badges"]:
            person["badges"].append(badge[1])
            self.effects.append(Effect(kind="pin", object=badge[1]))
        elif method == "DELETE" and badge[1] in person["badges"]:
            person["badges"].remove(badge[1])
            self.effects.append(Effect(kind="unpin", object=badge[1]))
        return httpx.Response(200, json=person)


class HutHarness(Harness):
    """The whole harness, without a sandbox."""

    removed = ActionKind.REMOVE_LICENSE

    def __init__(self, provider: Provider[Any]) -> None:
        self.provider = provider
        self.joiner = Person(employee_id=uuid.uuid4(), full_name="Ada Lovelace", work_email="ada@hut.example")
        self.wish = {"badges": ["climber", "swimmer"]}
        self.smaller_wish = {"badges": ["climber"]}
        self.password = SecretStr("Canary-hut-7Q")
        self.hut = Hut()
        self.transport = httpx.MockTransport(self.hut)

    async def _password(self) -> SecretStr:
        return self.password

    def context(self, known: Known, *, reading: bool = False) -> Context[Any]:
        return Context(
            tenant_id=uuid.uuid4(),
            settings=self.provider.manifest.settings.model_validate({"hut": "home"}),
            http=httpx.AsyncClient(
                transport=ReadOnlyTransport(self.transport) if reading else self.transport
            ),
            endpoints={"hut": "http://hut.test"},
            person=self.joiner,
            known=known,
            first_password=self._password,
        )

    async def effects(self) -> Sequence[Effect]:
        return list(self.hut.effects)

    async def count_accounts(self) -> int:
        return len(self.hut.people)

    async def describe_account(self) -> Mapping[str, Any] | None:
        person = self.hut.people.get(self.joiner.work_email)
        return {"active": True, "licenses": sorted(person["badges"]), "groups": []} if person else None

    async def inject(self, fault: Fault) -> None:
        self.hut.faults.append(fault)

    async def clear_faults(self) -> None:
        self.hut.faults.clear()

    async def settle(self, seconds: float) -> None:
        self.hut.settle_seconds = seconds

    async def add_foreign_account(self) -> None:
        self.hut.people[self.joiner.work_email] = {"id": "f", "badges": [], "made": 0.0, "mark": ""}

    async def give_by_hand(self) -> None:
        self.hut.people[self.joiner.work_email]["badges"].append("cook")
