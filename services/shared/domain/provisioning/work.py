"""What a task needs to know, read in one transaction and then used without one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.shared.domain.account.service import find_known
from services.shared.domain.employee.service import EmployeeDetails, get_employee
from services.shared.domain.provisioning.models import Action, Request, Result
from services.shared.domain.provisioning.statements import PERSON_FIELDS
from services.shared.domain.provisioning.states import (
    ACTION_WAITING,
    ActionState,
    EffectState,
    ResultState,
)
from services.shared.domain.setting.service import get_settings
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.contract import Desired, Known, Person, PlannedAction
from services.shared.sdk.manifest import ActionKind


@dataclass(slots=True)
class AppWork:
    """One app of one request, ready for its provider."""

    request_id: UUID
    result_id: UUID
    employee_id: UUID
    app: str
    vendor: str
    person: Person
    desired: Desired
    known: Known


@dataclass(slots=True)
class ActionWork:
    """One action in memory; the row is the truth, this is what the task steers by."""

    id: UUID
    planned: PlannedAction
    state: ActionState
    effect: EffectState | None
    tries: int
    """Ended tries; a worker that dies or is stopped uses none up."""
    settles: int
    wait_seconds: float = 0.0
    """Until the next try is due."""
    looks: int = 0
    look_at: datetime | None = None
    look_seconds: float | None = None
    """Until a waiting action is looked at; None: not before somebody says something."""
    sent_seconds: float | None = None
    """Since the last write was sent."""
    expires_seconds: float | None = None
    """Until its invitation lapses."""
    troubled: bool = False
    """Whether it could not be looked at the last time."""

    @property
    def waits(self) -> bool:
        """Whether it is in somebody else's hands."""
        return self.state in ACTION_WAITING

    @property
    def is_task(self) -> bool:
        """Whether a person does it."""
        return self.planned.kind is ActionKind.MANUAL_TASK

    @property
    def maybe_sent(self) -> bool:
        """Whether the vendor may have seen it already, so that it must be read back first."""
        return self.effect in {EffectState.SENT, EffectState.UNKNOWN}


@dataclass(slots=True)
class ResultWork(AppWork):
    """An app that is being applied."""

    round: int
    tries: int
    cancelled: bool
    state: ResultState = ResultState.RUNNING
    """As stored."""
    actions: list[ActionWork] = field(default_factory=list)


def person_of(employee_id: UUID, said: Mapping[str, Any], known: Any) -> Person:
    """The person as a request describes them, over what we knew already (a row with `PERSON_FIELDS`)."""
    told = {key: value for key, value in said.items() if value is not None}
    values: dict[str, Any] = {name: told.get(name, getattr(known, name)) for name in PERSON_FIELDS}
    return Person(employee_id=employee_id, **values)


def details_of(said: Mapping[str, Any]) -> EmployeeDetails:
    """What the caller said about the person, to be taken over."""
    values = dict(said)
    for name in ("start_date", "end_date"):
        if values.get(name) is not None:
            values[name] = date.fromisoformat(values[name])
    if values.get("tags") is not None:
        values["tags"] = tuple(values["tags"])
    return EmployeeDetails(**values)


async def app_works(uow: UnitOfWork, request: Request, results: Sequence[Result]) -> list[AppWork]:
    """Every app of a request."""
    employee = await get_employee(uow, request.employee_id)
    settings = await get_settings(uow)
    person = person_of(employee.id, request.person, employee)
    works = []
    for result in results:
        known = await find_known(uow, employee.id, result.app)
        works.append(
            AppWork(
                request_id=request.id,
                result_id=result.id,
                employee_id=employee.id,
                app=result.app,
                vendor=result.vendor,
                person=person,
                desired=desired_of(request, result, settings.unmanaged),
                known=known,
            )
        )
    return works


def desired_of(request: Any, result: Any, unmanaged: str) -> Desired:
    """What this app's account should be, by the rows of the request and of the app's result."""
    return Desired.model_validate(
        {
            "presence": request.presence,
            "fields": result.fields,
            "existing_account": result.decisions.get("existing_account", request.existing_account),
            "unmanaged": unmanaged,
        }
    )


def result_work(row: Any, known: Known) -> ResultWork:
    """An app that is to be applied, from `LOAD_RESULT`'s row."""
    return ResultWork(
        request_id=row.request_id,
        result_id=row.result_id,
        employee_id=row.employee_id,
        app=row.app,
        vendor=row.vendor,
        person=person_of(row.employee_id, row.person, row),
        desired=desired_of(row, row, row.unmanaged),
        known=known,
        round=row.round,
        tries=row.tries,
        cancelled=row.cancelled,
        state=ResultState(row.state),
    )


def action_work(row: Action, now: datetime | None = None) -> ActionWork:
    """A stored action as the provider planned it. `now` is the database's."""

    def until(moment: datetime | None) -> float | None:
        return (moment - now).total_seconds() if moment is not None and now is not None else None

    sent = until(row.sent_at)
    return ActionWork(
        id=row.id,
        planned=PlannedAction.model_validate(
            {
                "key": row.key,
                "kind": row.kind,
                "target": row.target,
                "title": row.title,
                "before": row.before,
                "after": row.after,
                "reversible": row.reversible,
                "depends_on": row.depends_on,
                "params": row.params,
            }
        ),
        state=ActionState(row.state),
        effect=EffectState(row.effect) if row.effect else None,
        tries=row.tries,
        settles=row.settles,
        wait_seconds=max(until(row.next_try_at) or 0.0, 0.0),
        looks=row.looks,
        look_at=row.look_at,
        look_seconds=until(row.look_at),
        sent_seconds=None if sent is None else -sent,
        expires_seconds=until(row.expires_at),
        troubled=row.error is not None,
    )
