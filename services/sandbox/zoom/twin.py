"""The Zoom twin: token endpoint and API v2 behind one door."""

from __future__ import annotations

import time
from functools import partial

from services.sandbox.behaviour import Behaviour
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.quota import Quota
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Headers, NotJsonError, Reply
from services.sandbox.zoom import creating, groups, listing, users
from services.sandbox.zoom.errors import NO_ENDPOINT, ZoomError, bad_token, no_scope
from services.sandbox.zoom.operations import ROUTER, Context, Operation, read_body, read_query
from services.sandbox.zoom.seats import no_paid_seat
from services.sandbox.zoom.seed import make_accounts
from services.sandbox.zoom.state import BASIC, NONE, Account
from services.sandbox.zoom.tokens import TokenEndpoint
from services.sandbox.zoom.webhooks import Webhooks

OPERATION_MODULES = (creating, groups, listing, users)
"""Imported for the operations that they register."""

_TOO_FAST = "You have reached the maximum per-second rate limit for this API. Try again later."
_TOO_MANY = (
    "You have reached the maximum daily rate limit for this API. Refer to the response header for details on when"
    " you can make another request."
)
_FORMS = {"per_second": ("QPS", _TOO_FAST), "daily": ("Daily-limit", _TOO_MANY)}


class ZoomTwin(Twin):
    """Modes beside those of the operation modules: `light`, `medium`, `heavy` (calls a second for each account)."""

    name = "zoom"
    prefix = "/zoom"

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.accounts: dict[str, Account] = {}
        self.endpoint = TokenEndpoint()
        self.webhooks = Webhooks()
        self._labels = Quota()
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        self.accounts = {account.id: account for account in make_accounts()}
        self.webhooks.clear()
        self._labels = Quota()
        if forget_tokens:
            self.endpoint.tokens.clear()
        for token in self.endpoint.tokens.values():
            token.account = self.accounts[token.account.id]

    def is_token_call(self, call: Call) -> bool:
        return call.segments == ("oauth", "token")

    def identify(self, call: Call) -> str | None:
        token = self.endpoint.find(call.bearer)
        return token.account.domain if token else None

    def takes_a_seat(self, call: Call) -> bool:
        """A paid one: creating or changing people with a type above Basic, or switching an add-on on."""
        if not call.is_write or call.segments[:2] != ("v2", "users"):
            return False
        try:
            body = call.json_object()
        except NotJsonError:
            return False
        if call.segments[-1] == "settings":
            return bool(body.get("feature"))
        wanted = (body.get("user_info") or {}) if call.method == "POST" else body
        return wanted.get("type", BASIC) not in {BASIC, NONE} or bool(wanted.get("plan_united_type"))

    def answer(self, call: Call) -> Reply:
        modes = self.behaviour.modes
        if self.is_token_call(call):
            return self.endpoint.answer(call, self.accounts, self.behaviour.token_lifetime_seconds, modes)
        try:
            return self._answer(call)
        except ZoomError as error:
            return error.reply()

    def _answer(self, call: Call) -> Reply:
        match = ROUTER.find(call.method, call.segments)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            note = f"this path answers {allowed} only" if allowed else "unknown path"
            raise ZoomError(404, NO_ENDPOINT, "This API endpoint is not recognized.", note=note)
        token = self.endpoint.find(call.bearer)
        if token is None:
            raise bad_token()
        if token.expires_at <= time.time():
            raise bad_token("Access token is expired.")
        entry = match.operation
        if not token.scopes & entry.scopes:
            raise no_scope(entry.scope)
        self._take_label(token.account, entry)
        context = Context(
            call=call,
            token=token,
            args=match.args,
            query=read_query(call, entry.query),
            body=read_body(call, entry.body),
            behaviour=self.behaviour,
            ledger=self.ledger,
            announce=partial(self.webhooks.announce, token.account),
        )
        return entry.handler(context)

    def _take_label(self, account: Account, entry: Operation) -> None:
        """Each label has a budget of its own for the whole account, shared by every app."""
        rate = self.behaviour.modes.get(entry.label)
        if rate and not self._labels.take(f"{account.id}/{entry.label}", float(rate), None):
            raise _limited("per_second", entry.label.capitalize(), ())

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        if self.is_token_call(call):
            return self.endpoint.refuse(fault)
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                return _limited(fault.vendor_form or "per_second", "Light", extra).reply()
            case FaultKind.EXPIRED_TOKEN:
                return bad_token("Access token is expired.").reply()
            case FaultKind.FORBIDDEN:
                match = ROUTER.find(call.method, call.segments)
                return no_scope(match.operation.scope if match else "user:write:admin").reply()
            case FaultKind.NO_SEATS:
                return no_paid_seat().reply()
            case _:
                status = fault.status or 500
                return ZoomError(status, status, "Internal server error.", headers=extra).reply()

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_FORMS)


def _limited(form: str, category: str, extra: Headers) -> ZoomError:
    kind, message = _FORMS[form]
    headers = (("x-ratelimit-category", category), ("x-ratelimit-type", kind), *extra)
    return ZoomError(429, 429, message, headers=headers)
