"""What a task needs to know, read in one transaction and then used without one."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.shared.domain.account.service import find_account, known_of
from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import EmployeeDetails, get_employee
from services.shared.domain.provisioning.models import Action, Request, Result
from services.shared.domain.provisioning.states import ActionState, EffectState
from services.shared.domain.setting.service import get_settings
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.contract import Desired, Known, Person, PlannedAction


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
    actions: list[ActionWork] = field(default_factory=list)


def person_of(request: Request, employee: Employee) -> Person:
    """The person as this request describes them, over what we knew already."""
    said = {key: value for key, value in request.person.items() if value is not None}
    values: dict[str, Any] = {
        name: said.get(name, getattr(employee, name))
        for name in (
            "full_name",
            "work_email",
            "personal_email",
            "external_id",
            "department",
            "job_title",
            "location",
            "manager_email",
        )
    }
    return Person(employee_id=employee.id, **values)


def details_of(request: Request) -> EmployeeDetails:
    """What the caller said about the person, to be taken over."""
    values = dict(request.person)
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
    person = person_of(request, employee)
    works = []
    for result in results:
        known = known_of(await find_account(uow, employee.id, result.app))
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


def desired_of(request: Request, result: Result, unmanaged: str) -> Desired:
    """What this app's account should be."""
    return Desired.model_validate(
        {
            "presence": request.presence,
            "fields": result.fields,
            "existing_account": result.decisions.get("existing_account", request.existing_account),
            "unmanaged": unmanaged,
        }
    )


def action_work(row: Action, now: datetime | None = None) -> ActionWork:
    """A stored action as the provider planned it. `now` is the database's."""
    wait = (row.next_try_at - now).total_seconds() if row.next_try_at and now else 0.0
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
        wait_seconds=max(wait, 0.0),
    )
