"""The Atlassian twin: one door, four APIs, three keys, and the consent of a person."""

from __future__ import annotations

import base64
import binascii

from services.sandbox.atlassian import (
    admin,
    admin_groups,
    confluence,
    jira,
    jira_groups,
    manage,
    scim_groups,
    scim_users,
)
from services.sandbox.atlassian.authorizing import AtlassianDesk
from services.sandbox.atlassian.errors import (
    ADMIN,
    CONFLUENCE,
    FORMS,
    JIRA,
    SCIM,
    AtlassianError,
    invalid,
    limited,
    not_found,
    rate_headers,
)
from services.sandbox.atlassian.jira import no_seat
from services.sandbox.atlassian.oauth_scopes import is_enough
from services.sandbox.atlassian.operations import ROUTER, Context, door_of, read_body, read_query
from services.sandbox.atlassian.seed import make_organisations
from services.sandbox.atlassian.state import Account, Organisation
from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, NotJsonError, Reply

OPERATION_MODULES = (admin, admin_groups, confluence, jira, jira_groups, manage, scim_groups, scim_users)
"""Imported for the operations that they register."""

_SITE_DOORS = {JIRA, CONFLUENCE}
_DEFAULT_FORM = "jira-burst-based"
_RESOURCES, _ME = ("oauth", "token", "accessible-resources"), ("me",)
_SIGN_IN = frozenset({("authorize",), ("oauth", "token")})


