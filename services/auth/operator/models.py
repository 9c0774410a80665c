"""Operators (people who sign in), what they may do where, and which groups of the identity provider say so."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class Source(StrEnum):
    """Who said so: the installation's list, a group claim at the last sign-in, or an administrator in the product."""

    LIST = "list"
    GROUP = "group"
    OPERATOR = "operator"


class Operator(Base):
    """A person, identified by (issuer, subject) once they have signed in, by address until then."""

    __tablename__ = "operators"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        CheckConstraint("email = lower(email)", name="email_lower"),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(Text, unique=True)
    name: Mapped[str] = mapped_column(Text)
    issuer: Mapped[str | None] = mapped_column(Text)
    subject: Mapped[str | None] = mapped_column(Text)
    platform_admin: Mapped[bool] = mapped_column(server_default=text("false"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_sign_in_at: Mapped[datetime | None]


class Membership(Base):
    """A role in a tenant. What an administrator decided counts; else the strongest of the other rows."""

    __tablename__ = "memberships"
    __table_args__ = (Index("ix_memberships_operator_id", "operator_id"), {"schema": "auth"})

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"), primary_key=True)
    operator_id: Mapped[UUID] = mapped_column(ForeignKey("auth.operators.id"), primary_key=True)
    source: Mapped[str] = mapped_column(Text, primary_key=True)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    disabled: Mapped[bool] = mapped_column(server_default=text("false"))
    """Only an administrator's row says so: this person may not enter, whoever else lets them."""
    group_names: Mapped[list[str]] = mapped_column(server_default=text("'[]'"))
    """Which groups gave a role of source `group`, at the last sign-in."""
    entered_at: Mapped[datetime | None]
    """When they last came into this tenant."""
    given_name: Mapped[str | None] = mapped_column(Text)
    """What an administrator here called them when adding them; it counts until they come in."""


class GroupRole(Base):
    """Members of this group of the identity provider have this role in this tenant."""

    __tablename__ = "group_roles"
    __table_args__ = (Index("ix_group_roles_group_name", "group_name"), {"schema": "auth"})

    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"), primary_key=True)
    group_name: Mapped[str] = mapped_column(Text, primary_key=True)
    role: Mapped[str] = mapped_column(Text)
