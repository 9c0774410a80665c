"""How an app signs in: a JWT of the app's, exchanged for a token of one installation."""

from __future__ import annotations

import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from services.sandbox.github.errors import GitHubError
from services.sandbox.github.state import Organization
from services.sandbox.wire.call import Call

GRANTED = {
    "members": "write",
    "metadata": "read",
    "organization_administration": "write",
    "organization_copilot_seat_management": "write",
    "organization_plan": "read",
}
"""What the app of the seed may do."""

APP_ID = 271_828
_LONGEST = 600
_SKEW = 60
_UNDECODABLE = "A JSON web token could not be decoded"


@dataclass(slots=True)
class Token:
    """What a bearer token opens: one organisation as an app, or one enterprise's SCIM as its setup user."""

    org: str | None
    enterprise: str | None
    permissions: dict[str, str] = field(default_factory=dict)
    expires_at: float | None = None

    @property
    def is_enterprise(self) -> bool:
        return self.enterprise is not None


@dataclass(slots=True)
class App:
    """The GitHub App of the seed, installed in both organisations."""

    id: int
    client_id: str
    key: RSAKey
    private_pem: str

    @staticmethod
    def make() -> App:
        key = RSAKey.generate_key(2048, private=True)
        return App(
            id=APP_ID,
            client_id="Iv23liSandboxOneClick",
            key=key,
            private_pem=key.as_pem(private=True).decode(),
        )

    def check(self, call: Call) -> None:
        """Raise 401 unless the call carries a fresh JWT of the app's, signed with RS256."""
        value = bearer(call)
        if not value:
            raise GitHubError(401, _UNDECODABLE)
        try:
            found = jws.deserialize_compact(value, self.key, algorithms=["RS256"])
            claims = json.loads(found.payload)
        except (JoseError, ValueError) as error:
            raise GitHubError(401, _UNDECODABLE) from error
        if not isinstance(claims, dict) or str(claims.get("iss")) not in {str(self.id), self.client_id}:
            raise GitHubError(401, "'Issuer' claim ('iss') must be an Integer")
        _check_times(claims)


def _check_times(claims: dict[str, Any]) -> None:
    issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
    if not isinstance(issued, int) or issued > now + _SKEW:
        raise GitHubError(
            401,
            "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
        )
    if not isinstance(expires, int) or expires <= now:
        raise GitHubError(
            401,
            "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the"
            " assertion expires",
        )
    if expires > now + _LONGEST + _SKEW:
        raise GitHubError(401, "'Expiration time' claim ('exp') is too far in the future")


def bearer(call: Call) -> str | None:
    """The credential; GitHub takes the schemes `Bearer` and `token`."""
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    return value.strip() or None if scheme.lower() in {"bearer", "token"} else None


@dataclass(slots=True)
class TokenStore:
    issued: dict[str, Token] = field(default_factory=dict)
    fixed: dict[str, Token] = field(default_factory=dict)
    """Personal access tokens of the enterprises' setup users, which do not end."""

    def find(self, value: str | None) -> Token | None:
        """The living token, or None."""
        if value is None:
            return None
        token = self.fixed.get(value) or self.issued.get(value)
        if token is None or (token.expires_at is not None and token.expires_at <= time.time()):
            return None
        return token

    def forget(self, org: str) -> int:
        """End every token of an organisation's installation, and say how many."""
        gone = [value for value, token in self.issued.items() if token.org == org]
        for value in gone:
            del self.issued[value]
        return len(gone)

    def issue(self, org: Organization, permissions: dict[str, str], lifetime: float) -> tuple[str, Token]:
        value = "ghs_" + secrets.token_hex(18)
        token = Token(org.login, None, permissions, time.time() + lifetime)
        self.issued[value] = token
        return value, token
