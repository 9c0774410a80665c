"""Connections: a tenant's consent to act at a vendor, its sealed credentials and its health."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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
    AUTHORIZATION_CODE = "authorization_code"
    """A person consented; renewed by a refresh token where the vendor gives one."""
    ADMIN_CONSENT = "admin_consent"
    """An administrator admitted the installation's own app; tokens are asked for with the installation's secret."""
    OWN_APP = "own_app"
    """The tenant's own GitHub App, its key typed in."""
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
    """`settings` holds what may be shown; whatever may not is in `connection_secrets`.

    `refresh_attempt_id` is set before the vendor is asked and cleared with what it answered: one that stays tells of a
    crash in between.
    """

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
        Index(
            "uq_connections_vendor_external_id",
            "vendor",
            "external_id",
            unique=True,
            postgresql_where=text(
                "status <> 'disconnected' AND method IN ('app_installation', 'admin_consent')"
            ),
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
    external_id: Mapped[str | None] = mapped_column(Text)
    """The company's id at the vendor. A reconnect must name the same; what one app of ours serves belongs to one tenant."""
    account: Mapped[str | None] = mapped_column(Text)
    """Who or what consented, for people to read."""
    connected_by_id: Mapped[UUID | None]
    connected_by: Mapped[str | None] = mapped_column(Text)
    """The operator's address at that time."""
    scopes_granted: Mapped[list[str] | None] = mapped_column(ARRAY(Text))
    """None where the vendor does not tell."""
    grant_expires_at: Mapped[datetime | None]
    """When the consent ends by itself, where that is known."""
    generation: Mapped[int] = mapped_column(server_default=text("1"))
    """Counts the changes of state and credentials; a trigger keeps it and `changed_at`."""
    changed_at: Mapped[datetime] = mapped_column(server_default=func.now())


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
