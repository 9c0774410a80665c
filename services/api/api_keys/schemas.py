"""API keys on the wire."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from services.api.wire import Body, Moment, PageRead, Read, Text
from services.shared.web.principal import KEY_SCOPES, Permission


class KeyState(StrEnum):
    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


def _of_keys(scopes: list[Permission]) -> list[Permission]:
    if refused := sorted(set(scopes) - KEY_SCOPES):
        raise ValueError(f"must not hold {', '.join(refused)}: that is for people who sign in")
    return sorted(set(scopes))


Scopes = Annotated[
    list[Permission], Field(min_length=1, max_length=len(Permission)), AfterValidator(_of_keys)
]


class ApiKeyCreate(Body):
    """`scopes` are permissions; `expires_at` without a zone is UTC, and null means never."""

    name: Text
    scopes: Scopes
    expires_at: Moment | None = None
    calls_per_minute: Annotated[int, Field(ge=1, le=60_000, strict=True)] | None = None


class KeyMakerRead(Read):
    id: UUID
    name: str


class ApiKeyRead(Read):
    """A key without its secret. `begins_with` is what its holder can recognise it by; `last_used_at` is to the minute."""

    id: UUID
    name: str
    begins_with: str
    scopes: list[str]
    calls_per_minute: int
    state: KeyState
    created_at: datetime
    created_by: KeyMakerRead
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None
    revoked_by: str | None


class ApiKeyPage(PageRead[ApiKeyRead]):
    scopes: list[Permission]
    """What a key may be allowed."""


class ApiKeyCreated(Read):
    """`key` is told this once and never again."""

    key: str
    api_key: ApiKeyRead
