"""The way to a vendor and back, on the wire."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from services.auth.printable import printable

Token = Annotated[SecretStr, Field(max_length=200)]
Value = Annotated[SecretStr, Field(max_length=8192)]


class OAuthStart(BaseModel):
    """`method` may be left out: the vendor's usual one. `connection_id` reconnects in place."""

    session_token: Token
    method: str | None = Field(default=None, max_length=64)
    connection_id: UUID | None = None
    return_to: Annotated[str, AfterValidator(printable)] = Field(default="", max_length=2000)
    """A page of our own, as the bff has checked."""


class OAuthFinish(BaseModel):
    """The vendor's answer as it came: the parameters of the query."""

    session_token: Token
    query: dict[str, Value] = Field(max_length=40)


class Code(StrEnum):
    """Why nothing was connected. The page has words for each."""

    ACCESS_DENIED = "access_denied"
    STATE_INVALID = "state_invalid"
    STATE_EXPIRED = "state_expired"
    OTHER_ACCOUNT = "other_account"
    SCOPES_MISSING = "scopes_missing"
    VENDOR_REFUSED = "vendor_refused"
    VENDOR_UNREACHABLE = "vendor_unreachable"
    NOT_CONFIGURED = "not_configured"


class OAuthStarted(BaseModel):
    """Either an address to go to, or why there is none."""

    authorize_url: str | None = None
    failed: Code | None = None
    reason: str | None = None


class OAuthFinished(BaseModel):
    """Exactly one of: connected, failed, or another leg to go."""

    connection_id: UUID | None = None
    failed: Code | None = None
    reason: str | None = None
    authorize_url: str | None = None
    return_to: str = ""
