"""Grants: what one person allowed one app, with the codes and tokens that stand on it.

The book knows addresses, not accounts: tokens live on when the data goes back to the seed.
"""

from __future__ import annotations

import secrets
import time
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CODE_SECONDS = 600


class Rotation(StrEnum):
    """What happens to a refresh token that was used."""

    OFF = "off"
    """It is used again and again; the answer may leave it out."""
    KEEP = "keep"
    """There is a new one, and the old one goes on working."""
    ONCE = "once"
    """There is a new one, and the old one is refused."""
    DETECT = "detect"
    """There is a new one; who shows the old one again loses the whole grant."""


@dataclass(slots=True, eq=False)
class Grant:
    """One consent. `data` is what only this vendor keeps: a site, an account, a nonce."""

    client_id: str
    tenant: str
    """The company's first domain."""
    person: str
    """Who consented, by address."""
    scopes: tuple[str, ...]
    data: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    at: float = field(default_factory=time.time)
    revoked_at: float | None = None
    reason: str = ""
    """Why it ended: `revoked`, `code_reused`, `refresh_reused`, or a vendor's own word."""

    @property
    def is_live(self) -> bool:
        return self.revoked_at is None


@dataclass(slots=True, eq=False)
class Code:
    value: str
    grant: Grant
    redirect_uri: str | None
    challenge: str | None = None
    method: str = "plain"
    nonce: str | None = None
    at: float = field(default_factory=time.time)
    used_at: float | None = None


@dataclass(slots=True, eq=False)
class AccessToken:
    value: str
    grant: Grant
    scopes: tuple[str, ...]
    expires_at: float | None
    """None: until the grant ends."""
    at: float = field(default_factory=time.time)

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= time.time()


@dataclass(slots=True, eq=False)
class RefreshToken:
    value: str
    grant: Grant
    expires_at: float | None
    at: float = field(default_factory=time.time)
    replaced_at: float | None = None

    @property
    def is_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= time.time()


class GrantRefusedError(Exception):
    """A code or refresh token that is good for nothing; `why` is unknown, expired, used, revoked or reused."""

    def __init__(self, why: str, grant: Grant | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.grant = grant


@dataclass(slots=True)
class GrantBook:
    """Everything that one authorization server issued."""

    grants: dict[str, Grant] = field(default_factory=dict)
    codes: dict[str, Code] = field(default_factory=dict)
    access: dict[str, AccessToken] = field(default_factory=dict)
    refresh: dict[str, RefreshToken] = field(default_factory=dict)

    def clear(self) -> None:
        for store in (self.grants, self.codes, self.access, self.refresh):
            store.clear()

    def add_grant(self, grant: Grant) -> Grant:
        self.grants[grant.id] = grant
        return grant

    def add_code(self, grant: Grant, redirect_uri: str | None, *, prefix: str = "", **proof: Any) -> str:
        """A fresh code of this grant; `proof` is challenge, method and nonce of the request."""
        code = Code(prefix + secrets.token_urlsafe(32), grant, redirect_uri, **proof)
        self.codes[code.value] = code
        return code.value

    def peek(self, value: str) -> Code:
        """The code, without using it.

        Raises:
            GrantRefusedError: unknown, expired, revoked, or used before; a second use also ends the grant
                (RFC 6749 section 4.1.2).
        """
        code = self.codes.get(value)
        if code is None:
            raise GrantRefusedError("unknown")
        if code.used_at is not None:
            self.revoke(code.grant, "code_reused")
            raise GrantRefusedError("used", code.grant)
        if not code.grant.is_live:
            raise GrantRefusedError("revoked", code.grant)
        if time.time() - code.at > CODE_SECONDS:
            raise GrantRefusedError("expired", code.grant)
        return code

    def redeem(self, code: Code) -> Grant:
        """Use the code up."""
        code.used_at = time.time()
        return code.grant

    def issue_access(
        self, grant: Grant, value: str, lifetime: float | None, scopes: tuple[str, ...] | None = None
    ) -> AccessToken:
        expires_at = None if lifetime is None else time.time() + lifetime
        token = AccessToken(value, grant, grant.scopes if scopes is None else scopes, expires_at)
        self.access[value] = token
        return token

    def issue_refresh(self, grant: Grant, value: str, lifetime: float | None) -> RefreshToken:
        token = RefreshToken(value, grant, None if lifetime is None else time.time() + lifetime)
        self.refresh[value] = token
        return token

    def find_access(self, value: str | None) -> AccessToken | None:
        """The token, expired ones included; None when it is unknown or its grant has ended."""
        token = self.access.get(value or "")
        return token if token is not None and token.grant.is_live else None

    def use_refresh(self, value: str, rotation: Rotation, *, leeway: float = 0) -> RefreshToken:
        """The refresh token, if it may be used now. `leeway`: how long a replaced one is still taken.

        Raises:
            GrantRefusedError: unknown, expired, revoked, or reused (which with DETECT ends the grant).
        """
        token = self.refresh.get(value)
        if token is None:
            raise GrantRefusedError("unknown")
        if not token.grant.is_live:
            raise GrantRefusedError("revoked", token.grant)
        was_replaced = token.replaced_at is not None and time.time() - token.replaced_at >= leeway
        if was_replaced and rotation in {Rotation.ONCE, Rotation.DETECT}:
            if rotation is Rotation.DETECT:
                self.revoke(token.grant, "refresh_reused")
            raise GrantRefusedError("reused", token.grant)
        if token.is_expired:
            raise GrantRefusedError("expired", token.grant)
        return token

    def replace(self, old: RefreshToken, value: str, lifetime: float | None) -> RefreshToken:
        """The next refresh token of the grant; the old one counts as used from now on."""
        if old.replaced_at is None:
            old.replaced_at = time.time()
        return self.issue_refresh(old.grant, value, lifetime)

    def revoke(self, grant: Grant, reason: str = "revoked") -> None:
        if grant.is_live:
            grant.revoked_at = time.time()
            grant.reason = reason

    def list_grants(
        self, *, tenant: str | None = None, person: str | None = None, client_id: str | None = None
    ) -> list[Grant]:
        """The grants that fit, the oldest first."""
        return [
            grant
            for grant in self.grants.values()
            if (tenant is None or grant.tenant == tenant)
            and (person is None or grant.person.lower() == person.lower())
            and (client_id is None or grant.client_id == client_id)
        ]

    def tokens_of(self, grant: Grant) -> tuple[list[AccessToken], list[RefreshToken]]:
        return (
            [token for token in self.access.values() if token.grant is grant],
            [token for token in self.refresh.values() if token.grant is grant],
        )
