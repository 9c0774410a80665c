"""`/api/role-templates`."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.api.dependencies import CurrentCaller, IdempotencyKey, Paging, Unit, allowed
from services.api.once import answer_once
from services.api.role_templates.mapping import content_of, suggestion_read, template_read, version_read
from services.api.role_templates.schemas import (
    RoleTemplateCreate,
    RoleTemplatePage,
    RoleTemplateRead,
    RoleTemplateUpdate,
    RoleTemplateVersionPage,
    SuggestionPage,
    SuggestionQuery,
    Version,
)
from services.api.wire import named_as_sent
from services.shared.domain.role_template import service as templates
from services.shared.domain.tag_rule.following import change_template
from services.shared.kit.uow import UnitOfWork
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/role-templates", tags=["role-templates"])
READ = [allowed(Permission.ROLE_TEMPLATES_READ)]
WRITE = [allowed(Permission.ROLE_TEMPLATES_WRITE)]


@router.get("", dependencies=READ)
async def list_role_templates(uow: Unit, page: Paging) -> RoleTemplatePage:
    """Every role template by name; those that came with OneClick are among them."""
    found = await templates.list_templates(uow, page)
    return RoleTemplatePage(
        items=[template_read(view) for view in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


@router.post("", status_code=201, dependencies=WRITE, response_model=RoleTemplateRead)
async def create_role_template(
    body: RoleTemplateCreate, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Make a role template. Its fields are checked against each app's form as far as they are filled in."""

    async def act(uow: UnitOfWork) -> UUID:
        with named_as_sent(body):
            return await templates.create_template(uow, content_of(body), body.key)

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=body.model_dump(mode="json"),
        status=201,
        act=act,
        answer=lambda template_id: _read(caller, template_id),
    )


@router.post("/suggest", dependencies=READ)
async def suggest_role_templates(body: SuggestionQuery, uow: Unit) -> SuggestionPage:
    """The role templates whose conditions somebody meets."""
    found = await templates.suggest_templates(uow, body.model_dump())
    return SuggestionPage(items=[suggestion_read(one) for one in found])


@router.get("/{template_id}", dependencies=READ)
async def get_role_template(template_id: UUID, caller: CurrentCaller) -> RoleTemplateRead:
    """One role template with its newest version."""
    return await _read(caller, template_id)


@router.put("/{template_id}", dependencies=WRITE)
async def change_role_template(
    template_id: UUID, body: RoleTemplateUpdate, caller: CurrentCaller
) -> RoleTemplateRead:
    """Make a new version; the older ones stay as they are. The same content again makes none."""
    async with caller.unit() as uow:
        with named_as_sent(body):
            await change_template(uow, template_id, body.version, content_of(body))
    return await _read(caller, template_id)


@router.delete("/{template_id}", status_code=204, dependencies=WRITE)
async def delete_role_template(
    template_id: UUID, caller: CurrentCaller, version: Annotated[Version | None, Query()] = None
) -> None:
    """Offer it no more. Requests keep the version that they used. `version` is the one that was read."""
    async with caller.unit() as uow:
        await templates.delete_template(uow, template_id, version)


@router.get("/{template_id}/versions", dependencies=READ)
async def list_role_template_versions(template_id: UUID, uow: Unit, page: Paging) -> RoleTemplateVersionPage:
    """Every version, newest first; of a deleted role template too."""
    found = await templates.list_versions(uow, template_id, page)
    return RoleTemplateVersionPage(
        items=[version_read(view) for view in found.items],
        total=found.total,
        limit=found.limit,
        offset=found.offset,
    )


async def _read(caller: CurrentCaller, template_id: UUID) -> RoleTemplateRead:
    async with caller.unit() as uow:
        return template_read(await templates.get_template(uow, template_id))
