"""Google's token endpoint: service accounts with domain-wide delegation."""

from __future__ import annotations

import hashlib
import json
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from services.sandbox.consent.grants import GrantBook
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.google.errors import JSON_HEADERS
from services.sandbox.google.state import Customer, User
from services.sandbox.wire.call import Call, Reply, json_bytes

CONSENTED = ("authorization_code", "refresh_token")
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/"
DELEGATED_SCOPES = frozenset(
    SCOPE + name
    for name in (
        "admin.directory.user",
        "admin.directory.user.readonly",
        "admin.directory.user.alias",
        "admin.directory.user.security",
        "admin.directory.group",
        "admin.directory.group.readonly",
        "admin.directory.group.member",
        "admin.directory.group.member.readonly",
        "admin.directory.orgunit",
        "admin.directory.orgunit.readonly",
        "apps.licensing",
    )
)
_AUDIENCES = frozenset(
    {
        "https://oauth2.googleapis.com/token",
        "https://accounts.google.com/o/oauth2/token",
        "https://www.googleapis.com/oauth2/v4/token",
    }
)
_NOT_DELEGATED = (
    "Client is unauthorized to retrieve access tokens using this method, or client not authorized for any of the"
    " scopes requested."
)
_HOUR = 3600
_SKEW = 300


@dataclass(slots=True)
class Token:
    customer: Customer
    subject: User
    scopes: frozenset[str]
    expires_at: float


@dataclass(slots=True)
class ServiceAccount:
    """A key pair, and the customers whose administrators delegated these scopes to it."""

    email: str
    client_id: str
    key_id: str
    public_key: RSAKey
    private_pem: str | None
    project_id: str
    customers: frozenset[str]
    scopes: frozenset[str] = DELEGATED_SCOPES

    def as_key_file(self, token_uri: str) -> dict[str, Any]:
        """Return what the vendor's console would let an administrator download; needs the private key."""
        return {
            "type": "service_account",
            "project_id": self.project_id,
            "private_key_id": self.key_id,
            "private_key": self.private_pem,
            "client_email": self.email,
            "client_id": self.client_id,
            "token_uri": token_uri,
        }


def make_service_account(name: str, customers: frozenset[str]) -> ServiceAccount:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return ServiceAccount(
        email=f"provisioning@{name}.iam.gserviceaccount.com",
        client_id=str(int(hashlib.sha256(name.encode()).hexdigest(), 16))[:21],
        key_id=hashlib.sha256(pem.encode()).hexdigest()[:40],
        public_key=RSAKey.import_key(pem),
        private_pem=pem,
        project_id=name,
        customers=customers,
    )


def read_service_account(text: str, customers: frozenset[str]) -> ServiceAccount:
    """Read a key file as the vendor writes it; raise ValueError when a member is missing."""
    data = json.loads(text)
    missing = {"client_email", "private_key", "private_key_id"} - set(data)
    if missing:
        raise ValueError(f"the service account file lacks {', '.join(sorted(missing))}")
    return ServiceAccount(
        email=data["client_email"],
        client_id=str(data.get("client_id", "")),
        key_id=data["private_key_id"],
        public_key=RSAKey.import_key(data["private_key"]),
        private_pem=data["private_key"],
        project_id=data.get("project_id", "sandbox"),
        customers=customers,
    )


class TokenRefusedError(Exception):
    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(slots=True)
