"""A very small vendor and its provider: what the suite needs when there is no sandbox.

The vendor is one dictionary behind `httpx.MockTransport`. It knows people by address, gives out one
kind of badge, and reports what took effect.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Mapping, Sequence
from email.utils import formatdate
from typing import Any, ClassVar

import httpx
from pydantic import Field, SecretStr

from services.shared.sdk.contract import (
    Choice,
    ChoiceOption,
    Context,
    Desired,
    Grant,
    Issue,
    Known,
    Notice,
    Outcome,
    Person,
    Plan,
    PlannedAction,
    Provider,
)
from services.shared.sdk.errors import ActionRequired, ConsentLost, ErrorCode, Refused, Transient
from services.shared.sdk.fingerprint import fingerprint
from services.shared.sdk.guard import ReadOnlyTransport
from services.shared.sdk.manifest import ActionKind, Capability, Frozen, Limits, Manifest
from services.shared.sdk.retry_after import parse_retry_after
from services.shared.sdk.suite import Effect, Fault, FaultKind, Harness


class HutForm(Frozen):
    badges: tuple[str, ...] = Field((), title="Badges", description="Badges that the person wears.")


class HutSettings(Frozen):
    hut: str = Field("home", title="Hut", description="Which hut.")


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


class HutProvider(Provider[HutSettings]):
    """A page of typed calls: all that a small vendor needs."""

    manifest: ClassVar[Manifest] = Manifest(
        key="hut",
        title="Hut",
        vendor="hut",
        summary="A hut.",
        form=HutForm,
        settings=HutSettings,
        endpoints=("hut",),
        capabilities=(
            Capability(key="person.create", title="Let people in", scopes=("people",)),
            Capability(key="badge.unpin", title="Take badges", scopes=("badges",), destructive=True),
        ),
        actions=(
            ActionKind.CREATE,
            ActionKind.ADOPT,
            ActionKind.ASSIGN_LICENSE,
            ActionKind.REMOVE_LICENSE,
            ActionKind.NOOP,
        ),
        limits=Limits(calls_per_second=10, concurrency=1, source="the hut's door"),
    )

    async def _send(self, ctx: Context[HutSettings], method: str, badge: str = "", **more: Any) -> Any:
        path = f"/people/{ctx.person.work_email}" + (f"/badges/{badge}" if badge else "")
        reply = await ctx.http.request(method, ctx.endpoints["hut"] + path, **more)
        match reply.status_code:
            case 404:
                return None
            case 401:
                raise ConsentLost("The hut is locked.")
            case 403:
                raise ConsentLost("Not allowed.", code=ErrorCode.MISSING_SCOPE)
            case 402:
                raise ActionRequired("No badge is left.", code=ErrorCode.NO_SEATS)
            case 409:
                raise ActionRequired("Somebody is there.", code=ErrorCode.ALREADY_EXISTS)
            case 425:
                raise Transient("Not yet.", code=ErrorCode.SETTLING)
            case 429:
                wait = parse_retry_after(reply.headers)
                raise Transient("Slow down.", code=ErrorCode.RATE_LIMITED, retry_after=wait)
            case status if status >= 500:
                raise Transient("The hut is on fire.")
        try:
            return reply.json()
        except ValueError as error:
            raise Refused("The hut mumbles.") from error

    async def validate(self, ctx: Context[HutSettings]) -> Sequence[Issue]:
        await self._send(ctx, "GET")
        return ()

    async def plan(self, ctx: Context[HutSettings], desired: Desired) -> Plan:
        wanted = HutForm.model_validate(dict(desired.fields)).badges
        person = await self._send(ctx, "GET")
        ours = person is not None and (person["mark"] == ctx.mark or person["id"] == ctx.known.remote_id)
        stranger = person is not None and not ours
        if stranger and desired.existing_account == "fail":
            raise Refused("Somebody is there.", code=ErrorCode.ALREADY_EXISTS)
        notices: list[Notice] = []
        actions: list[PlannedAction] = []
        if stranger and desired.existing_account == "skip":
            notices.append(Notice(code="skipped", message="Somebody is there."))
        elif desired.presence == "active":
            actions = self._steps(ctx, desired, wanted, person, notices)
        asks = stranger and desired.existing_account == "ask"
        options = (ChoiceOption(value="adopt", label="Adopt"), ChoiceOption(value="skip", label="Skip"))
        choice = Choice(code="existing_account", message="Somebody is there.", options=options)
        return Plan(
            actions=tuple(actions) or (_step("noop", ActionKind.NOOP, ctx.person.work_email),),
            notices=tuple(notices),
            choices=(choice,) if asks else (),
            fingerprint=fingerprint({"person": person and {"id": person["id"], "badges": person["badges"]}}),
        )

    def _steps(
        self,
        ctx: Context[HutSettings],
        desired: Desired,
        wanted: Sequence[str],
        person: dict[str, Any] | None,
        notices: list[Notice],
    ) -> list[PlannedAction]:
        actions = []
        if person is None:
            actions.append(_step("create", ActionKind.CREATE, ctx.person.work_email))
        elif ctx.known.remote_id is None:
            actions.append(_step("adopt", ActionKind.ADOPT, ctx.person.work_email))
        waits = tuple(one.key for one in actions)
        worn = person["badges"] if person else []
        new = [badge for badge in wanted if badge not in worn]
        actions += [_step(f"badge:{badge}", ActionKind.ASSIGN_LICENSE, badge, waits) for badge in new]
        for badge in (badge for badge in worn if badge not in wanted):
            if ctx.known.gave("license", badge) or desired.unmanaged == "remove":
                actions.append(_step(f"badge:{badge}", ActionKind.REMOVE_LICENSE, badge, waits))
            else:
                notices.append(Notice(code="kept", message=f"{badge} stays."))
        return actions

    async def apply(self, ctx: Context[HutSettings], action: PlannedAction) -> Outcome:
        if action.kind is ActionKind.CREATE:
            try:
                await self._send(ctx, "POST", json={"mark": ctx.mark})
            except ActionRequired:
                if (found := await self.confirm(ctx, action)) is None:
                    raise
                return found
        elif action.kind is ActionKind.ADOPT:
            person = await self._send(ctx, "GET")
            return Outcome(
                remote_id=person["id"], login=ctx.person.work_email, adopted=person["mark"] != ctx.mark
            )
        elif action.kind is not ActionKind.NOOP:
            method = "PUT" if action.kind is ActionKind.ASSIGN_LICENSE else "DELETE"
            await self._send(ctx, method, action.target)
        found = await self.confirm(ctx, action)
        if found is None:
            raise Refused("The hut says yes and does nothing.")
        return found

    async def confirm(self, ctx: Context[HutSettings], action: PlannedAction) -> Outcome | None:
        person = await self._send(ctx, "GET")
        if action.kind is ActionKind.NOOP:
            return Outcome()
        if person is None or (action.kind is ActionKind.CREATE and person["mark"] != ctx.mark):
            return None
        found = Outcome(remote_id=person["id"], login=ctx.person.work_email)
        grant = Grant(kind="license", key=action.target, label=action.target)
        worn = action.target in person["badges"]
        if action.kind is ActionKind.ASSIGN_LICENSE:
            return found.model_copy(update={"given": (grant,)}) if worn else None
        if action.kind is ActionKind.REMOVE_LICENSE:
            return None if worn else found.model_copy(update={"taken": (grant,)})
        return found


def _step(key: str, kind: ActionKind, target: str, waits: tuple[str, ...] = ()) -> PlannedAction:
    return PlannedAction(key=key, kind=kind, target=target, title=f"{kind} {target}", depends_on=waits)


class HutHarness(Harness):
    """The whole harness, without a sandbox."""

    removed = ActionKind.REMOVE_LICENSE

    def __init__(self) -> None:
        self.provider = HutProvider()
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
            settings=HutSettings(hut="home"),
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
