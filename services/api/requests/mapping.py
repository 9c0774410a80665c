"""From the domain's views to what goes out, and from what came in to a wish."""

from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from services.api.auth_client import Sealed
from services.api.requests.schemas import (
    ActionRead,
    ActorRead,
    CallRead,
    ChoiceOptionRead,
    ChoiceRead,
    CountsRead,
    ErrorRead,
    FirstPasswordRead,
    LinkRead,
    PersonRead,
    PlanAppRead,
    PlannedActionRead,
    PlanRead,
    RequestAppRead,
    RequestCreate,
    RequestEmployeeRead,
    RequestRead,
    RequestSummary,
    ResultAccountRead,
    ResultRead,
    SaidDoneRead,
    SeatRead,
    TaskRead,
    UsedRoleTemplateRead,
    WarningRead,
)
from services.shared.domain.account.models import Account, AccountState
from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning import reading
from services.shared.domain.provisioning.models import Action, AppPlan, Plan, ProviderCall, Request
from services.shared.domain.provisioning.seats import Promised, left_after, notices_of
from services.shared.domain.provisioning.states import (
    ACTION_WAITING,
    ActionState,
    PlanState,
    RequestKind,
    ResultState,
    waits_for,
)
from services.shared.domain.provisioning.wishes import Wish
from services.shared.domain.role_template.service import TemplateView
from services.shared.domain.role_template.using import TemplateRef
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Plan as ProviderPlan
from services.shared.sdk.contract import SeatUse
from services.shared.sdk.manifest import DESTRUCTIVE, ActionKind
from services.shared.sdk.manual import INSTRUCTIONS, LINK
from services.shared.sdk.registry import UnknownApp, get_provider, resolve_app

Passwords = Mapping[UUID, Sealed]


def wish_of(body: RequestCreate, connected: Collection[str] | None = None) -> Wish:
    """The wish that a body spells. `connected` are the apps that a template may bring; None: any."""
    ref = body.role_template
    person = body.employee.model_dump(exclude={"tags"})
    tags = body.employee.tags
    return Wish(
        kind=RequestKind(body.kind),
        person=EmployeeDetails(**person, tags=None if tags is None else tuple(tags)),
        apps=body.apps,
        existing_account=body.existing_account,
        tags=tuple(body.tags),
        dry_run=body.dry_run,
        role_template=TemplateRef(id=ref.id, key=ref.key, version=ref.version) if ref else None,
        connected=connected,
    )


def app_key(name: str) -> str:
    """The app's key for a key or short name; what nobody knows stays as it is."""
    try:
        return resolve_app(name)
    except UnknownApp:
        return name


def app_title(app: str) -> str:
    """The app's name for people; its key where its provider is no longer installed."""
    try:
        return get_provider(app).manifest.title
    except UnknownApp:
        return app


def error_read(stored: Mapping[str, Any] | None, *, raw: bool = False) -> ErrorRead | None:
    """A stored error. `raw` says that the exchange with the vendor can be looked at."""
    if stored is None:
        return None
    error = Explained.model_validate(stored)
    link = LinkRead(label=error.link_label or error.link_url, url=error.link_url) if error.link_url else None
    return ErrorRead(
        code=error.code,
        message=error.message,
        remedy=error.remedy,
        who=error.who,
        link=link,
        field=error.field,
        vendor_message=error.vendor_message,
        raw=raw,
    )


def plan_read(plan: Plan, parts: Sequence[AppPlan], promised: Promised) -> PlanRead:
    """A plan with its apps, its seats set against what others were promised.

    One whose time is over is shown as expired before the sweep says so.
    """
    state = PlanState(plan.state)
    over = plan.expires_at is not None and plan.expires_at < datetime.now(UTC)
    if over and state in {PlanState.READY, PlanState.NEEDS_DECISION}:
        state = PlanState.EXPIRED
    return PlanRead(
        id=plan.id,
        state=state,
        created_at=plan.created_at,
        expires_at=plan.expires_at,
        apps=[_plan_app_read(part, promised) for part in parts],
    )


