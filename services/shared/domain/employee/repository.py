from collections.abc import Collection, Sequence

from sqlalchemy import or_

from services.shared.domain.employee.models import Employee, EmployeeStatus
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.repository import TenantRepository


class EmployeeRepository(TenantRepository[Employee]):
    model = Employee

    async def find_by_email(self, work_email: str, *, lock: bool = False) -> Employee | None:
        """The person with this work e-mail, in whatever case."""
        statement = self.select().where(Employee.work_email_key == work_email.lower())
        if lock:
            statement = statement.with_for_update()
        return (await self.session.scalars(statement)).one_or_none()

    async def free_by_email(self, keys: Collection[str]) -> Sequence[Employee]:
        """People with these addresses that nobody else holds, locked."""
        statement = self.select().where(Employee.work_email_key.in_(keys)).order_by(Employee.id)
        return (await self.session.scalars(statement.with_for_update(skip_locked=True))).all()

    async def find_by_external_id(self, external_id: str) -> Employee | None:
        """The person with this HR key."""
        statement = self.select().where(Employee.external_id == external_id)
        return (await self.session.scalars(statement)).one_or_none()

    async def search(
        self, text: str | None, status: EmployeeStatus | None, query: PageQuery
    ) -> Page[Employee]:
        """People by part of a name or address; those only ever planned for are left out unless asked for."""
        statement = self.select()
        if text:
            statement = statement.where(
                or_(
                    Employee.full_name.icontains(text, autoescape=True),
                    Employee.work_email_key.contains(text.lower(), autoescape=True),
                )
            )
        if status:
            statement = statement.where(Employee.status == status)
        else:
            statement = statement.where(Employee.status != EmployeeStatus.PROSPECTIVE)
        return await self.page(statement.order_by(Employee.full_name, Employee.id), query)
