"""A tag rule queues whoever gets a tag. Rules that came with OneClick become rows when a tenant changes them."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class TagRule(Base):
    __tablename__ = "tag_rules"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("priority >= 0", name="priority"),
        Index(
            "uq_tag_rules_slug", "tenant_id", "slug", unique=True, postgresql_where=text("deleted_at IS NULL")
        ),
        {"schema": "api"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    tag: Mapped[str] = mapped_column(Text)
    slug: Mapped[str] = mapped_column(Text)
    role_template_id: Mapped[UUID | None]
    """None: whichever one is suggested for the person."""
    offset_days: Mapped[int] = mapped_column(Integer)
    """From the start date; negative ones come before it."""
    time_of_day: Mapped[str] = mapped_column(Text)
    """`HH:MM` on the clocks of `time_zone`."""
    time_zone: Mapped[str | None] = mapped_column(Text)
    """None: the tenant's."""
    priority: Mapped[int] = mapped_column(Integer)
    enabled: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), onupdate=func.now())
    deleted_at: Mapped[datetime | None]
