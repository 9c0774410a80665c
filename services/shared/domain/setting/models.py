"""A tenant's own rules."""

from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Integer, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class TenantSetting(Base):
    """One row per tenant; a tenant without a row has the defaults."""

    __tablename__ = "tenant_settings"
    __table_args__ = (
        CheckConstraint("unmanaged IN ('keep', 'remove')", name="unmanaged"),
        {"schema": "api"},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    allowed_domains: Mapped[list[str]] = mapped_column(default=list)
    """Work e-mail domains that are accepted; empty accepts all."""
    unmanaged: Mapped[str] = mapped_column(Text, default="keep")
    plan_lifetime_seconds: Mapped[int] = mapped_column(Integer, default=3600)
    app_switches: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Apps that the tenant has switched on (True) or off (False) against their providers' own word."""
    app_defaults: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """By app, what its form is filled in with where neither a request nor its role template says anything."""
    time_zone: Mapped[str | None] = mapped_column(Text)
    """The IANA zone that times without a zone mean. None: the installation's."""
