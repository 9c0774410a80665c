"""Every statement starts scoped to the tenant; there is no unscoped way in."""

from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import DeclarativeBase

from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork

M = TypeVar("M", bound=DeclarativeBase)


class TenantRepository(Generic[M]):
    """Base of a noun's repository. `model` has `id` and `tenant_id`."""

    model: ClassVar[type]

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.session = uow.session

    def select(self) -> Select[M]:
        """A select that sees this tenant alone."""
        model = self.model
        return select(model).where(model.tenant_id == self.uow.tenant_id)  # type: ignore[attr-defined]  # every model here has it

    async def find(self, id: UUID, *, lock: bool = False) -> M | None:
        """One row by id, locked for update on demand."""
        statement = self.select().where(self.model.id == id)  # type: ignore[attr-defined]  # every model here has it
        if lock:
            statement = statement.with_for_update()
        return (await self.session.scalars(statement)).one_or_none()

    def add(self, row: M) -> M:
        """Put a row into the session; it is stored at the next flush."""
        self.session.add(row)
        return row

    async def page(self, statement: Select[M], query: PageQuery) -> Page[M]:
        """A page of a statement that is already filtered and ordered."""
        total = await self.session.scalar(
            select(func.count()).select_from(statement.order_by(None).subquery())
        )
        rows = await self.session.scalars(statement.limit(query.limit).offset(query.offset))
        return Page(rows.all(), total or 0, query.limit, query.offset)
