"""Live choices of a form field, as the vendor last told them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class OptionList(Base):
    """One list per tenant, app, name and search text. The worker fills it; the API reads it."""

    __tablename__ = "option_lists"
    __table_args__ = (UniqueConstraint("tenant_id", "app", "name", "query"), {"schema": "api"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID]
    app: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    items: Mapped[list[Any]] = mapped_column(default=list)
    asked_at: Mapped[datetime]
    fetched_at: Mapped[datetime | None]
    error: Mapped[dict[str, Any] | None]
