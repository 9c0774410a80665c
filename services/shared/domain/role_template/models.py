"""Apps switched on and fields filled in for a kind of role. Not a tenant template."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, Integer, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base

LIVE = text("deleted_at IS NULL")


class RoleTemplate(Base):
    """What keeps its id and key while versions follow each other. Deleted ones stay: requests name them."""

    __tablename__ = "role_templates"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index("uq_role_templates_key", "tenant_id", "key", unique=True, postgresql_where=LIVE),
        Index("uq_role_templates_name_key", "tenant_id", "name_key", unique=True, postgresql_where=LIVE),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(Text)
    """What callers of the API name it by; it does not change with the name."""
    name_key: Mapped[str] = mapped_column(Text)
    """The name without regard to case."""
    version: Mapped[int] = mapped_column(Integer)
    """The newest one."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    deleted_at: Mapped[datetime | None]


class RoleTemplateVersion(Base):
    """One version, as it was written. The database lets nobody change it."""

    __tablename__ = "role_template_versions"
    __table_args__ = (
        UniqueConstraint("tenant_id", "template_id", "version"),
        ForeignKeyConstraint(
            ["tenant_id", "template_id"], ["api.role_templates.tenant_id", "api.role_templates.id"]
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    template_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    name: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text)
    apps: Mapped[dict[str, Any]]
    """Fields by app key, in the forms' own names; an app without fields is switched on all the same."""
    tags: Mapped[list[str]]
    conditions: Mapped[dict[str, Any]]
    """Patterns by what they look at: `department`, `location`, `job_title`."""
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[str] = mapped_column(Text)
    actor_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
