"""The HubSpot twin: OAuth, account details, owners and user provisioning behind one door."""

from __future__ import annotations

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.hubspot import owners, users
from services.sandbox.hubspot.authorizing import HubSpotDesk
from services.sandbox.hubspot.errors import (
    HubSpotError,
    expired,
    missing_scopes,
    not_found,
    unauthenticated,
)
from services.sandbox.hubspot.operations import OTHER, ROUTER, Context, read_body, read_query
from services.sandbox.hubspot.seed import make_portals
from services.sandbox.hubspot.state import Portal
from services.sandbox.hubspot.tokens import Tokens, granted
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Headers, NotJsonError, Reply

OPERATION_MODULES = (owners, users)
"""Imported for the operations that they register."""

_LIMITS = {
    "TEN_SECONDLY_ROLLING": "You have reached your ten_secondly_rolling limit.",
    "SECONDLY": "You have reached your secondly limit.",
    "DAILY": "You have reached your daily limit.",
}
_DAILY, _PER_INTERVAL = 500_000, 190


class HubSpotTwin(Twin):
    """See `users.py` for the modes, `tokens.py` for `scopes`, `authorizing.py` for `optional`."""

    name = "hubspot"
    prefix = "/hubspot"

    def __init__(self, behaviour: Behaviour, app_url: str | None = None) -> None:
        super().__init__(behaviour)
        self.portals: dict[int, Portal] = {}
        self.tokens = Tokens()
        self.redirects = Redirects(("hubspot",), app_url)
        self.desk = HubSpotDesk(self.tokens.book, self.redirects)
        self.calls_today: dict[int, int] = {}
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        self.portals = self.desk.portals = {portal.id: portal for portal in make_portals()}
        self.calls_today = {}
        self.tokens.seed(self.portals, forget_tokens=forget_tokens)
        if forget_tokens:
            self.desk.clear()

    def is_token_call(self, call: Call) -> bool:
        return call.segments[:1] == ("oauth",)

    def identify(self, call: Call) -> str | None:
        token = self.tokens.find(call.bearer)
        return token.portal.domain if token else None

    def takes_a_seat(self, call: Call) -> bool:
        """A person is given seats, or a permission set that comes with one."""
        token = self.tokens.find(call.bearer)
        if token is None or call.method not in {"POST", "PUT"}:
            return False
        try:
            body = call.json_object()
        except NotJsonError:
            return False
        role = token.portal.roles.get(str(body.get("roleId")))
        return bool(body.get("seatNames")) or (role is not None and role.seat is not None)

    def answer(self, call: Call) -> Reply:
        if call.segments == ("oauth", "authorize"):
            return self.desk.authorize(call, self.behaviour.modes)
        if self.is_token_call(call):
            lifetime = self.behaviour.token_lifetime_seconds
            return self.tokens.answer(call, lifetime, self.behaviour.modes)
        try:
            reply = self._answer(call)
        except HubSpotError as error:
            reply = error.reply()
        reply.headers += self._rate_headers(call)
        return reply

    def _answer(self, call: Call) -> Reply:
        match = ROUTER.find(call.method, call.segments)
        families = self.behaviour.modes.get("families", "").split()
        if match is not None and families and match.operation.family not in {OTHER, *families}:
            match = None
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            if allowed and not families:
                raise HubSpotError(
                    405, "INVALID_METHOD", "http method not allowed", headers=(("allow", allowed),)
                )
            raise not_found()
        token = self.tokens.find(call.bearer)
        if token is None:
            raise unauthenticated()
        if token.is_expired:
            raise expired()
        entry, scopes = match.operation, frozenset(granted(self.behaviour.modes, token.scopes))
        if not scopes & set(entry.scopes):
            raise missing_scopes(list(entry.scopes))
        context = Context(
            call=call,
            portal=token.portal,
            family=entry.family,
            scopes=scopes,
            args=match.args,
            query=read_query(call, entry.query),
            body=read_body(call, entry.body),
            behaviour=self.behaviour,
            ledger=self.ledger,
        )
        return entry.handler(context)

    def _rate_headers(self, call: Call) -> Headers:
        """What is left of today and of these ten seconds. OAuth calls do not say it, others do."""
        token = self.tokens.find(call.bearer)
        if token is None:
            return ()
        used = self.calls_today[token.portal.id] = self.calls_today.get(token.portal.id, 0) + 1
        return (
            ("x-hubspot-ratelimit-daily", str(_DAILY)),
            ("x-hubspot-ratelimit-daily-remaining", str(_DAILY - used)),
            ("x-hubspot-ratelimit-interval-milliseconds", "10000"),
            ("x-hubspot-ratelimit-max", str(_PER_INTERVAL)),
            ("x-hubspot-ratelimit-remaining", str(max(0, _PER_INTERVAL - 1))),
        )

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        if self.is_token_call(call):
            return self.tokens.refuse(fault)
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                return _limited(fault.vendor_form or "TEN_SECONDLY_ROLLING", extra).reply()
            case FaultKind.EXPIRED_TOKEN:
                return expired().reply()
            case FaultKind.FORBIDDEN:
                match = ROUTER.find(call.method, call.segments)
                return missing_scopes(list(match.operation.scopes) if match else ["oauth"]).reply()
            case FaultKind.NO_SEATS:
                return users.no_seat("Core Seat").reply()
            case _:
                status = fault.status or 500
                return HubSpotError(status, "INTERNAL_ERROR", "internal error", headers=extra).reply()

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_LIMITS)


def _limited(policy: str, extra: Headers) -> HubSpotError:
    return HubSpotError(
        429, "RATE_LIMITS", _LIMITS[policy], headers=extra, errorType="RATE_LIMIT", policyName=policy
    )
