"""API keys on the wire between the api and this service."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field, SecretStr

from services.auth.api_key.models import ApiKey
from services.auth.api_key.service import AcceptedKey, KeyState, Refusal, state_of
from services.auth.operator.schemas import ActorGiven
from services.auth.printable import printable

MOST_CALLS_PER_MINUTE = 60_000
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(printable)]
Scope = Annotated[str, Field(pattern=r"^[a-z_]{1,40}:[a-z_]{1,40}$")]


class ApiKeyCreate(BaseModel):
    actor: ActorGiven
    name: Name
    scopes: list[Scope] = Field(min_length=1, max_length=64)
    calls_per_minute: int = Field(ge=1, le=MOST_CALLS_PER_MINUTE)
    expires_at: AwareDatetime | None = None


class ApiKeyRevoke(BaseModel):
    actor: ActorGiven


class ApiKeyRead(BaseModel):
    """A key without its secret."""

    id: UUID
    name: str
    scopes: list[str]
    calls_per_minute: int
    state: KeyState
    created_at: datetime
    created_by: UUID
    created_by_name: str
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by_name: str | None


class ApiKeyCreated(BaseModel):
    """The one time that the key itself is told."""

    key: str
    api_key: ApiKeyRead


class ApiKeyList(BaseModel):
    items: list[ApiKeyRead]
    total: int


class ApiKeyCheck(BaseModel):
    key: SecretStr = Field(max_length=500)


class ApiKeyVerdict(BaseModel):
    """Whether a key may act; if so, as whom, and what it may."""

    accepted: bool
    reason: Refusal | None = None
    key_id: UUID | None = None
    name: str | None = None
    tenant_id: UUID | None = None
    tenant_slug: str | None = None
    tenant_name: str | None = None
    scopes: list[str] = []
    calls_per_minute: int | None = None
    expires_at: datetime | None = None


def key_read(key: ApiKey, now: datetime) -> ApiKeyRead:
    """A key as the api may know it."""
    return ApiKeyRead(
        id=key.id,
        name=key.name,
        scopes=key.scopes,
        calls_per_minute=key.calls_per_minute,
        state=state_of(key, now),
        created_at=key.created_at,
        created_by=key.created_by,
        created_by_name=key.created_by_name,
        expires_at=key.expires_at,
        last_used_at=key.last_used_at,
        revoked_at=key.revoked_at,
        revoked_by_name=key.revoked_by_name,
    )


def verdict(found: AcceptedKey | Refusal) -> ApiKeyVerdict:
    """What the api is told of a key that somebody sent."""
    if isinstance(found, Refusal):
        return ApiKeyVerdict(accepted=False, reason=found)
    return ApiKeyVerdict(
        accepted=True,
        key_id=found.key.id,
        name=found.key.name,
        tenant_id=found.tenant.id,
        tenant_slug=found.tenant.slug,
        tenant_name=found.tenant.name,
        scopes=found.key.scopes,
        calls_per_minute=found.key.calls_per_minute,
        expires_at=found.key.expires_at,
    )
