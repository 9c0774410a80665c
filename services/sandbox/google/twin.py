"""The Google twin: token endpoint and APIs behind one door."""

from __future__ import annotations

import time

from services.sandbox.behaviour import Behaviour
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.google import groups, licenses, members, orgunits, security, user_lists, users
from services.sandbox.google.errors import (
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
from services.sandbox.google.tokens import ServiceAccount, TokenEndpoint
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Reply

OPERATION_MODULES = (groups, licenses, members, orgunits, security, user_lists, users)
"""Imported for the operations that they register."""

_QUOTA_FORMS: dict[str, tuple[int, str, str, str]] = {
    "rateLimitExceeded": (429, "rateLimitExceeded", "Rate Limit Exceeded", "usageLimits"),
    "userRateLimitExceeded": (403, "userRateLimitExceeded", "User Rate Limit Exceeded", "usageLimits"),
    "quotaExceeded": (403, "quotaExceeded", "Quota exceeded for the current request.", "usageLimits"),
    "backendError": (503, "backendError", "Service unavailable. Please try again", "global"),
}
_SERVER_WORDS = {503: ("backendError", "Service unavailable. Please try again")}


class GoogleTwin(Twin):
    name = "google"
    prefix = "/google"

    def __init__(
        self, behaviour: Behaviour, accounts: list[ServiceAccount], public_url: str | None = None
    ) -> None:
        super().__init__(behaviour)
        self.accounts = accounts
        self.customers: dict[str, Customer] = {}
        self.endpoint = TokenEndpoint(
            {account.email: account for account in accounts},
            public_address=f"{public_url}/google/token" if public_url else None,
        )
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        issued = {} if forget_tokens else self.endpoint.tokens
        self.customers = {customer.id: customer for customer in make_customers()}
        kept = {}
        for value, token in issued.items():
            customer = self.customers[token.customer.id]
            subject = customer.find_user(token.subject.primary_email)
            if subject is not None:  # the administrator of the seed, born again with another id
                token.customer, token.subject = customer, subject
                kept[value] = token
        self.endpoint.tokens = kept

    def is_token_call(self, call: Call) -> bool:
        return call.segments == ("token",)

    def identify(self, call: Call) -> str | None:
        token = self.endpoint.find(call.bearer or "")
        return token.customer.primary_domain if token else None

    def takes_a_seat(self, call: Call) -> bool:
        in_licensing = call.segments[:2] == ("apps", "licensing")
        return in_licensing and call.method in {"POST", "PUT", "PATCH"}

    def answer(self, call: Call) -> Reply:
        if self.is_token_call(call):
            return self.endpoint.answer(call, self.customers, self.behaviour.token_lifetime_seconds)
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
