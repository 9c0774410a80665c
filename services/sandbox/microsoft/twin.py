"""The Microsoft twin: token endpoint and Graph behind one door."""

from __future__ import annotations

import re
import time

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.microsoft import (
    delta,
    groups,
    licenses,
    messages,
    organization,
    outlook,
    references,
    subscriptions,
    user_lists,
    users,
)
from services.sandbox.microsoft.authorizing import ANY_TENANT, MicrosoftDesk
from services.sandbox.microsoft.delegated import Exchange
from services.sandbox.microsoft.errors import (
    GraphError,
    bad_request,
    client_request_id,
    denied,
    unauthenticated,
)
from services.sandbox.microsoft.identity import Signer
from services.sandbox.microsoft.licenses import asked_for, no_seats
from services.sandbox.microsoft.notifying import Notifier
from services.sandbox.microsoft.operations import ROUTER, Context, Operation, read_body, read_query
from services.sandbox.microsoft.refusals import refusal, unknown_tenant
from services.sandbox.microsoft.seed import make_tenants
from services.sandbox.microsoft.state import App, Tenant
from services.sandbox.microsoft.tokens import TokenEndpoint
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Reply

OPERATION_MODULES = (
    delta,
    groups,
    licenses,
    messages,
    organization,
    outlook,
    references,
    subscriptions,
    user_lists,
    users,
)
"""Imported for the operations that they register."""

_THROTTLED: dict[str, tuple[int, str, str]] = {
    "429": (429, "TooManyRequests", "Too many requests. Please retry after the indicated time."),
    "503": (503, "ServiceUnavailable", "The service is temporarily unavailable. Please retry."),
    "509": (509, "BandwidthLimitExceeded", "The app has been throttled for exceeding the bandwidth cap."),
}
_SERVER_WORDS = {
    500: ("InternalServerError", "An internal server error occurred. The operation failed."),
    502: ("BadGateway", "Bad gateway."),
    503: ("ServiceUnavailable", "The service is temporarily unavailable. Please retry."),
    504: ("UnknownError", "The gateway did not receive a timely response."),
}
_SIGN_IN = {
    ("oauth2", "v2.0", "token"): "token",
    ("oauth2", "v2.0", "authorize"): "authorize",
    ("v2.0", "adminconsent"): "adminconsent",
    ("adminconsent",): "adminconsent",
    ("discovery", "v2.0", "keys"): "keys",
    ("v2.0", ".well-known", "openid-configuration"): "metadata",
}
"""The identity platform's paths, behind the tenant."""

