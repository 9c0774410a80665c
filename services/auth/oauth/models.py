"""Connects that have begun at a vendor and not come back."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class OAuthState(Base):
    """One way to a vendor and back. Neither the state nor what is derived from it (nonce, PKCE verifier) is stored.

    It belongs to one session of one operator in one tenant, to one vendor and method, and when reconnecting to one
    connection. A used one stays until it is swept, so that a replay is known as such.
    """

    __tablename__ = "oauth_states"
    __table_args__ = (
        Index("ix_oauth_states_tenant_id_expires_at", "tenant_id", "expires_at"),
        {"schema": "auth"},
    )

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tenant_id: Mapped[UUID] = mapped_column(ForeignKey("auth.tenants.id"))
    session_id: Mapped[UUID]
    operator_id: Mapped[UUID]
    vendor: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    connection_id: Mapped[UUID | None]
    external_id: Mapped[str | None] = mapped_column(Text)
    """On the second leg: the company whose administrator has to prove that they belong to it."""
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    return_to: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