def _plan_app_read(part: AppPlan, promised: Promised) -> PlanAppRead:
    made = ProviderPlan.model_validate(part.document) if part.document is not None else None
    return PlanAppRead(
        app=part.app,
        title=app_title(part.app),
        state=part.state,
        actions=[
            PlannedActionRead(
                key=action.key,
                kind=action.kind,
                target=action.target,
                title=action.title,
                before=_plain(action.before),
                after=_plain(action.after),
                reversible=action.reversible,
                destructive=action.destructive,
                depends_on=list(action.depends_on),
            )
            for action in (made.actions if made else ())
        ],
        warnings=[
            WarningRead(code=notice.code, message=notice.message)
            for notice in (notices_of(made, part.app, promised) if made else ())
        ],
        choices=[
            ChoiceRead(
                code=choice.code,
                message=choice.message,
                options=[ChoiceOptionRead(value=item.value, label=item.label) for item in choice.options],
                selected=part.selected.get(choice.code),
            )
            for choice in (made.choices if made else ())
        ],
        seats=[
            _seat_read(seat, promised.get((part.app, seat.key), 0)) for seat in (made.seats if made else ())
        ],
        error=error_read(part.error),
        fingerprint=part.fingerprint,
    )


def _seat_read(seat: SeatUse, reserved: int) -> SeatRead:
    return SeatRead(
        key=seat.key,
        name=seat.name,
        free=seat.free,
        needed=seat.needed,
        reserved=reserved,
        left=left_after(seat, reserved),
    )


def _plain(value: Mapping[str, Any] | None) -> dict[str, Any] | None:
    return None if value is None else dict(value)


def has_readable_password(action: Action) -> bool:
    """Whether there is a first password that a person may use by now."""
    return action.has_password and action.state in {ActionState.DONE, ActionState.AWAITING_ACCEPTANCE}


def _action_read(action: Action, calls: int, password: Sealed | None) -> ActionRead:
    return ActionRead(
        id=action.id,
        key=action.key,
        kind=ActionKind(action.kind),
        target=action.target,
        title=action.title,
        before=action.before,
        after=action.after,
        reversible=action.reversible,
        destructive=action.kind in DESTRUCTIVE,
        depends_on=action.depends_on,
        state=action.state,
        tries=action.tries,
        started_at=action.started_at,
        sent_at=action.sent_at,
        finished_at=action.finished_at,
        next_try_at=action.next_try_at,
        expires_at=action.expires_at,
        next_look_at=action.look_at if action.state in ACTION_WAITING else None,
        note=action.note,
        error=error_read(action.error, raw=calls > 0),
        task=_task_read(action),
        effect=action.effect,
        first_password=_password_read(password),
        calls=calls,
    )


def _task_read(action: Action) -> TaskRead | None:
    if action.kind != ActionKind.MANUAL_TASK:
        return None
    link = action.params.get(LINK)
    assignee = None
    if action.assignee_id is not None:
        assignee = PersonRead(id=action.assignee_id, name=action.assignee_name or action.assignee_id)
    return TaskRead(
        instructions=[str(line) for line in action.params.get(INSTRUCTIONS, ())],
        link=link if isinstance(link, str) and link.startswith(("https://", "http://")) else None,
        assignee=assignee,
        said_done=SaidDoneRead.model_validate(action.said_done) if action.said_done else None,
        checking=action.state == ActionState.AWAITING_PERSON and action.look_at is not None,
    )


def _password_read(password: Sealed | None) -> FirstPasswordRead | None:
    if password is None:
        return None
    state = password.state if password.state in {"sealed", "revealed", "expired"} else "expired"
    return FirstPasswordRead.model_validate({"state": state, "expires_at": password.expires_at})


