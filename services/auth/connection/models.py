"""Connections: a tenant's consent to act at a vendor, its sealed credentials and its health."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class Vendor(StrEnum):
    GOOGLE = "google"
    MICROSOFT = "microsoft"
    SLACK = "slack"
    ATLASSIAN = "atlassian"
    GITHUB = "github"
    CLICKUP = "clickup"
    ZOOM = "zoom"
    HUBSPOT = "hubspot"
    SCIM = "scim"


class Method(StrEnum):
    """How access tokens are obtained."""

    SERVICE_ACCOUNT = "service_account"
    CLIENT_CREDENTIALS = "client_credentials"
    APP_INSTALLATION = "app_installation"
    ACCOUNT_CREDENTIALS = "account_credentials"
    TOKEN = "token"  # noqa: S105  # a method's name: what was entered is what is sent


class Status(StrEnum):
    ACTIVE = "active"
    NEEDS_REAUTH = "needs_reauth"
    ERROR = "error"
    DISCONNECTED = "disconnected"


class Source(StrEnum):
    """Where the credentials came from."""

    ENVIRONMENT = "environment"
    OPERATOR = "operator"


class Connection(Base):
    """`settings` holds what may be shown; whatever may not is in `connection_secrets`."""

    __tablename__ = "connections"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        Index(
            "uq_connections_tenant_id_vendor",
            "tenant_id",
            "vendor",
            unique=True,
            postgresql_where=text("status <> 'disconnected'"),
        ),
        {"schema": "auth"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"))
    vendor: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    display_name: Mapped[str] = mapped_column(Text)
    settings: Mapped[dict[str, Any]]
    status: Mapped[str] = mapped_column(Text, server_default=Status.ACTIVE.value)
    reason_code: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    connected_at: Mapped[datetime] = mapped_column(server_default=func.now())
    last_refreshed_at: Mapped[datetime | None]
    refresh_attempt_id: Mapped[UUID | None]
    refresh_started_at: Mapped[datetime | None]
    failure_count: Mapped[int] = mapped_column(server_default=text("0"))
    cool_down_until: Mapped[datetime | None]


class ConnectionSecret(Base):
    """A long-lived credential. `version` counts its values and is part of what the ciphertext is bound to."""

    __tablename__ = "connection_secrets"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["auth.connections.tenant_id", "auth.connections.id"],
            ondelete="CASCADE",
        ),
        {"schema": "auth"},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(server_default=text("1"))
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    kek_id: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ConnectionToken(Base):
    """The newest access token of one credential, shared by all replicas.

    After `refresh_at` a new one is asked for. Most connections have one credential, `default`. Times are the
    database's clock.
    """

    __tablename__ = "connection_tokens"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "connection_id"],
            ["auth.connections.tenant_id", "auth.connections.id"],
            ondelete="CASCADE",
        ),
        {"schema": "auth"},
    )

    tenant_id: Mapped[UUID] = mapped_column(primary_key=True)
    connection_id: Mapped[UUID] = mapped_column(primary_key=True)
    credential: Mapped[str] = mapped_column(Text, primary_key=True, server_default="default")
    version: Mapped[int]
    envelope: Mapped[bytes] = mapped_column(LargeBinary)
    kek_id: Mapped[str] = mapped_column(Text)
    minted_at: Mapped[datetime] = mapped_column(server_default=func.now())
    refresh_at: Mapped[datetime]
    expires_at: Mapped[datetime]