_TOLD_AS = {"user": "user", "license": "user", "manager": "user", "group": "group"}
"""Kinds of effects, and what changes by them for whoever watches."""
_KEYED = re.compile(r"(users|groups|mailFolders|messages|events|contacts)\('([^']+)'\)", re.IGNORECASE)
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class MicrosoftTwin(Twin):
    """Modes of its own: see `delegated.py` (`rotation`, `rotation_leeway`) and `scopes.py` (`scope_form`)."""

    name = "microsoft"
    prefix = "/microsoft"

    def __init__(
        self,
        behaviour: Behaviour,
        apps: list[App],
        *,
        app_url: str | None = None,
        public_url: str | None = None,
    ) -> None:
        super().__init__(behaviour)
        self.tenants: dict[str, Tenant] = {}
        self.endpoint = TokenEndpoint({app.client_id: app for app in apps})
        self.redirects = Redirects(("microsoft", "ms365"), app_url)
        self.desk = MicrosoftDesk(self.endpoint.apps, self.endpoint.book, self.redirects)
        self.exchange = Exchange(self.endpoint, Signer(public_url))
        self.notifier = Notifier(self.exchange.signer.key.sign)
        self._agreed = {app.client_id: app.tenants for app in apps}
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        self.notifier.clear()
        self.tenants = {tenant.id: tenant for tenant in make_tenants()}
        self.endpoint.tenants = self.desk.tenants = self.tenants
        if forget_tokens:
            self.endpoint.tokens = {}
            self.endpoint.book.clear()
            self.desk.clear()
            for app in self.endpoint.apps.values():
                app.tenants, app.principals = self._agreed[app.client_id], frozenset()
        for token in self.endpoint.tokens.values():
            token.tenant = self.tenants[token.tenant.id]

    def is_token_call(self, call: Call) -> bool:
        return call.segments[1:] in _SIGN_IN

    def _sign_in(self, call: Call) -> Reply:
        """The identity platform: pages, tokens, keys."""
        name = call.segments[0]
        match _SIGN_IN[call.segments[1:]]:
            case "authorize":
                return self.desk.authorize(call)
            case "adminconsent":
                return self.desk.admin_consent(call)
            case "token":
                return self.exchange.answer(call, self.behaviour)
            case what:
                tenant = self.desk.find_tenant(name)
                if tenant is None and name.lower() not in ANY_TENANT:
                    return refusal(call, unknown_tenant(name))
                if what == "keys":
                    return self.exchange.signer.keys()
                return self.exchange.signer.metadata(call.base_url, name, tenant)

    def identify(self, call: Call) -> str | None:
        token = self.endpoint.find(call.bearer or "")
        return token.tenant.label if token else None

    def takes_a_seat(self, call: Call) -> bool:
        last = call.segments[-1] if call.segments else ""
        return call.method == "POST" and last.endswith("assignLicense") and b'"skuId"' in call.body

    def answer(self, call: Call) -> Reply:
        if self.is_token_call(call):
            reply = self._sign_in(call)
            reply.headers += (("x-ms-request-id", call.request_id),)
            return reply
        try:
            reply = self._answer(call)
        except GraphError as error:
            reply = error.reply(call)
        return _signed(call, reply)

    async def respond(self, call: Call) -> Reply:
        """Handshakes come before, notifications of what took effect after."""
        self.notifier.first_pause = float(self.behaviour.modes.get("redelivery", "1"))
        if call.method == "POST" and [part.lower() for part in call.segments] == ["v1.0", "subscriptions"]:
            try:
                order = subscriptions.read_order(self._context(call)[0])
            except GraphError:
                pass  # the answer says it
            else:
                call.prepared = await self.notifier.shake_hands(
                    subscriptions.addresses(order), call.request_id
                )
        before = len(self.ledger)
        reply = self.answer(call)
        self._tell(before, call)
        return reply

    def _tell(self, before: int, call: Call) -> None:
        token = self.endpoint.find(call.bearer or "")
        if token is None:
            return
        for effect in self.ledger.since(before):
            kind = _TOLD_AS.get(effect.kind.partition(".")[0])
            if kind is None:
                continue
            ids = sorted(effect.keys) if kind == "user" else [effect.object]
            known = {**token.tenant.users, **token.tenant.deleted, **token.tenant.groups}
            change = "deleted" if effect.kind in {"user.purge", "group.delete"} else "updated"
            for id_ in ids:
                if id_ in known or (change == "deleted" and _GUID.fullmatch(id_)):
                    self.notifier.tell_object(token.tenant, kind, id_, change)

    def _answer(self, call: Call) -> Reply:
        context, entry = self._context(call)
        return entry.handler(context)

    def _context(self, call: Call) -> tuple[Context, Operation]:
        segments = _spread(call.segments)
        match = ROUTER.find(call.method, _mine(segments) or segments)
        if match is None:
            raise _unroutable(call)
        if call.bearer is None:
            raise unauthenticated("Access token is empty.")
        token = self.endpoint.find(call.bearer)
        if token is None:
            raise unauthenticated("Access token validation failure. Invalid audience.")
        if token.expires_at <= time.time():
            raise unauthenticated("Lifetime validation failed, the token is expired.")
        entry = match.operation
        if not token.permissions & entry.permissions or not (
            entry.own or token.may_write or not call.is_write
        ):
            raise denied()
        if _mine(segments) is not None:
            if token.person is None:
                raise bad_request(
                    "/me request is only valid with delegated authentication flow.", code="BadRequest"
                )
            match.args["user"] = token.person
        context = Context(
            call=call,
            token=token,
            args=match.args,
            query=read_query(call, entry.query),
            body=read_body(call, entry),
            behaviour=self.behaviour,
            ledger=self.ledger,
        )
        return context, entry

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        if self.is_token_call(call):
            return self.endpoint.refuse(call, fault)
        return _signed(call, self._refusal(call, fault).reply(call))

    @staticmethod
    def _refusal(call: Call, fault: FaultCreate) -> GraphError:
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                status, code, message = _THROTTLED[fault.vendor_form or "429"]
                return GraphError(status, code, message, headers=extra)
            case FaultKind.EXPIRED_TOKEN:
                return unauthenticated("Lifetime validation failed, the token is expired.")
            case FaultKind.FORBIDDEN:
                return denied()
            case FaultKind.NO_SEATS:
                return no_seats(asked_for(call.body))
            case _:
                status = fault.status or 500
                code, message = _SERVER_WORDS.get(status, ("UnknownError", "An unknown error occurred."))
                return GraphError(status, code, message, headers=extra)

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_THROTTLED)


def _mine(segments: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return `me/messages/…` as `users/me/messages/…`, and nothing for any other path: `me` alone is one of its own."""
    is_mine = len(segments) > 2 and segments[0] == "v1.0" and segments[1].lower() == "me"  # noqa: PLR2004 - more than `me`
    return (segments[0], "users", "me", *segments[2:]) if is_mine else None


def _spread(segments: tuple[str, ...]) -> tuple[str, ...]:
    """Return `mailFolders('inbox')` as `mailFolders`, `inbox`: both spell the same key."""
    found: list[str] = []
    for segment in segments:
        match = _KEYED.fullmatch(segment)
        found += match.groups() if match else [segment]
    return tuple(found)


def _unroutable(call: Call) -> GraphError:
    allowed = ROUTER.methods(call.segments)
    if allowed:
        return GraphError(
            405,
            "Request_BadRequest",
            "Specified HTTP method is not allowed for the request target.",
            headers=(("allow", ", ".join(sorted(allowed))),),
        )
    if call.segments[:1] != ("v1.0",):
        error = bad_request(
            f"Invalid version: {call.segments[0] if call.segments else ''}", code="BadRequest"
        )
    else:
        segment = call.segments[-1] if len(call.segments) > 1 else ""
        error = bad_request(f"Resource not found for the segment '{segment}'.", code="BadRequest")
    error.note = "unknown path"
    return error


def _signed(call: Call, reply: Reply) -> Reply:
    reply.headers += (
        ("request-id", call.request_id),
        ("client-request-id", client_request_id(call)),
        ("x-ms-ags-diagnostic", '{"ServerInfo":{"DataCenter":"Sandbox","Slice":"E","Ring":"1"}}'),
    )
    return reply
