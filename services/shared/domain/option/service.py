"""Live choices: kept for a minute, asked for again by the worker."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.option.models import OptionList
from services.shared.kit.errors import NotFound
from services.shared.kit.ids import uuid7
from services.shared.kit.jobs.model import Job, JobState
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.contract import Option
from services.shared.sdk.registry import UnknownApp, get_provider

OPTIONS_REFRESH = "options.refresh"
FRESH = timedelta(seconds=60)
MAX_QUERY = 100


class OptionsNotFound(NotFound):
    code = "options_not_found"


@dataclass(frozen=True, slots=True)
class OptionWork:
    """A list to ask the vendor for."""

    id: UUID
    app: str
    vendor: str
    name: str
    query: str


def check_options(app: str, name: str) -> None:
    """Pass.

    Raises:
        OptionsNotFound: there is no such app, or it has no such list.
    """
    try:
        manifest = get_provider(app).manifest
    except UnknownApp:
        raise OptionsNotFound("There is no such app.") from None
    if name not in manifest.options:
        raise OptionsNotFound(f"{manifest.title} has no choices named {name}.")


async def ensure_options(uow: UnitOfWork, app: str, name: str, query: str) -> tuple[OptionList, bool]:
    """The list as we have it, and whether it is fresh. An old one is asked for again in this transaction."""
    key = {"tenant_id": uow.tenant_id, "app": app, "name": name, "query": query[:MAX_QUERY].strip().lower()}
    await uow.session.execute(
        insert(OptionList)
        .values(id=uuid7(), items=[], asked_at=func.now(), **key)
        .on_conflict_do_update(
            constraint="uq_option_lists_tenant_id_app_name_query", set_={"asked_at": func.now()}
        )
    )
    row = (await uow.session.scalars(select(OptionList).filter_by(**key))).one()
    fresh = bool(
        await uow.session.scalar(
            select(OptionList.fetched_at > func.now() - FRESH).where(OptionList.id == row.id)
        )
    )
    if not fresh and not await _asked(uow, row.id):
        uow.enqueue(OPTIONS_REFRESH, row.id, priority=10, lane=get_provider(app).manifest.vendor)
    return row, fresh


async def _asked(uow: UnitOfWork, list_id: UUID) -> bool:
    found = await uow.session.scalar(
        select(Job.id).where(
            Job.tenant_id == uow.tenant_id,
            Job.subject_id == list_id,
            Job.kind == OPTIONS_REFRESH,
            Job.state.in_([JobState.QUEUED, JobState.RUNNING]),
        )
    )
    return found is not None


async def find_options(uow: UnitOfWork, list_id: UUID) -> OptionList | None:
    """One list by id."""
    return await uow.session.get(OptionList, list_id)


async def find_refreshed(uow: UnitOfWork, list_id: UUID, known_since: datetime | None) -> OptionList | None:
    """The list once the vendor was asked after `known_since`, whatever came of it. None while that goes on."""
    row = await uow.session.get(OptionList, list_id)
    if row is None:
        return None
    if row.fetched_at != known_since or not await _asked(uow, list_id):
        return row
    return None


async def load_options(uow: UnitOfWork, list_id: UUID) -> OptionWork | None:
    """What to ask the vendor for. None when the list is gone."""
    row = await uow.session.get(OptionList, list_id)
    if row is None:
        return None
    return OptionWork(row.id, row.app, get_provider(row.app).manifest.vendor, row.name, row.query)


async def store_options(uow: UnitOfWork, list_id: UUID, found: Sequence[Option] | Explained) -> None:
    """Store what the vendor told, or why it did not. An older list stays readable after a failure."""
    row = await uow.session.get(OptionList, list_id)
    if row is None:
        return
    if isinstance(found, Explained):
        row.error = found.model_dump(mode="json")
    else:
        items: list[Any] = [item.model_dump(mode="json") for item in found]
        row.items = items
        row.error = None
        row.fetched_at = func.now()
    uow.news.add(list_id)