class AtlassianTwin(Twin):
    """The modes stand where they work: scim_users, scim_groups, admin, manage, jira, jira_groups."""

    name = "atlassian"
    prefix = "/atlassian"

    def __init__(self, behaviour: Behaviour, app_url: str | None = None) -> None:
        super().__init__(behaviour)
        self.organisations: list[Organisation] = []
        self.redirects = Redirects(("atlassian",), app_url)
        self.desk = AtlassianDesk(self.redirects)
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        """The keys are constants; consents live on unless told."""
        self.organisations = self.desk.organisations = make_organisations()
        if forget_tokens:
            self.desk.clear()
            self.desk.book.clear()

    def is_token_call(self, call: Call) -> bool:
        return call.segments in _SIGN_IN

    def identify(self, call: Call) -> str | None:
        try:
            return self._authorise(call)[0].domain
        except AtlassianError:
            return None

    def _authorise(self, call: Call) -> tuple[Organisation, Account | None]:
        """Whose key it is; each door knows its own kind alone."""
        if call.segments[:1] == ("ex",) or call.segments in {_RESOURCES, _ME}:
            return self.desk.need_token(call)[:2]
        door = door_of(call.segments)
        if door in _SITE_DOORS:
            return self._basic(call)
        for org in self.organisations:
            if call.bearer == (org.scim_key if door == SCIM else org.admin_key):
                return org, None
        raise AtlassianError(401, "Unauthorized")

    def _basic(self, call: Call) -> tuple[Organisation, Account]:
        scheme, _, value = call.headers.get("authorization", "").partition(" ")
        try:
            address, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            address, secret = "", ""
        for org in self.organisations:
            account = org.find_account(address)
            known = org.api_tokens.get(address.lower())
            if scheme.lower() == "basic" and account is not None and known is not None and secret == known:
                return org, account
        raise AtlassianError(401, "Client must be authenticated to access this resource.")

    def takes_a_seat(self, call: Call) -> bool:
        match (call.method, *_as_site(call.segments)):
            case ("PATCH", "scim", "directory", _, "Groups", _):
                return b"add" in call.body.lower()
            case ("POST", "site", _, "rest", "api", "3", "user"):
                return _names_products(call)
            case ("POST", "site", _, *_, "user" | "userByGroupId"):
                return True
            case ("POST", "admin", "v2", "orgs", _, *_, "invite" | "memberships"):
                return True
            case _:
                return False

    def answer(self, call: Call) -> Reply:
        if call.segments == ("authorize",):
            return self.desk.authorize(call)
        if self.is_token_call(call):
            return self.desk.token(call, self.behaviour)
        door = ADMIN
        try:
            if call.method == "GET" and call.segments in {_RESOURCES, _ME}:
                return self.desk.me(call) if call.segments == _ME else self.desk.resources(call)
            known = self._through_gateway(call) if call.segments[:1] == ("ex",) else None
            door = door_of(call.segments)
            reply = self._answer(call, door, known)
        except AtlassianError as error:
            reply = error.reply(door)
        if door in _SITE_DOORS and reply.is_success:
            reply.headers += rate_headers(left=349)
        return reply

    def _through_gateway(self, call: Call) -> tuple[Organisation, Account]:
        """`/ex/jira/{cloudId}/…`: where consents work, and nowhere else. From here on it is the site's own path."""
        org, account, token = self.desk.need_token(call)
        match call.segments:
            case ("ex", "jira" | "confluence" as product, cloud_id, *rest) if rest:
                is_wiki = rest[0] == "wiki"
            case _:
                raise AtlassianError(404, "No resource is at this address", note="unknown path")
        if cloud_id != token.grant.data["site"] or is_wiki != (product == "confluence"):
            raise AtlassianError(404, "No resource is at this address")
        if not is_enough(call.method, "/".join(rest), frozenset(token.scopes)):
            raise AtlassianError(401, "Unauthorized; scope does not match")
        call.segments = ("site", org.site, *rest)
        return org, account

    def _answer(self, call: Call, door: str, known: tuple[Organisation, Account] | None) -> Reply:
        match = ROUTER.find(call.method, call.segments)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            raise AtlassianError(
                405 if allowed else 404,
                "Method Not Allowed" if allowed else "No resource is at this address",
                note=f"this path answers {allowed} only" if allowed else "unknown path",
            )
        org, caller = known or self._authorise(call)
        self._check_place(door, match.args, org)
        entry = match.operation
        context = Context(
            call=call,
            org=org,
            caller=caller,
            args=match.args,
            query=read_query(call, entry),
            body=read_body(call, entry, empty_needs_type=self._mode("empty_body", "refused") == "refused"),
            behaviour=self.behaviour,
            ledger=self.ledger,
        )
        return entry.handler(context)

    def _mode(self, name: str, default: str) -> str:
        return self.behaviour.modes.get(name, default)

    def _check_place(self, door: str, args: dict[str, str], org: Organisation) -> None:
        """The key opens its own directory and its own site alone; `scim` `off`: there is no directory."""
        if door == SCIM:
            if self._mode("scim", "on") != "on":
                raise not_found(f"Directory {args['directoryId']} not found")
            if args["directoryId"] != org.directory_id:
                raise AtlassianError(403, "You are not authorized to call the API")
        elif door in _SITE_DOORS and args["site"] != org.site:
            raise AtlassianError(401, "Client must be authenticated to access this resource.")

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        if self.is_token_call(call):
            return self.desk.refuse(fault)
        door = door_of(_as_site(call.segments))
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                error = limited(fault.vendor_form or _DEFAULT_FORM, extra)
            case FaultKind.EXPIRED_TOKEN:
                error = AtlassianError(401, "Unauthorized")
            case FaultKind.FORBIDDEN:
                error = AtlassianError(403, "You are not authorized to call the API")
            case FaultKind.NO_SEATS:
                error = _no_seat(door)
            case _:
                error = AtlassianError(fault.status or 500, "Internal server error", headers=extra)
        return error.reply(door)

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(FORMS)


def _as_site(segments: tuple[str, ...]) -> tuple[str, ...]:
    """A path through the gateway as the site knows it."""
    return ("site", *segments[2:]) if segments[:1] == ("ex",) else segments


def _no_seat(door: str) -> AtlassianError:
    if door in _SITE_DOORS:
        return no_seat("Jira Software")
    if door == SCIM:
        return invalid("The user limit of jira-software is exceeded", "invalidValue")
    return AtlassianError(409, "The user limit of jira-software is exceeded")


def _names_products(call: Call) -> bool:
    try:
        return bool(call.json_object().get("products"))
    except NotJsonError:
        return False
