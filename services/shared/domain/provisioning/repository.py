from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select, update

from services.shared.domain.employee.models import Employee
from services.shared.domain.provisioning.models import (
    Action,
    AppPlan,
    Plan,
    ProviderCall,
    Request,
    Result,
)
from services.shared.domain.provisioning.states import ActionState, RequestState
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.repository import TenantRepository


class RequestRepository(TenantRepository[Request]):
    model = Request

    def search(
        self,
        *,
        state: RequestState | None,
        app: str | None,
        text: str | None,
        tag: str | None,
        since: datetime | None,
        until: datetime | None,
        also: Sequence[ColumnElement[bool]] = (),
    ) -> Select[Request]:
        """Requests, newest first, by whatever is given. `text` is part of a name or address."""
        statement = self.select()
        if state:
            statement = statement.where(Request.state == state)
        if app:
            statement = statement.where(
                select(Result.id)
                .where(
                    Result.tenant_id == Request.tenant_id, Result.request_id == Request.id, Result.app == app
                )
                .exists()
            )
        if text:
            statement = statement.where(
                select(Employee.id)
                .where(
                    Employee.tenant_id == Request.tenant_id,
                    Employee.id == Request.employee_id,
                    or_(
                        Employee.full_name.icontains(text, autoescape=True),
                        Employee.work_email_key.contains(text.lower(), autoescape=True),
                    ),
                )
                .exists()
            )
        if tag:
            statement = statement.where(Request.tags.contains([tag]))
        if since:
            statement = statement.where(Request.created_at >= since)
        if until:
            statement = statement.where(Request.created_at < until)
        statement = statement.where(*also)
        return statement.order_by(Request.created_at.desc(), Request.id.desc())

    async def of_employee(self, employee_id: UUID, query: PageQuery) -> Page[Request]:
        """A person's requests, newest first."""
        statement = self.select().where(Request.employee_id == employee_id)
        return await self.page(statement.order_by(Request.created_at.desc(), Request.id.desc()), query)


class ResultRepository(TenantRepository[Result]):
    model = Result

    async def of_requests(self, request_ids: Sequence[UUID]) -> Sequence[Result]:
        """Every result of these requests, in their order."""
        statement = self.select().where(Result.request_id.in_(request_ids))
        return (await self.session.scalars(statement.order_by(Result.request_id, Result.ordinal))).all()

    async def find_of(self, request_id: UUID, app: str) -> Result | None:
        """One app's result, locked."""
        statement = self.select().where(Result.request_id == request_id, Result.app == app)
        return (await self.session.scalars(statement.with_for_update())).one_or_none()


class PlanRepository(TenantRepository[Plan]):
    model = Plan

    async def latest(self, request_id: UUID) -> Plan | None:
        """The newest plan of a request."""
        statement = self.select().where(Plan.request_id == request_id)
        return (
            await self.session.scalars(statement.order_by(Plan.created_at.desc(), Plan.id.desc()).limit(1))
        ).one_or_none()

    async def request_of(self, plan_id: UUID) -> UUID | None:
        """Whose plan it is, read without a lock."""
        statement = select(Plan.request_id).where(Plan.tenant_id == self.uow.tenant_id, Plan.id == plan_id)
        return (await self.session.scalars(statement)).one_or_none()

    async def parts(self, plan_id: UUID) -> Sequence[AppPlan]:
        """A plan's apps, in order."""
        return (
            await self.session.scalars(
                select(AppPlan)
                .where(AppPlan.tenant_id == self.uow.tenant_id, AppPlan.plan_id == plan_id)
                .order_by(AppPlan.ordinal)
            )
        ).all()


class ActionRepository(TenantRepository[Action]):
    model = Action

    async def of_result(self, result_id: UUID, round_: int) -> Sequence[Action]:
        """A result's actions of one round, in order."""
        statement = self.select().where(Action.result_id == result_id, Action.round == round_)
        return (await self.session.scalars(statement.order_by(Action.ordinal))).all()

    async def of_requests(self, request_ids: Sequence[UUID]) -> Sequence[Action]:
        """The present round's actions of these requests, in order."""
        statement = (
            self.select()
            .join(
                Result,
                (Result.tenant_id == Action.tenant_id)
                & (Result.id == Action.result_id)
                & (Result.round == Action.round),
            )
            .where(Action.request_id.in_(request_ids))
        )
        return (await self.session.scalars(statement.order_by(Action.result_id, Action.ordinal))).all()

    async def change(self, action_id: UUID, **values: Any) -> None:
        """Set columns of one action."""
        await self.session.execute(
            update(Action)
            .where(Action.tenant_id == self.uow.tenant_id, Action.id == action_id)
            .values(**values)
        )

    async def hold_unchanged(
        self, action_id: UUID, state: ActionState, look_at: tuple[datetime | None] | None
    ) -> bool:
        """Lock an action if it is in this state, and to be looked at then where that is said."""
        statement = select(Action.id).where(
            Action.tenant_id == self.uow.tenant_id, Action.id == action_id, Action.state == state
        )
        if look_at is not None:
            statement = statement.where(Action.look_at.is_not_distinct_from(look_at[0]))
        return (await self.session.scalars(statement.with_for_update())).one_or_none() is not None


class ProviderCallRepository(TenantRepository[ProviderCall]):
    model = ProviderCall

    async def of_action(self, action_id: UUID) -> Sequence[ProviderCall]:
        """Every exchange of an action, oldest first."""
        statement = self.select().where(ProviderCall.action_id == action_id)
        return (await self.session.scalars(statement.order_by(ProviderCall.at, ProviderCall.id))).all()

    async def planning_of(self, result_id: UUID) -> Sequence[ProviderCall]:
        """The latest exchanges made while planning for a result."""
        statement = self.select().where(ProviderCall.result_id == result_id, ProviderCall.action_id.is_(None))
        return (
            await self.session.scalars(statement.order_by(ProviderCall.at, ProviderCall.id).limit(50))
        ).all()
