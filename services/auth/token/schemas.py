"""The broker on the wire."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, model_validator

from services.auth.connection.vendors import scheme_of
from services.auth.printable import printable
from services.auth.token.cache import LiveToken


class TokenQuery(BaseModel):
    """Either `connection_id` (and then perhaps the tenant it must belong to), or tenant and provider."""

    tenant_id: UUID | None = None
    provider: str | None = Field(default=None, max_length=64)
    credential: str = Field(default="default", pattern=r"^[a-z_]{1,32}$")
    """Which one, where a connection has several (Atlassian)."""
    connection_id: UUID | None = None
    purpose: Annotated[str, AfterValidator(printable)] = Field(default="", max_length=200)
    force_refresh: bool = False
    """The vendor has refused the last token: bring a newer one."""

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.connection_id is None and (self.tenant_id is None or self.provider is None):
            raise ValueError("needs connection_id, or tenant_id and provider")
        return self


class TokenRead(BaseModel):
    access_token: str
    token_type: str = "Bearer"  # noqa: S105  # the kind, not a token
    expires_at: datetime
    connection_id: UUID
    settings: dict[str, Any]


class RefreshedRead(BaseModel):
    """What a run of refreshing ahead did. `left` were not reached in its time; the next run takes them."""

    refreshed: int
    failed: int
    left: int


def token_read(live: LiveToken) -> TokenRead:
    """The one place where an access token is revealed to a caller."""
    return TokenRead(
        access_token=live.token.reveal(),
        token_type=scheme_of(live.vendor, live.method, live.credential),
        expires_at=live.expires_at,
        connection_id=live.connection_id,
        settings=dict(live.settings),
    )
