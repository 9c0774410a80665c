"""The rules that every tenant has from the start: part of the code, until a tenant changes its copy."""

from uuid import UUID, uuid5

from services.shared.domain.role_template.shipped import shipped_id as template_id
from services.shared.domain.schedule.tags import slug_of
from services.shared.domain.tag_rule.models import TagRule

MORNING = "08:00"
SHIPPED = (("to be created", None), ("new-hire", None), ("contractor", "contractor"), ("intern", None))
"""Tags, and the role template that came with OneClick, or None for the one that is suggested for the person."""


def shipped_id(tenant_id: UUID, slug: str) -> UUID:
    """The id of a tenant's copy: the same before it is stored and after."""
    return uuid5(tenant_id, f"tag_rule:{slug}")


def shipped_rules(tenant_id: UUID) -> list[TagRule]:
    """A tenant's copies as they are before anybody changed them; rows that no session holds."""
    return [
        TagRule(
            id=shipped_id(tenant_id, slug_of(tag)),
            tenant_id=tenant_id,
            tag=tag,
            slug=slug_of(tag),
            role_template_id=template_id(tenant_id, template) if template else None,
            offset_days=0,
            time_of_day=MORNING,
            time_zone=None,
            priority=0,
            enabled=True,
        )
        for tag, template in SHIPPED
    ]
