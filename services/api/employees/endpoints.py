"""`/api/employees`."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.api.dependencies import CurrentCaller, Paging, Unit, allowed
from services.api.employees.mapping import as_sent, details_of, employee_read, employee_summary
from services.api.employees.schemas import EmployeePage, EmployeeRead, EmployeeSave
from services.api.wire import Search
from services.shared.domain.account.service import list_accounts
from services.shared.domain.employee import service as employees
from services.shared.domain.employee.models import Employee, EmployeeStatus
from services.shared.domain.provisioning import reading
from services.shared.kit.pagination import PageQuery
from services.shared.kit.uow import UnitOfWork
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/employees", tags=["employees"])
READ = [allowed(Permission.EMPLOYEES_READ)]
HISTORY = PageQuery(limit=50)


@router.get("", dependencies=READ)
async def list_employees(
    uow: Unit, page: Paging, q: Search | None = None, status: EmployeeStatus | None = None
) -> EmployeePage:
    """People by part of a name or address; those who were only ever planned for when asked for."""
    found = await employees.list_employees(uow, q or None, status, page)
    return EmployeePage(
        items=[employee_summary(item) for item in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.put("", dependencies=[allowed(Permission.EMPLOYEES_WRITE)])
async def save_employee(body: EmployeeSave, caller: CurrentCaller) -> EmployeeRead:
    """Make a person, or bring the one with this work e-mail up to date. What is left out stays as it is.

    Tag rules look at the tags: who gets one is queued, who loses one is withdrawn.
    """
    async with caller.unit() as uow:
        with as_sent(body):
            employee, _ = await employees.save_employee(uow, details_of(body))
    async with caller.unit() as uow:
        return await _whole(uow, await employees.get_employee(uow, employee.id))


@router.get("/by-email", dependencies=READ)
async def get_employee_by_email(
    uow: Unit, work_email: Annotated[Search, Query(min_length=1, max_length=320)]
) -> EmployeeRead:
    """The person with this work e-mail, in whatever case; 404 when there is none."""
    return await _whole(uow, await employees.get_employee_by_email(uow, work_email))


@router.get("/{employee_id}", dependencies=READ)
async def get_employee(employee_id: UUID, uow: Unit) -> EmployeeRead:
    """A person with their accounts and requests."""
    return await _whole(uow, await employees.get_employee(uow, employee_id))


async def _whole(uow: UnitOfWork, employee: Employee) -> EmployeeRead:
    accounts = await list_accounts(uow, employee.id)
    history = await reading.list_requests(uow, HISTORY, employee_id=employee.id)
    return employee_read(employee, accounts, history.items)