class TokenEndpoint:
    """Issues tokens to service accounts; what stands on a person's consent is in the book (see `consented.py`)."""

    accounts: dict[str, ServiceAccount] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    book: GrantBook = field(default_factory=GrantBook)
    customers: dict[str, Customer] = field(default_factory=dict)
    public_address: str | None = None
    """What the key file names as token_uri where that differs from the address of the request."""

    def find(self, access_token: str) -> Token | None:
        """The token, expired ones included; None when it is unknown, revoked, or its person is gone."""
        known = self.tokens.get(access_token)
        if known is not None:
            return known
        issued = self.book.find_access(access_token)
        if issued is None:
            return None
        for customer in self.customers.values():
            user = customer.find_user(issued.grant.person)
            if user is not None and not user.is_suspended:
                return Token(customer, user, frozenset(issued.scopes), issued.expires_at or 0)
        return None

    @staticmethod
    def refuse(fault: FaultCreate) -> Reply:
        """Say a fault as the token endpoint would: consent gone, key gone, or trouble of its own."""
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                status, error, text = 400, "invalid_grant", "Invalid JWT Signature."
            case FaultKind.FORBIDDEN:
                status, error, text = 401, "unauthorized_client", _NOT_DELEGATED
            case FaultKind.RATE_LIMIT:
                status, error, text = 429, "rate_limit_exceeded", "Rate limit exceeded."
            case _:
                status, error, text = fault.status or 500, "internal_failure", "Internal error encountered."
        return Reply(status, json_bytes({"error": error, "error_description": text}), JSON_HEADERS + extra)

    @staticmethod
    def read(call: Call) -> dict[str, str]:
        """The form of a token request; raises TokenRefusedError."""
        if call.method != "POST":
            raise TokenRefusedError("invalid_request", "Request method must be POST", 405)
        if call.content_type != "application/x-www-form-urlencoded":
            raise TokenRefusedError("invalid_request", "Could not parse the body: use form encoding.")
        form = dict(parse_qsl(call.body.decode("utf-8", "replace")))
        if form.get("grant_type") not in {JWT_BEARER, *CONSENTED}:
            raise TokenRefusedError(
                "unsupported_grant_type", f"Invalid grant_type: {form.get('grant_type', '')}"
            )
        return form

    def issue(self, call: Call, form: dict[str, str], lifetime: float) -> Reply:
        """A token for a service account in somebody's name; raises TokenRefusedError."""
        if not form.get("assertion"):
            raise TokenRefusedError("invalid_request", "Missing required parameter: assertion")
        account, claims = self._verify(form["assertion"])
        self._check_claims(claims, f"{call.base_url}/google/token")
        customer, subject = self._subject(account, str(claims.get("sub", "")), self.customers)
        scopes = frozenset(str(claims["scope"]).split())
        if not scopes <= account.scopes:
            raise TokenRefusedError("unauthorized_client", _NOT_DELEGATED, 401)
        value = "ya29." + secrets.token_urlsafe(48)
        self.tokens[value] = Token(customer, subject, scopes, time.time() + lifetime)
        call.tenant = customer.primary_domain
        body = {"access_token": value, "expires_in": int(lifetime), "token_type": "Bearer"}
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def _verify(self, assertion: str) -> tuple[ServiceAccount, dict[str, Any]]:
        try:
            unverified = jws.extract_compact(assertion.encode())
            claims = json.loads(unverified.payload)
            headers = unverified.headers()
        except (JoseError, ValueError) as error:
            raise TokenRefusedError("invalid_grant", "Bad Request") from error
        account = self.accounts.get(str(claims.get("iss"))) if isinstance(claims, dict) else None
        if account is None:
            raise TokenRefusedError("invalid_grant", "Invalid grant: account not found")
        if headers.get("alg") != "RS256" or headers.get("kid", account.key_id) != account.key_id:
            raise TokenRefusedError("invalid_grant", "Invalid JWT Signature.")
        try:
            jws.deserialize_compact(assertion, account.public_key, algorithms=["RS256"])
        except (JoseError, ValueError) as error:
            raise TokenRefusedError("invalid_grant", "Invalid JWT Signature.") from error
        return account, claims

    def _check_claims(self, claims: dict[str, Any], own_address: str) -> None:
        if claims.get("aud") not in _AUDIENCES | {own_address, self.public_address}:
            raise TokenRefusedError("invalid_grant", "Invalid JWT: Failed audience check.")
        issued, expires, now = claims.get("iat"), claims.get("exp"), time.time()
        timely = (
            isinstance(issued, int | float)
            and isinstance(expires, int | float)
            and issued - _SKEW <= now < expires + _SKEW
            and 0 < expires - issued <= _HOUR
        )
        if not timely:
            raise TokenRefusedError(
                "invalid_grant",
                "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe."
                " Check your iat and exp values in the JWT claim.",
            )
        if not isinstance(claims.get("scope"), str) or not claims["scope"].strip():
            raise TokenRefusedError("invalid_scope", "Empty or missing scope not allowed.")

    @staticmethod
    def _subject(
        account: ServiceAccount, address: str, customers: dict[str, Customer]
    ) -> tuple[Customer, User]:
        for customer in customers.values():
            user = customer.find_user(address) if customer.owns(address) else None
            if user is None or user.is_suspended:
                continue
            if customer.id not in account.customers:
                raise TokenRefusedError("unauthorized_client", _NOT_DELEGATED, 401)
            return customer, user
        raise TokenRefusedError("invalid_grant", "Invalid email or User ID")