def _account_read(account: Account | None) -> ResultAccountRead | None:
    if account is None or account.state == AccountState.DELETED or account.remote_id is None:
        return None
    return ResultAccountRead(
        remote_id=account.remote_id, label=account.login or account.remote_id, url=account.url
    )


def _result_read(view: reading.ResultView, passwords: Passwords) -> ResultRead:
    result = view.result
    actions = [
        _action_read(action, view.calls.get(action.id, 0), passwords.get(action.id))
        for action in view.actions
    ]
    expiries = [
        action.expires_at
        for action in view.actions
        if action.state == ActionState.AWAITING_ACCEPTANCE and action.expires_at is not None
    ]
    return ResultRead(
        app=result.app,
        title=app_title(result.app),
        state=result.state,
        actions=actions,
        next_try_at=result.next_try_at,
        waiting_reason=result.waiting_reason,
        error=error_read(result.error, raw=any(action.error and action.calls for action in actions)),
        started_at=result.started_at,
        finished_at=result.finished_at,
        account=_account_read(view.account),
        expires_at=min(expiries, default=None),
    )


def request_read(
    view: reading.RequestView, passwords: Passwords, promised: Promised, template: TemplateView | None
) -> RequestRead:
    """A request with everything that its page shows."""
    request = view.request
    apps = [result.result.app for result in view.results]
    states = [ResultState(result.result.state) for result in view.results]
    actions = [action for result in view.results for action in result.actions]
    counts = reading.Counts(
        actions=len(actions),
        done=sum(action.state == ActionState.DONE for action in actions),
        failed=sum(action.state == ActionState.FAILED for action in actions),
    )
    return RequestRead(
        **_common(request, view.employee, apps, states, counts),
        role_template=_used_read(template, apps),
        results=[_result_read(result, passwords) for result in view.results],
        plan=plan_read(view.plan, view.plan_parts, promised) if view.plan else None,
        cancel_requested=request.cancel_requested_at is not None,
        correlation_id=request.correlation_id,
    )


def _used_read(view: TemplateView | None, apps: Collection[str]) -> UsedRoleTemplateRead | None:
    if view is None:
        return None
    return UsedRoleTemplateRead(
        id=view.template.id,
        key=view.template.key,
        name=view.content.name,
        version=view.content.version,
        left_out=[
            RequestAppRead(app=app, title=app_title(app)) for app in view.content.apps if app not in apps
        ],
    )


def summary_read(summary: reading.RequestSummary) -> RequestSummary:
    """A line in the list of requests."""
    apps = [result.app for result in summary.results]
    states = [ResultState(result.state) for result in summary.results]
    return RequestSummary(**_common(summary.request, summary.employee, apps, states, summary.counts))


def _common(
    request: Request,
    employee: Employee,
    apps: Sequence[str],
    states: Sequence[ResultState],
    counts: reading.Counts,
) -> dict[str, Any]:
    return {
        "id": request.id,
        "kind": request.kind,
        "state": request.state,
        "waits_for": waits_for(states),
        "dry_run": request.dry_run,
        "employee": RequestEmployeeRead(
            id=employee.id,
            full_name=cast("str", request.person.get("full_name", employee.full_name)),
            work_email=employee.work_email,
            existing=request.existing,
        ),
        "apps": [RequestAppRead(app=app, title=app_title(app)) for app in apps],
        "tags": request.tags,
        "created_at": request.created_at,
        "created_by": ActorRead(kind=request.actor_kind, name=request.actor_name),
        "finished_at": request.finished_at,
        "counts": CountsRead(actions=counts.actions, done=counts.done, failed=counts.failed),
    }


def call_read(call: ProviderCall) -> CallRead:
    """One exchange with a vendor; secrets were taken out before it was stored."""
    return CallRead(
        purpose=call.purpose,
        method=call.method,
        path=call.path,
        status=call.status,
        ms=call.ms,
        attempt=call.attempt,
        at=call.at,
        request_body=call.request_body,
        response_body=call.response_body,
    )
