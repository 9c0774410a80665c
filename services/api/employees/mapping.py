"""From people and their accounts to what goes out."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from services.api.employees.schemas import AccountRead, EmployeeRead, EmployeeSave, EmployeeSummary, GrantRead
from services.api.requests.mapping import app_title, summary_read
from services.shared.domain.account.models import Account
from services.shared.domain.account.service import grants_of
from services.shared.domain.employee.models import Employee
from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.reading import RequestSummary
from services.shared.kit.errors import FieldError, InvalidInput


def details_of(body: EmployeeSave) -> EmployeeDetails:
    """What a body says about a person."""
    said = body.model_dump(exclude={"tags"})
    return EmployeeDetails(**said, tags=None if body.tags is None else tuple(body.tags))


@contextmanager
def as_sent(body: EmployeeSave) -> Iterator[None]:
    """Errors name the body's own fields, as they were spelt.

    Raises:
        InvalidInput: passed on, with the client's names.
    """
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(
            [
                FieldError(body.as_sent(e.field.removeprefix("employee.")), e.message, e.code)
                for e in error.errors
            ]
        ) from error


def employee_summary(employee: Employee) -> EmployeeSummary:
    """A line in the list of people."""
    return EmployeeSummary.model_validate(employee, from_attributes=True)


def account_read(account: Account) -> AccountRead:
    """A link to a remote account. Our books hold what we gave, and nothing else."""
    return AccountRead(
        app=account.app,
        title=app_title(account.app),
        remote_id=account.remote_id,
        label=account.login or account.remote_id or "By a person's word",
        url=account.url,
        state=account.state,
        adopted=account.adopted,
        grants=[
            GrantRead(kind=grant.kind, key=grant.key, label=grant.label, given_by_us=True)
            for grant in grants_of(account)
        ],
        since=account.created_at,
    )


def employee_read(
    employee: Employee, accounts: Sequence[Account], requests: Sequence[RequestSummary]
) -> EmployeeRead:
    """A person with their accounts and history."""
    return EmployeeRead(
        **employee_summary(employee).model_dump(),
        personal_email=employee.personal_email,
        external_id=employee.external_id,
        role=employee.role,
        location=employee.location,
        manager_email=employee.manager_email,
        start_date=employee.start_date,
        end_date=employee.end_date,
        tags=employee.tags,
        created_at=employee.created_at,
        accounts=[account_read(account) for account in accounts],
        requests=[summary_read(item) for item in requests],
    )
