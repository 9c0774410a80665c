"""`/api/tag-rules`: which tags queue people, with which role template, and when."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request

from services.api.connecting import connected_apps
from services.api.dependencies import Caller, CurrentCaller, IdempotencyKey, Unit, allowed
from services.api.once import answer_once
from services.api.tag_rules.mapping import content_of, decision_read, rule_read
from services.api.tag_rules.schemas import TagRulePage, TagRulePreview, TagRuleRead, TagRuleWrite
from services.api.wire import named_as_sent
from services.shared.domain.role_template.service import find_template
from services.shared.domain.tag_rule import following
from services.shared.domain.tag_rule import service as rules
from services.shared.kit.uow import UnitOfWork
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/tag-rules", tags=["tag-rules"])
READ = [allowed(Permission.SCHEDULE_READ)]
WRITE = [allowed(Permission.SETTINGS_WRITE)]


@router.get("", dependencies=READ)
async def list_tag_rules(uow: Unit) -> TagRulePage:
    """Every rule by its tag; those that came with OneClick are among them."""
    return TagRulePage(items=[await _shown(uow, view) for view in await rules.list_rules(uow)])


@router.post("", status_code=201, dependencies=WRITE, response_model=TagRuleRead)
async def create_tag_rule(
    body: TagRuleWrite, caller: CurrentCaller, http: Request, idempotency_key: IdempotencyKey = None
) -> Any:
    """Make a rule. It is about whoever gets the tag from now on."""

    async def act(uow: UnitOfWork) -> UUID:
        with named_as_sent(body):
            return await rules.create_rule(uow, content_of(body))

    return await answer_once(
        caller,
        idempotency_key,
        route=f"{http.method} {http.url.path}",
        body=body.model_dump(mode="json"),
        status=201,
        act=act,
        answer=lambda rule_id: _read(caller, rule_id),
    )


@router.post("/preview", dependencies=READ)
async def preview_tag_rule(body: TagRuleWrite, caller: CurrentCaller) -> TagRulePreview:
    """What a rule would do with everybody who has its tag now. Nothing is stored, and nobody queued."""
    connected = await connected_apps(caller)
    async with caller.unit() as uow:
        with named_as_sent(body):
            rule = await rules.checked_rule(uow, content_of(body))
        found = await following.preview_rule(uow, rule, connected)
    return TagRulePreview(items=[decision_read(one) for one in found])


@router.get("/{rule_id}", dependencies=READ)
async def get_tag_rule(rule_id: UUID, caller: CurrentCaller) -> TagRuleRead:
    """One rule."""
    return await _read(caller, rule_id)


@router.get("/{rule_id}/preview", dependencies=READ)
async def preview_stored_tag_rule(rule_id: UUID, caller: CurrentCaller) -> TagRulePreview:
    """What this rule does with everybody who has its tag now, and whom it has queued."""
    connected = await connected_apps(caller)
    async with caller.unit() as uow:
        view = await rules.get_rule(uow, rule_id)
        found = await following.preview_rule(uow, view.rule, connected)
    return TagRulePreview(items=[decision_read(one) for one in found])


@router.put("/{rule_id}", dependencies=WRITE)
async def change_tag_rule(rule_id: UUID, body: TagRuleWrite, caller: CurrentCaller) -> TagRuleRead:
    """Change a rule. What it has queued already stays as it is."""
    async with caller.unit() as uow:
        with named_as_sent(body):
            await rules.change_rule(uow, rule_id, content_of(body))
    return await _read(caller, rule_id)


@router.delete("/{rule_id}", status_code=204, dependencies=WRITE)
async def delete_tag_rule(rule_id: UUID, caller: CurrentCaller) -> None:
    """Queue nobody any more by it. What it has queued stays, until the tag is taken away."""
    async with caller.unit() as uow:
        await rules.delete_rule(uow, rule_id)


async def _read(caller: Caller, rule_id: UUID) -> TagRuleRead:
    async with caller.unit() as uow:
        return await _shown(uow, await rules.get_rule(uow, rule_id))


async def _shown(uow: UnitOfWork, view: rules.RuleView) -> TagRuleRead:
    template_id = view.rule.role_template_id
    return rule_read(view, await find_template(uow, template_id) if template_id else None)
