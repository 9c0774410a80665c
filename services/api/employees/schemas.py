"""People on the wire."""

from datetime import date, datetime
from uuid import UUID

from services.api.requests.schemas import EmployeeCreate, RequestSummary
from services.api.wire import Body, PageRead, Read
from services.shared.domain.account.models import AccountState
from services.shared.domain.employee.models import EmployeeStatus


class GrantRead(Read):
    kind: str
    key: str
    label: str
    given_by_us: bool


class AccountRead(Read):
    app: str
    title: str
    remote_id: str | None
    label: str
    url: str | None
    state: AccountState
    adopted: bool
    grants: list[GrantRead]
    since: datetime


class EmployeeSummary(Read):
    id: UUID
    full_name: str
    work_email: str
    department: str | None
    job_title: str | None
    status: EmployeeStatus


class EmployeeSave(EmployeeCreate, Body):
    """As in a request. Without `tags` the person keeps theirs; with an empty list they lose all."""


class EmployeePage(PageRead[EmployeeSummary]):
    pass


class EmployeeRead(EmployeeSummary):
    personal_email: str | None
    external_id: str | None
    role: str | None
    location: str | None
    manager_email: str | None
    start_date: date | None
    end_date: date | None
    tags: list[str]
    created_at: datetime
    accounts: list[AccountRead]
    requests: list[RequestSummary]
