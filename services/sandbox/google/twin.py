"""The Google twin: token endpoint and APIs behind one door."""

from __future__ import annotations

import time

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.google import groups, licenses, members, orgunits, security, user_lists, users
from services.sandbox.google.authorizing import Client, GoogleDesk
from services.sandbox.google.consented import Exchange
from services.sandbox.google.errors import (
    JSON_HEADERS,
    GoogleError,
    forbidden,
    insufficient_scope,
    invalid_credentials,
    login_required,
)
from services.sandbox.google.licenses import NO_SEATS, rule
from services.sandbox.google.operations import ROUTER, Context, read_payload, read_query
from services.sandbox.google.seed import make_customers
from services.sandbox.google.state import Customer
from services.sandbox.google.tokens import JWT_BEARER, ServiceAccount, TokenEndpoint, TokenRefusedError
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Reply, json_bytes

OPERATION_MODULES = (groups, licenses, members, orgunits, security, user_lists, users)
"""Imported for the operations that they register."""

_QUOTA_FORMS: dict[str, tuple[int, str, str, str]] = {
    "rateLimitExceeded": (429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": (403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits"),
    "quotaExceeded": (403, "quotaExceeded", "Quota exceeded for the current request.", "usageLimits"),
    "backendError": (503, "backendError", "Service unavailable. Please try again", "global"),
}
CLIENT = Client("577215664901-sandbox.apps.googleusercontent.com", "GOCSPX-sandbox-google-secret")
_SIGN_IN = frozenset(
    {
        ("token",),
        ("o", "oauth2", "v2", "auth"),
        ("revoke",),
        ("tokeninfo",),
        ("oauth2", "v3", "certs"),
        ("v1", "userinfo"),
        (".well-known", "openid-configuration"),
    }
)
"""Paths of accounts.google.com, oauth2.googleapis.com, openidconnect.googleapis.com and their keys."""
_SERVER_WORDS = {503: ("backendError", "Service unavailable. Please try again")}


class GoogleTwin(Twin):
    """Modes of its own: `publishing` (`testing`) and `policy` (`enforced`), see `consented.py`."""

    name = "google"
    prefix = "/google"

    def __init__(
        self,
        behaviour: Behaviour,
        accounts: list[ServiceAccount],
        public_url: str | None = None,
        app_url: str | None = None,
    ) -> None:
        super().__init__(behaviour)
        self.accounts = accounts
        self.customers: dict[str, Customer] = {}
        self.endpoint = TokenEndpoint(
            {account.email: account for account in accounts},
            public_address=f"{public_url}/google/token" if public_url else None,
        )
        self.redirects = Redirects(("google",), app_url)
        self.desk = GoogleDesk(CLIENT, self.endpoint.book, self.redirects)
        self.desk.public_url = public_url
        self.exchange = Exchange(self.desk)
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        issued = {} if forget_tokens else self.endpoint.tokens
        if forget_tokens:
            self.endpoint.book.clear()
            self.desk.clear()
        self.customers = self.endpoint.customers = self.desk.customers = {
            customer.id: customer for customer in make_customers()
        }
        kept = {}
        for value, token in issued.items():
            customer = self.customers[token.customer.id]
            subject = customer.find_user(token.subject.primary_email)
            if subject is not None:  # the administrator of the seed, born again with another id
                token.customer, token.subject = customer, subject
                kept[value] = token
        self.endpoint.tokens = kept

    def is_token_call(self, call: Call) -> bool:
        return call.segments in _SIGN_IN

    def _sign_in(self, call: Call) -> Reply:  # noqa: PLR0911 - one return per path
        try:
            match (call.method, *call.segments):
                case (_, "token"):
                    form = self.endpoint.read(call)
                    if form["grant_type"] == JWT_BEARER:
                        return self.endpoint.issue(call, form, self.behaviour.token_lifetime_seconds)
                    return self.exchange.issue(call, form, self.behaviour)
                case ("GET" | "POST", "o", *_):
                    return self.desk.authorize(call, self.behaviour.modes)
                case ("POST", "revoke"):
                    return self.exchange.revoke(call)
                case ("GET", "v1", "userinfo"):
                    return self.exchange.user_info(call)
                case ("GET", "tokeninfo"):
                    return self.exchange.token_info(call)
                case ("GET", "oauth2", "v3", "certs"):
                    return self.exchange.keys()
                case ("GET", ".well-known", _):
                    return self.exchange.metadata(call)
                case _:
                    return GoogleError(405, "httpMethodNotAllowed", "Method Not Allowed").reply()
        except TokenRefusedError as refused:
            body = {"error": refused.error, "error_description": refused.description}
            return Reply(refused.status, json_bytes(body), JSON_HEADERS)

    def identify(self, call: Call) -> str | None:
        token = self.endpoint.find(call.bearer or "")
        return token.customer.primary_domain if token else None

    def takes_a_seat(self, call: Call) -> bool:
        in_licensing = call.segments[:2] == ("apps", "licensing")
        return in_licensing and call.method in {"POST", "PUT", "PATCH"}

    def answer(self, call: Call) -> Reply:
        if self.is_token_call(call):
            return self._sign_in(call)
        try:
            return self._answer(call)
        except GoogleError as error:
            return error.reply()

    def _answer(self, call: Call) -> Reply:
        match = ROUTER.find(call.method, call.segments)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            note = f"this path answers {allowed} only" if allowed else "unknown path"
            raise GoogleError(404, "notFound", "Not Found", note=note)
        if not call.headers.get("authorization"):
            raise login_required()
        token = self.endpoint.find(call.bearer or "")
        if token is None or token.expires_at <= time.time():
            raise invalid_credentials()
        entry = match.operation
        if not token.scopes & entry.scopes:
            raise insufficient_scope()
        if not token.subject.is_admin:
            raise forbidden()
        context = Context(
            call=call,
            token=token,
            args=match.args,
            query=read_query(call, entry.query),
            body=read_payload(call, entry),
            behaviour=self.behaviour,
            ledger=self.ledger,
        )
        return entry.handler(context)

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        if self.is_token_call(call):
            return self.endpoint.refuse(fault)
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                form = _QUOTA_FORMS[fault.vendor_form or "rateLimitExceeded"]
                status, reason, message, domain = form
                return GoogleError(status, reason, message, domain=domain, headers=extra).reply()
            case FaultKind.EXPIRED_TOKEN:
                return invalid_credentials().reply()
            case FaultKind.FORBIDDEN:
                return insufficient_scope().reply()
            case FaultKind.NO_SEATS:
                return rule(NO_SEATS).reply()
            case _:
                status = fault.status or 500
                reason, message = _SERVER_WORDS.get(status, ("backendError", "Internal error encountered."))
                return GoogleError(status, reason, message, headers=extra).reply()

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_QUOTA_FORMS)
