"""The Microsoft identity platform's token endpoint."""

from __future__ import annotations

import base64
import secrets
import time
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote

from services.sandbox.consent.grants import GrantBook
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.microsoft.refusals import (
    JSON,
    TokenRefusedError,
    missing,
    refusal,
    unknown_app,
    unknown_tenant,
)
from services.sandbox.microsoft.state import App, Tenant
from services.sandbox.wire.call import Call, Reply, json_bytes

DEFAULT_SCOPE = "https://graph.microsoft.com/.default"


@dataclass(slots=True)
class Token:
    """What a bearer token opens. `person` (an address) and `scopes` are those of a delegated one."""

    tenant: Tenant
    app: App
    expires_at: float
    scopes: frozenset[str] | None = None
    person: str | None = None

    @property
    def permissions(self) -> frozenset[str]:
        if self.scopes is not None:
            return self.scopes
        return self.app.permissions if self.tenant.id in self.app.tenants else frozenset()

    @property
    def may_write(self) -> bool:
        """A delegated token does no more than its person may: members of the directory read it."""
        if self.person is None:
            return True
        user = self.tenant.find_user(self.person)
        return user is not None and user.is_admin


@dataclass(slots=True)
class TokenEndpoint:
    """Issues tokens to apps. What stands on a person's consent is in the book (see `delegated.py`)."""

    apps: dict[str, App] = field(default_factory=dict)
    book: GrantBook = field(default_factory=GrantBook)
    tokens: dict[str, Token] = field(default_factory=dict)
    tenants: dict[str, Tenant] = field(default_factory=dict)

    def find(self, access_token: str) -> Token | None:
        known = self.tokens.get(access_token)
        if known is not None:
            return known
        issued = self.book.find_access(access_token)
        if issued is None:
            return None
        grant = issued.grant
        return Token(
            tenant=self.tenants[grant.data["tenant"]],
            app=self.apps[grant.client_id],
            expires_at=issued.expires_at or 0,
            scopes=frozenset(issued.scopes),
            person=grant.data["user"],
        )

    @staticmethod
    def refuse(call: Call, fault: FaultCreate) -> Reply:
        """Say a fault as the token endpoint would: secret expired, app gone, or trouble of its own."""
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                words = (
                    "invalid_client",
                    7000222,
                    "The provided client secret keys for app are expired.",
                    401,
                )
            case FaultKind.FORBIDDEN:
                words = ("unauthorized_client", 700016, "Application was not found in the directory.", 400)
            case FaultKind.RATE_LIMIT:
                words = ("temporarily_unavailable", 50196, "The server terminated an operation.", 429)
            case _:
                words = (
                    "temporarily_unavailable",
                    90033,
                    "A transient error has occurred.",
                    fault.status or 503,
                )
        reply = refusal(call, TokenRefusedError(*words))
        reply.headers += retry_after_headers(fault.retry_after)
        return reply

    def issue_to_app(
        self, call: Call, tenant: Tenant, app: App, form: dict[str, str], lifetime: float
    ) -> Reply:
        """Client credentials: the app as itself.

        Raises:
            TokenRefusedError: the scope is not `.default`.
        """
        scope = need(form.get("scope"), "scope")
        if scope != DEFAULT_SCOPE:
            raise TokenRefusedError(
                "invalid_scope",
                70011,
                "The provided request must include a 'scope' input parameter. The provided value for the input"
                f" parameter 'scope' is not valid. The scope {scope} is not valid.",
            )
        value = make_access_token()
        self.tokens[value] = Token(tenant, app, time.time() + lifetime)
        call.tenant = tenant.label
        body = {
            "token_type": "Bearer",
            "expires_in": int(lifetime),
            "ext_expires_in": int(lifetime),
            "access_token": value,
        }
        return Reply(200, json_bytes(body), JSON)

    def check_app(self, form: dict[str, str], place: str) -> App:
        """The app that the form's credentials belong to.

        Raises:
            TokenRefusedError: unknown, or its secret is missing or wrong.
        """
        client_id = need(form.get("client_id"), "client_id")
        app = self.apps.get(client_id)
        if app is None:
            raise unknown_app(client_id, place)
        secret = form.get("client_secret")
        if not secret:
            raise TokenRefusedError(
                "invalid_client",
                7000218,
                "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
                401,
            )
        if not secrets.compare_digest(secret.encode(), app.secret.encode()):
            raise TokenRefusedError(
                "invalid_client",
                7000215,
                "Invalid client secret provided. Ensure the secret being sent in the request is the client"
                f" secret value, not the client secret ID, for a secret added to app '{client_id}'.",
                401,
            )
        return app

    def need_tenant(self, name: str) -> Tenant:
        found = self.tenants.get(name.lower())
        if found is None:
            found = next((one for one in self.tenants.values() if name.lower() in one.verified), None)
        if found is None:
            raise unknown_tenant(name)
        return found


def make_access_token() -> str:
    return "EwB." + secrets.token_urlsafe(64)


def need(value: str | None, name: str) -> str:
    if not value:
        raise missing(name)
    return value


def read_form(call: Call) -> dict[str, str]:
    """The form; credentials may travel in it or, form-encoded first, in HTTP Basic.

    Raises:
        TokenRefusedError: it is not a POST.
    """
    if call.method != "POST":
        raise TokenRefusedError(
            "invalid_request", 900561, "The endpoint only accepts POST requests. Received a"
            f" {call.method} request.", 405,
        )  # fmt: skip
    is_form = call.content_type == "application/x-www-form-urlencoded"
    form = dict(parse_qsl(call.body.decode("utf-8", "replace"))) if is_form else {}
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return form
    try:
        name, _, secret = base64.b64decode(value).decode().partition(":")
    except ValueError:
        name, secret = "", ""
    return {**form, "client_id": unquote(name), "client_secret": unquote(secret)}
