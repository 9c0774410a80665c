from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Select, Text, cast, func, or_, select

from services.shared.domain.role_template.models import RoleTemplate, RoleTemplateVersion
from services.shared.domain.schedule.models import Schedule, ScheduleRun
from services.shared.domain.schedule.states import RUN_OPEN, ScheduleState
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.repository import TenantRepository


class ScheduleRepository(TenantRepository[Schedule]):
    model = Schedule

    def search(
        self,
        *,
        state: ScheduleState | None,
        tag_slug: str | None,
        since: datetime | None,
        until: datetime | None,
        newest_first: bool = False,
    ) -> Select[Schedule]:
        """Schedules by their time, the earliest first, or the latest."""
        statement = self.select()
        if state:
            statement = statement.where(Schedule.state == state)
        if tag_slug is not None:
            statement = statement.where(Schedule.tag_slugs.contains([tag_slug]))
        if since:
            statement = statement.where(Schedule.at >= since)
        if until:
            statement = statement.where(Schedule.at < until)
        by_time = Schedule.at.desc() if newest_first else Schedule.at.asc()
        return statement.order_by(by_time, Schedule.priority.desc(), Schedule.id)

    async def take_due(self, ids: Sequence[UUID]) -> Sequence[Schedule]:
        """Those of these that are due and that nobody else is at, locked, the important ones first."""
        statement = (
            self.select()
            .where(Schedule.id.in_(ids), Schedule.next_fire_at <= func.now())
            .order_by(Schedule.priority.desc(), Schedule.next_fire_at, Schedule.id)
            .with_for_update(skip_locked=True)
        )
        return (await self.session.scalars(statement)).all()

    async def count_coming(self, apps: Sequence[str]) -> int:
        """Schedules that will run and name one of these apps, themselves or by their role template."""
        named = cast(list(apps), ARRAY(Text))
        ref = Schedule.body["role_template"]
        by_template = (
            select(RoleTemplate.id)
            .join(
                RoleTemplateVersion,
                (RoleTemplateVersion.tenant_id == RoleTemplate.tenant_id)
                & (RoleTemplateVersion.template_id == RoleTemplate.id)
                & (RoleTemplateVersion.version == RoleTemplate.version),
            )
            .where(
                RoleTemplate.tenant_id == Schedule.tenant_id,
                RoleTemplate.deleted_at.is_(None),
                or_(cast(RoleTemplate.id, Text) == ref["id"].astext, RoleTemplate.key == ref["key"].astext),
                func.jsonb_exists_any(RoleTemplateVersion.apps, named),
            )
            .exists()
        )
        statement = select(func.count(Schedule.id)).where(
            Schedule.tenant_id == self.uow.tenant_id,
            Schedule.next_fire_at.is_not(None),
            or_(func.jsonb_exists_any(Schedule.body["apps"], named), by_template),
        )
        return (await self.session.scalar(statement)) or 0

    async def of_run(self, run_id: UUID) -> Schedule | None:
        """The schedule of a run, locked."""
        mine = (ScheduleRun.tenant_id == Schedule.tenant_id) & (ScheduleRun.schedule_id == Schedule.id)
        statement = self.select().join(ScheduleRun, mine).where(ScheduleRun.id == run_id)
        found: Schedule | None = await self.session.scalar(statement.with_for_update(of=Schedule))
        return found

    async def of_rules(self, employee_id: UUID) -> Sequence[Schedule]:
        """What tags queued for this person and was not withdrawn, locked."""
        statement = self.select().where(
            Schedule.employee_id == employee_id,
            Schedule.tag_rule_id.is_not(None),
            Schedule.withdrawn_at.is_(None),
        )
        return (await self.session.scalars(statement.order_by(Schedule.id).with_for_update())).all()

    async def objected(self, most: int) -> Sequence[Schedule]:
        """What rules queued and what could not run as things were, its time still to come; locked, the soonest first."""
        statement = self.select().where(
            Schedule.tag_rule_id.is_not(None),
            Schedule.needs_person,
            Schedule.state == ScheduleState.PENDING,
        )
        return (
            await self.session.scalars(statement.order_by(Schedule.at).limit(most).with_for_update())
        ).all()


class RunRepository(TenantRepository[ScheduleRun]):
    model = ScheduleRun

    async def hold(self, run_id: UUID) -> tuple[ScheduleRun, datetime] | None:
        """A run as it is now, locked, and the database's clock."""
        statement = self.select().add_columns(func.now()).where(ScheduleRun.id == run_id).with_for_update()
        row = (
            await self.session.execute(statement, execution_options={"populate_existing": True})
        ).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def of_schedule(self, schedule_id: UUID, query: PageQuery) -> Page[ScheduleRun]:
        """A schedule's runs, newest first."""
        statement = self.select().where(ScheduleRun.schedule_id == schedule_id)
        return await self.page(statement.order_by(ScheduleRun.fire_at.desc()), query)

    async def open_of(self, schedule_id: UUID, *, lock: bool = False) -> Sequence[ScheduleRun]:
        """Its runs that have not ended, oldest first."""
        statement = self.select().where(
            ScheduleRun.schedule_id == schedule_id, ScheduleRun.state.in_(sorted(RUN_OPEN))
        )
        if lock:
            statement = statement.with_for_update()
        return (await self.session.scalars(statement.order_by(ScheduleRun.fire_at))).all()

    async def latest_of(self, schedule_ids: Sequence[UUID]) -> dict[UUID, ScheduleRun]:
        """Each one's newest run, where there is one."""
        newest = (
            select(ScheduleRun.schedule_id, func.max(ScheduleRun.fire_at).label("fire_at"))
            .where(
                ScheduleRun.tenant_id == self.uow.tenant_id, ScheduleRun.schedule_id.in_(list(schedule_ids))
            )
            .group_by(ScheduleRun.schedule_id)
            .subquery()
        )
        rows = await self.session.scalars(
            self.select().join(
                newest,
                (newest.c.schedule_id == ScheduleRun.schedule_id) & (newest.c.fire_at == ScheduleRun.fire_at),
            )
        )
        return {run.schedule_id: run for run in rows}
