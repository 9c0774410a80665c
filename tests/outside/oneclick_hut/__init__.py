"""A provider as somebody outside this repository would publish it: found by its entry point, imported by nobody.

`oneclick_hut-1.0.0.dist-info` beside this package is what an installer leaves behind.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from pydantic import Field

from services.shared.sdk.contract import (
    Choice,
    ChoiceOption,
    Context,
    Desired,
    Grant,
    Issue,
    Notice,
    Outcome,
    Plan,
    PlannedAction,
    Provider,
)
from services.shared.sdk.errors import ActionRequired, ConsentLost, ErrorCode, Refused, Transient
from services.shared.sdk.fingerprint import fingerprint
from services.shared.sdk.manifest import ActionKind, Capability, Frozen, Limits, Manifest
from services.shared.sdk.retry_after import parse_retry_after


class HutForm(Frozen):
    badges: tuple[str, ...] = Field((), title="Badges", description="Badges that the person wears.")


class HutSettings(Frozen):
    hut: str = Field("home", title="Hut", description="Which hut.")


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
