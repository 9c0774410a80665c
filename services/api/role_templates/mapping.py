"""From role templates to what goes out, and from what came in to their content."""

from typing import Any

from services.api.requests.schemas import ActorRead
from services.api.role_templates.schemas import (
    ConditionsRead,
    RoleTemplateContent,
    RoleTemplateRead,
    RoleTemplateVersionRead,
    SuggestionRead,
)
from services.shared.domain.role_template.service import Content, Suggestion, TemplateView


def content_of(body: RoleTemplateContent) -> Content:
    """What a body wants a template to say."""
    return Content(
        name=body.name,
        description=body.description,
        apps=body.apps,
        tags=tuple(body.tags),
        conditions=body.conditions.model_dump(),
    )


def _version(view: TemplateView) -> dict[str, Any]:
    content = view.content
    return {
        "version": content.version,
        "name": content.name,
        "description": content.description,
        "apps": content.apps,
        "tags": content.tags,
        "conditions": ConditionsRead.model_validate(content.conditions),
        "changed_at": None if view.untouched else content.created_at,
        "changed_by": None if view.untouched else ActorRead(kind=content.actor_kind, name=content.actor_name),
    }


def version_read(view: TemplateView) -> RoleTemplateVersionRead:
    """One version of a template."""
    return RoleTemplateVersionRead(**_version(view))


def template_read(view: TemplateView) -> RoleTemplateRead:
    """A template with its newest version."""
    template = view.template
    return RoleTemplateRead(**_version(view), id=template.id, key=template.key, shipped=view.shipped)


def suggestion_read(suggestion: Suggestion) -> SuggestionRead:
    """A template that fits a person, and why."""
    return SuggestionRead(template=template_read(suggestion.view), met=suggestion.met)
