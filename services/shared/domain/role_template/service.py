"""Role templates: read, changed in versions, suggested, and used by requests."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError

from services.shared.domain.audit import service as audit
from services.shared.domain.role_template.matching import matching, tidy
from services.shared.domain.role_template.models import RoleTemplate, RoleTemplateVersion
from services.shared.domain.role_template.naming import free_key
from services.shared.domain.role_template.repository import RoleTemplateRepository, VersionRepository
from services.shared.domain.role_template.shipped import shipped_copies, shipped_id
from services.shared.kit.errors import DomainError, FieldError, InvalidInput, NotFound
from services.shared.kit.ids import uuid7
from services.shared.kit.pagination import Page, PageQuery
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.partly import Apps, RawApps, check_apps_partly

MOST = 200
"""Templates that one tenant may have: all of them are looked at for a suggestion, and fit one page."""


class RoleTemplateNotFound(NotFound):
    code = "role_template_not_found"


class RoleTemplateChanged(DomainError):
    """Somebody else has changed it since it was read. `extra["version"]` is the newest."""

    code = "role_template_changed"


@dataclass(frozen=True, slots=True)
class Content:
    """What a caller wants a template to say."""

    name: str
    apps: RawApps
    description: str = ""
    tags: tuple[str, ...] = ()
    conditions: Mapping[str, Sequence[str]] | None = None


@dataclass(frozen=True, slots=True)
class TemplateView:
    """A template with one of its versions."""

    template: RoleTemplate
    content: RoleTemplateVersion
    stored: bool = True
    """False: it is as it came with OneClick, and no row says so."""

    @property
    def shipped(self) -> bool:
        """Whether it came with OneClick, changed or not."""
        return self.template.id == shipped_id(self.template.tenant_id, self.template.key)

    @property
    def untouched(self) -> bool:
        """Whether nobody of this tenant has written what it says."""
        return self.shipped and self.content.version == 1


@dataclass(frozen=True, slots=True)
class Suggestion:
    view: TemplateView
    met: list[str]
    """The conditions that the person meets."""


async def list_templates(uow: UnitOfWork, query: PageQuery) -> Page[TemplateView]:
    """This tenant's templates by name, the ones that came with OneClick among them."""
    found = await _live(uow)
    return Page(found[query.offset : query.offset + query.limit], len(found), query.limit, query.offset)


async def get_template(uow: UnitOfWork, template_id: UUID) -> TemplateView:
    """One template with its newest version.

    Raises:
        RoleTemplateNotFound: not in this tenant, or deleted.
    """
    found = await find_template(uow, template_id)
    if found is None or found.template.deleted_at is not None:
        raise RoleTemplateNotFound("There is no such role template.")
    return found


async def find_template(uow: UnitOfWork, template_id: UUID) -> TemplateView | None:
    """One template with its newest version, or as it came with OneClick; a deleted one too."""
    template = await RoleTemplateRepository(uow).find(template_id)
    if template is not None:
        return TemplateView(template, await _newest(uow, template))
    copies = shipped_copies(uow.tenant_id)
    return next((TemplateView(*copy, stored=False) for copy in copies if copy[0].id == template_id), None)


async def find_by_key(uow: UnitOfWork, key: str) -> TemplateView | None:
    """The live template with this key."""
    return next((view for view in await _live(uow) if view.template.key == key), None)


async def list_versions(uow: UnitOfWork, template_id: UUID, query: PageQuery) -> Page[TemplateView]:
    """Every version of a template, newest first; of a deleted one too, since requests name its versions.

    Raises:
        RoleTemplateNotFound: not in this tenant.
    """
    template = await RoleTemplateRepository(uow).find(template_id)
    if template is None:
        only = [await get_template(uow, template_id)]
        return Page(only[query.offset : query.offset + query.limit], 1, query.limit, query.offset)
    page = await VersionRepository(uow).of_template(template_id, query)
    views = [TemplateView(template, version) for version in page.items]
    return Page(views, page.total, page.limit, page.offset)


async def find_version(uow: UnitOfWork, template_id: UUID, version: int) -> TemplateView | None:
    """A version that is stored, of a deleted template too."""
    template = await RoleTemplateRepository(uow).find(template_id)
    content = await VersionRepository(uow).find_version(template_id, version)
    return TemplateView(template, content) if template and content else None


async def suggest_templates(uow: UnitOfWork, person: Mapping[str, str | None]) -> list[Suggestion]:
    """Templates whose conditions this person meets, those that say more about them first."""
    found = [
        Suggestion(view, met)
        for view in await _live(uow)
        if (met := matching(view.content.conditions, person))
    ]
    return sorted(found, key=lambda one: -len(one.met))


async def create_template(uow: UnitOfWork, content: Content, key: str | None = None) -> UUID:
    """Store a new template. Without a key it gets one made of its name.

    Raises:
        InvalidInput: an app or field is wrong, or name or key is taken; every fault at once.
    """
    others = await _live(uow)
    errors = _name_taken(content.name, others)
    keys = {view.template.key for view in others}
    if key in keys:
        errors.append(FieldError("key", "Another role template has this key.", "taken"))
    if len(others) >= MOST:
        errors.append(FieldError("name", f"A tenant has at most {MOST} role templates.", "too_many"))
    apps = _checked(content, errors)
    template = RoleTemplate(
        id=uuid7(),
        tenant_id=uow.tenant_id,
        key=key or free_key(content.name, keys),
        name_key=content.name.casefold(),
        version=1,
    )
    uow.session.add(template)
    await _store(uow)
    made = _version(uow, template, content, apps)
    uow.session.add(made)
    _write_down(uow, "created", template, after=made)
    return template.id


