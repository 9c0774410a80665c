"""Who is calling the product: verified from the short-lived internal token, never from a header or body."""

import asyncio
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.shared.kit.actors import Actor, ActorKind
from services.shared.kit.errors import Forbidden, Unauthenticated, Unavailable
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
ISSUER = "oneclick-auth"
AUDIENCE = "oneclick-api"
KEYS_LIFETIME = 300.0
REFETCH_PAUSE = 5.0
KEY_PREFIX = "oc_"
"""What every API key begins with, and no internal token does."""
KEY_HEADER = "x-api-key"


class Role(StrEnum):
    PLATFORM_ADMIN = "platform_admin"
    ADMIN = "admin"
    HELPDESK = "helpdesk"
    AUDITOR = "auditor"


class Permission(StrEnum):
    REQUESTS_READ = "requests:read"
    REQUESTS_WRITE = "requests:write"
    EMPLOYEES_READ = "employees:read"
    EMPLOYEES_WRITE = "employees:write"
    APPS_READ = "apps:read"
    AUDIT_READ = "audit:read"
    PASSWORDS_REVEAL = "passwords:reveal"  # a permission's name
    SETTINGS_WRITE = "settings:write"
    ROLE_TEMPLATES_READ = "role_templates:read"
    ROLE_TEMPLATES_WRITE = "role_templates:write"
    SCHEDULE_READ = "schedule:read"
    SCHEDULE_WRITE = "schedule:write"
    CONNECTIONS_READ = "connections:read"
    CONNECTIONS_WRITE = "connections:write"
    API_KEYS_WRITE = "api_keys:write"
    OPERATORS_READ = "operators:read"
    OPERATORS_WRITE = "operators:write"
    NOTIFICATIONS_READ = "notifications:read"
    NOTIFICATIONS_WRITE = "notifications:write"
    MESSAGES_READ = "messages:read"


FOR_PEOPLE_ALONE = frozenset(
    {
        Permission.PASSWORDS_REVEAL,
        Permission.CONNECTIONS_WRITE,
        Permission.API_KEYS_WRITE,
        Permission.OPERATORS_READ,
        Permission.OPERATORS_WRITE,
    }
)
"""What no API key may: look at first passwords, and whatever would let a key that leaked give itself more."""
KEY_SCOPES = frozenset(Permission) - FOR_PEOPLE_ALONE
"""What an API key may be allowed."""
READS = frozenset(
    {
        Permission.REQUESTS_READ,
        Permission.EMPLOYEES_READ,
        Permission.APPS_READ,
        Permission.ROLE_TEMPLATES_READ,
        Permission.SCHEDULE_READ,
        Permission.NOTIFICATIONS_READ,
    }
)
GRANTED: dict[Role, frozenset[Permission]] = {
    Role.PLATFORM_ADMIN: frozenset(Permission),
    Role.ADMIN: frozenset(Permission),
    Role.HELPDESK: READS
    | {
        Permission.REQUESTS_WRITE,
        Permission.PASSWORDS_REVEAL,
        Permission.SCHEDULE_WRITE,
        Permission.EMPLOYEES_WRITE,
        # To hand a task over to one of them.
        Permission.OPERATORS_READ,
    },
    Role.AUDITOR: READS | {Permission.AUDIT_READ},
}


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. `tenant_id` is the only tenant that this call may see.

    A person has a role and an address; an API key has scopes instead, and `session_id` is its own id.
    """

    actor: Actor
    tenant_id: UUID
    tenant_slug: str
    tenant_name: str
    role: Role | None
    email: str
    session_id: str
    scopes: frozenset[Permission] = frozenset()

    @property
    def permissions(self) -> frozenset[Permission]:
        """What the role grants, or the key's scopes."""
        return self.scopes & KEY_SCOPES if self.role is None else GRANTED[self.role]

    def require(self, permission: Permission) -> None:
        """Pass.

        Raises:
            Forbidden: neither role nor key grants it.
        """
        if permission in self.permissions:
            return
        if self.role is not None:
            raise Forbidden(f"Your role ({self.role}) may not do this: it needs {permission}.")
        if permission in FOR_PEOPLE_ALONE:
            raise Forbidden("No API key may do this: a person must sign in.")
        raise Forbidden(f"This API key may not do this: it needs the scope {permission}.")


class TokenVerifier:
    """Verifies internal tokens (ES256) against the auth service's published keys."""

    def __init__(self, client: httpx.AsyncClient, auth_url: str) -> None:
        self._client = client
        self._url = f"{auth_url.rstrip('/')}/auth/jwks.json"
        self._keys: KeySet | None = None
        self._fetched = 0.0
        self._lock = asyncio.Lock()

    async def verify(self, token: str) -> Principal:
        """The principal of a token.

        Raises:
            Unauthenticated: not a valid, current token of ours.
            Unavailable: the keys cannot be fetched.
        """
        claims = await self._claims(token)
        try:
            registry = jwt.JWTClaimsRegistry(
                iss={"essential": True, "value": ISSUER},
                aud={"essential": True, "value": AUDIENCE},
                exp={"essential": True},
                sub={"essential": True},
            )
            registry.validate(claims)
            kind, _, subject = str(claims["sub"]).partition(":")
            return Principal(
                actor=Actor(ActorKind(kind), subject, str(claims["name"])),
                tenant_id=UUID(str(claims["tid"])),
                tenant_slug=str(claims["tslug"]),
                tenant_name=str(claims["tname"]),
                role=Role(claims["role"]),
                email=str(claims["email"]),
                session_id=str(claims["sid"]),
            )
        except (JoseError, KeyError, ValueError, TypeError) as error:
            raise Unauthenticated("The token is not valid.") from error

    async def _claims(self, token: str) -> dict[str, Any]:
        for refetch in (False, True):
            keys = await self._key_set(refetch=refetch)
            try:
                return dict(jwt.decode(token, keys, algorithms=["ES256"]).claims)
            except (JoseError, ValueError) as error:
                # An unknown key may be a new one: look once more, but not for every forged token.
                if refetch or time.monotonic() - self._fetched < REFETCH_PAUSE:
                    raise Unauthenticated("The token is not valid.") from error
        raise Unauthenticated("The token is not valid.")

    async def _key_set(self, *, refetch: bool) -> KeySet:
        async with self._lock:
            age = time.monotonic() - self._fetched
            if self._keys is not None and age < (REFETCH_PAUSE if refetch else KEYS_LIFETIME):
                return self._keys
            try:
                answer = await self._client.get(self._url)
                answer.raise_for_status()
                self._keys = KeySet.import_key_set(answer.json())
                self._fetched = time.monotonic()
            except (httpx.HTTPError, ValueError, JoseError) as error:
                if self._keys is None:
                    raise Unavailable("Sign-in cannot be checked now.") from error
                log.warning("jwks_unavailable", error=type(error).__name__)
            return self._keys
