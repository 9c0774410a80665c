"""The templates that every tenant has from the start.

They are part of the code, not of a seeding step: a tenant sees them until it changes or uses its copy, which
then becomes its own. They name only what holds for any tenant: no group, licence or team of somebody's.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

from services.shared.domain.role_template.matching import tidy
from services.shared.domain.role_template.models import RoleTemplate, RoleTemplateVersion
from services.shared.kit.actors import service_actor
from services.shared.sdk.registry import providers

MAKER = service_actor("oneclick")
OFFICE: dict[str, dict[str, Any]] = {
    "google-workspace": {"require_password_change": True},
    "microsoft-365": {"require_password_change": True},
    "slack": {},
}


@dataclass(frozen=True, slots=True)
class Shipped:
    """What one of them says. Apps that are not installed are left out."""

    key: str
    name: str
    description: str
    apps: Mapping[str, dict[str, Any]]
    tags: tuple[str, ...]
    conditions: Mapping[str, tuple[str, ...]]


SHIPPED = (
    Shipped(
        key="engineer",
        name="Engineer",
        description="Mail and files, chat, issues, pages and code.",
        apps={**OFFICE, "jira": {}, "confluence": {}, "github": {}},
        tags=("engineering",),
        conditions={"job_title": ("*engineer*", "*developer*", "*programmer*")},
    ),
    Shipped(
        key="sales",
        name="Sales",
        description="Mail and files, chat, meetings and the customer list.",
        apps={**OFFICE, "zoom": {}, "hubspot": {}},
        tags=("sales",),
        conditions={"department": ("*sales*",)},
    ),
    Shipped(
        key="contractor",
        name="Contractor",
        description="Mail and files and chat, for somebody who stays for a while.",
        apps=OFFICE,
        tags=("contractor",),
        conditions={"job_title": ("*contractor*", "*freelance*", "*temporary*")},
    ),
)


def shipped_id(tenant_id: UUID, key: str) -> UUID:
    """The id of a tenant's copy: the same before it is stored and after."""
    return uuid5(tenant_id, f"role_template:{key}")


def shipped_copies(tenant_id: UUID) -> list[tuple[RoleTemplate, RoleTemplateVersion]]:
    """A tenant's copies as they are before anybody changed them; rows that no session holds."""
    installed = providers()
    return [
        (
            RoleTemplate(
                id=shipped_id(tenant_id, one.key),
                tenant_id=tenant_id,
                key=one.key,
                name_key=one.name.casefold(),
                version=1,
            ),
            RoleTemplateVersion(
                id=uuid5(shipped_id(tenant_id, one.key), "1"),
                tenant_id=tenant_id,
                template_id=shipped_id(tenant_id, one.key),
                version=1,
                name=one.name,
                description=one.description,
                apps={app: dict(fields) for app, fields in one.apps.items() if app in installed},
                tags=list(one.tags),
                conditions=tidy(one.conditions),
                actor_kind=MAKER.kind,
                actor_id=MAKER.id,
                actor_name=MAKER.name,
            ),
        )
        for one in SHIPPED
    ]