async def change_template(uow: UnitOfWork, template_id: UUID, seen: int, content: Content) -> None:
    """Make a new version. `seen` is the version that the caller had before them. No change makes none.

    Raises:
        RoleTemplateNotFound: not in this tenant, or deleted.
        RoleTemplateChanged: there is a newer version than `seen`.
        InvalidInput: an app or field is wrong, or the name is taken; every fault at once.
    """
    template = await _lock(uow, template_id, seen)
    others = [view for view in await _live(uow) if view.template.id != template_id]
    apps = _checked(content, _name_taken(content.name, others))
    before = await _newest(uow, template)
    made = _version(uow, template, content, apps)
    if _said(made) == _said(before):
        return
    template.version += 1
    template.name_key = content.name.casefold()
    made.version = template.version
    await _store(uow)
    uow.session.add(made)
    _write_down(uow, "updated", template, before=before, after=made)


async def delete_template(uow: UnitOfWork, template_id: UUID, seen: int | None = None) -> None:
    """Offer it to nobody any more. Its versions stay readable.

    Raises:
        RoleTemplateNotFound: not in this tenant, or deleted already.
        RoleTemplateChanged: there is a newer version than `seen`.
    """
    template = await _lock(uow, template_id, seen)
    template.deleted_at = func.now()
    _write_down(uow, "deleted", template, before=await _newest(uow, template))


async def keep_copy(uow: UnitOfWork, view: TemplateView) -> None:
    """Store a template that came with OneClick as this tenant's own, if it is not stored yet."""
    if view.stored:
        return
    for row in (view.template, view.content):
        columns = type(row).__table__.columns.keys()
        values = {name: getattr(row, name) for name in columns if getattr(row, name) is not None}
        await uow.session.execute(insert(type(row)).values(values).on_conflict_do_nothing())


async def _live(uow: UnitOfWork) -> list[TemplateView]:
    """What is stored, and what came with OneClick where nobody has changed, used or deleted it."""
    copies = shipped_copies(uow.tenant_id)
    stored = await RoleTemplateRepository(uow).live(also=[template.id for template, _ in copies])
    known = {template.id for template, _ in stored}
    views = [TemplateView(template, content) for template, content in stored if template.deleted_at is None]
    names = {view.template.key for view in views} | {view.template.name_key for view in views}
    views += [
        TemplateView(template, content, stored=False)
        for template, content in copies
        # One that a later release brings gives way to the tenant's own of that name.
        if template.id not in known and not {template.key, template.name_key} & names
    ]
    return sorted(views, key=lambda view: (view.content.name.casefold(), view.template.key))


async def _lock(uow: UnitOfWork, template_id: UUID, seen: int | None) -> RoleTemplate:
    templates = RoleTemplateRepository(uow)
    found = await templates.find(template_id, lock=True)
    if found is None:
        await keep_copy(uow, await get_template(uow, template_id))
        found = await templates.find(template_id, lock=True)
    if found is None or found.deleted_at is not None:
        raise RoleTemplateNotFound("There is no such role template.")
    if seen is not None and found.version != seen:
        newest = await _newest(uow, found)
        raise RoleTemplateChanged(
            f"{newest.actor_name} has changed this role template since you opened it: it is at version "
            f"{found.version}. Look at that one first.",
            extra={"version": found.version},
        )
    return found


async def _newest(uow: UnitOfWork, template: RoleTemplate) -> RoleTemplateVersion:
    found = await VersionRepository(uow).find_version(template.id, template.version)
    if found is None:
        raise RuntimeError(f"role template {template.id} has no version {template.version}")
    return found


def _name_taken(name: str, others: Sequence[TemplateView]) -> list[FieldError]:
    if name.casefold() not in {view.content.name.casefold() for view in others}:
        return []
    return [FieldError("name", "Another role template has this name.", "taken")]


def _checked(content: Content, errors: list[FieldError]) -> Apps:
    try:
        apps = check_apps_partly(content.apps)
    except InvalidInput as error:
        raise InvalidInput([*errors, *error.errors]) from error
    if errors:
        raise InvalidInput(errors)
    return apps


async def _store(uow: UnitOfWork) -> None:
    """Write the template itself; whoever took its name at the same instant was faster."""
    try:
        await uow.session.flush()
    except IntegrityError as error:
        field = "name" if "name_key" in str(error.orig) else "key"
        message = f"Another role template has this {field}."
        raise InvalidInput([FieldError(field, message, "taken")]) from error


def _version(uow: UnitOfWork, template: RoleTemplate, content: Content, apps: Apps) -> RoleTemplateVersion:
    return RoleTemplateVersion(
        id=uuid7(),
        tenant_id=uow.tenant_id,
        template_id=template.id,
        version=template.version,
        name=content.name,
        description=content.description,
        apps=apps,
        tags=list(content.tags),
        conditions=tidy(content.conditions or {}),
        actor_kind=uow.actor.kind,
        actor_id=uow.actor.id,
        actor_name=uow.actor.name,
    )


def _said(version: RoleTemplateVersion) -> dict[str, Any]:
    names = ("name", "description", "apps", "tags", "conditions")
    return {name: getattr(version, name) for name in names}


def _write_down(
    uow: UnitOfWork,
    what: str,
    template: RoleTemplate,
    *,
    before: RoleTemplateVersion | None = None,
    after: RoleTemplateVersion | None = None,
) -> None:
    shown = after or before
    audit.write_down(
        uow,
        f"role_template.{what}",
        target_kind="role_template",
        target_id=template.id,
        target_label=shown.name if shown else template.key,
        before={**_said(before), "version": before.version} if before else None,
        after={**_said(after), "version": after.version} if after else None,
    )
