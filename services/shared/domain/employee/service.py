"""People: found, made, kept up to date."""

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.audit import service as audit
from services.shared.domain.employee.models import Employee, EmployeeStatus
from services.shared.domain.employee.repository import EmployeeRepository
from services.shared.domain.setting.service import get_settings
from services.shared.kit.errors import FieldError, InvalidInput, NotFound
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.model import Job
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork

TAGS_FOLLOW = "employee.tags"


class EmployeeNotFound(NotFound):
    code = "employee_not_found"


@dataclass(frozen=True, slots=True)
class EmployeeDetails:
    """What a caller says about a person; already well-formed. None leaves what is known alone."""

    full_name: str
    work_email: str
    personal_email: str | None = None
    external_id: str | None = None
    department: str | None = None
    job_title: str | None = None
    role: str | None = None
    location: str | None = None
    manager_email: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    tags: tuple[str, ...] | None = None


async def ensure_employee(uow: UnitOfWork, details: EmployeeDetails) -> tuple[Employee, bool]:
    """The person with this work e-mail, made if need be. The flag says whether they existed.

    A person who existed is left as they are: `bring_up_to_date` does that when the request runs.

    Raises:
        InvalidInput: the domain is not one of the tenant's, or the HR key belongs to someone else.
    """
    await _check_domain(uow, details.work_email)
    people = EmployeeRepository(uow)
    if details.external_id:
        holder = await people.find_by_external_id(details.external_id)
        if holder and holder.work_email_key != details.work_email.lower():
            raise InvalidInput(
                [
                    FieldError(
                        "employee.external_id",
                        f"This id belongs to {holder.full_name} ({holder.work_email}).",
                        "taken",
                    )
                ]
            )
    found = await people.find_by_email(details.work_email, lock=True)
    if found is None:
        found = await _make(uow, details)
        if found is not None:
            return found, False
        found = await people.find_by_email(details.work_email, lock=True)  # somebody else was faster
        if found is None:
            raise InvalidInput([FieldError("employee.external_id", "This id is taken.", "taken")])
    return found, True


async def list_free_by_email(uow: UnitOfWork, work_emails: Collection[str]) -> dict[str, Employee]:
    """People with these work e-mails (in lower case) whom nobody else holds now, locked."""
    found = await EmployeeRepository(uow).free_by_email({email.lower() for email in work_emails})
    return {employee.work_email_key: employee for employee in found}


async def outside_domains(uow: UnitOfWork) -> Callable[[str], bool]:
    """Whether a work e-mail is outside the tenant's domains, where it lists any."""
    allowed = {item.lower() for item in (await get_settings(uow)).allowed_domains}
    return lambda work_email: bool(allowed) and work_email.rpartition("@")[2].lower() not in allowed


async def _check_domain(uow: UnitOfWork, work_email: str) -> None:
    allowed = (await get_settings(uow)).allowed_domains
    domain = work_email.rpartition("@")[2].lower()
    if allowed and domain not in {item.lower() for item in allowed}:
        raise InvalidInput(
            [
                FieldError(
                    "employee.work_email",
                    f"{domain} is not one of your domains ({', '.join(allowed)}).",
                    "domain_not_allowed",
                )
            ]
        )


async def _make(uow: UnitOfWork, details: EmployeeDetails) -> Employee | None:
    values = asdict(details)
    values["tags"] = list(details.tags or ())
    made = await uow.session.scalars(
        insert(Employee)
        .values(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            work_email_key=details.work_email.lower(),
            status=EmployeeStatus.PROSPECTIVE,
            **values,
        )
        .on_conflict_do_nothing()
        .returning(Employee)
    )
    employee = made.one_or_none()
    if employee is None:
        return None
    audit.write_down(
        uow,
        "employee.created",
        target_kind="employee",
        target_id=employee.id,
        target_label=employee.work_email,
        after={"full_name": employee.full_name, "work_email": employee.work_email},
    )
    return employee


async def follow_person(uow: UnitOfWork, employee: Employee) -> None:
    """Promise that what tags queue is brought in line with this person's tags.

    The person's row is written first and so held: a job that has looked before has ended by then, and one that is
    promised already will wait for this transaction. So nothing here waits for a job.
    """
    await uow.session.flush()
    job_id = await uow.session.scalar(
        insert(Job)
        .values(
            id=uuid7(),
            tenant_id=uow.tenant_id,
            kind=TAGS_FOLLOW,
            subject_id=employee.id,
            correlation_id=uow.correlation_id,
        )
        .on_conflict_do_nothing()
        .returning(Job.id)
    )
    if job_id is not None:
        uow.rings.append((TAGS_FOLLOW, job_id))


async def save_employee(uow: UnitOfWork, details: EmployeeDetails) -> tuple[Employee, bool]:
    """Make a person or bring them up to date, and let tag rules look at their tags. The flag says whether they existed.

    Raises:
        InvalidInput: the domain is not one of the tenant's, or the HR key belongs to someone else.
    """
    employee, existing = await ensure_employee(uow, details)
    if existing:
        bring_up_to_date(uow, employee, details)
    await follow_person(uow, employee)
    return employee, existing


def differs(stored: Any, details: EmployeeDetails) -> bool:
    """Whether a caller said something about a person that is not in their row."""
    return any(getattr(stored, name) != new for name, new in _said(details))


def _said(details: EmployeeDetails) -> list[tuple[str, Any]]:
    return [
        (name, list(value) if name == "tags" else value)
        for name, value in asdict(details).items()
        if value is not None and name != "work_email"
    ]


def bring_up_to_date(uow: UnitOfWork, employee: Employee, details: EmployeeDetails) -> None:
    """Take over what a caller said about a person, and write down what changed."""
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for name, new in _said(details):
        old = getattr(employee, name)
        if new != old:
            before[name], after[name] = _plain(old), _plain(new)
            setattr(employee, name, new)
    if after:
        audit.write_down(
            uow,
            "employee.updated",
            target_kind="employee",
            target_id=employee.id,
            target_label=employee.work_email,
            before=before,
            after=after,
        )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


async def get_employee(uow: UnitOfWork, employee_id: UUID) -> Employee:
    """One person.

    Raises:
        EmployeeNotFound: not in this tenant.
    """
    employee = await EmployeeRepository(uow).find(employee_id)
    if employee is None:
        raise EmployeeNotFound("There is no such person.")
    return employee


async def get_employee_by_email(uow: UnitOfWork, work_email: str) -> Employee:
    """The person with this work e-mail, in whatever case.

    Raises:
        EmployeeNotFound: not in this tenant.
    """
    employee = await EmployeeRepository(uow).find_by_email(work_email)
    if employee is None:
        raise EmployeeNotFound("Nobody has this work e-mail.")
    return employee


async def find_employee_by_email(uow: UnitOfWork, work_email: str) -> Employee | None:
    """The person with this work e-mail, in whatever case."""
    return await EmployeeRepository(uow).find_by_email(work_email)


async def list_employees(
    uow: UnitOfWork, text: str | None, status: EmployeeStatus | None, query: PageQuery
) -> Page[Employee]:
    """People by part of a name or address."""
    return await EmployeeRepository(uow).search(text, status, query)
