"""The Slack twin: SCIM and Web API behind one door."""

from __future__ import annotations

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import ArmedFault, retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.slack import discovery, groups, organisation, users, web
from services.sandbox.slack.authorizing import SlackDesk
from services.sandbox.slack.errors import SlackError, WebError
from services.sandbox.slack.limits import Limits, Locks
from services.sandbox.slack.operations import ROUTER, Context, read_body, read_query
from services.sandbox.slack.seed import make_workspaces
from services.sandbox.slack.state import Workspace
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Headers, Reply

OPERATION_MODULES = (discovery, groups, organisation, users)
"""Imported for the operations that they register."""

_OBJECT_DEPTH = 4
"""scim, v2, Users or Groups, the id."""
_LOCK_SECONDS: Headers = (("retry-after", "1"),)
_AUTHORIZE, _ACCESS, _REVOKE = (
    ("oauth", "v2", "authorize"),
    ("api", "oauth.v2.access"),
    ("api", "auth.revoke"),
)
_FORMS = {"too_many_requests": "too_many_requests", "resource_locked": "resource_locked"}


class SlackTwin(Twin):
    """Modes (`PUT /control/slack/settings`, `modes`), the first value is the default.

    `plan`: enterprise, business_plus, pro. `scopes`: all, or the token's scopes with commas
    between them, e.g. admin. `filters`: on, off (refused), ignored.
    `count`: refuse, clip. `limits`: on, off. `long_usernames`: cut, refuse. `create_status`: 201, 200.
    `errors`: scim, old. `token_rotation`: off, on (see `authorizing.py`). `workspaces`: one, organisation (SCIM makes people in no workspace until they are assigned).
    """

    name = "slack"
    prefix = "/slack"

    def __init__(self, behaviour: Behaviour, app_url: str | None = None) -> None:
        super().__init__(behaviour)
        self.workspaces: dict[str, Workspace] = {}
        self.redirects = Redirects(("slack",), app_url)
        self.desk = SlackDesk(self.redirects)
        self.limits = Limits()
        self.locks = Locks()
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        """The seed's tokens are constants; consents live on unless told."""
        self.workspaces = self.desk.workspaces = {one.token: one for one in make_workspaces()}
        if forget_tokens:
            self.desk.clear()
            self.desk.book.clear()
        self.limits, self.locks = Limits(), Locks()

    def is_token_call(self, call: Call) -> bool:
        return call.segments in {_AUTHORIZE, _ACCESS, _REVOKE}

    def _find(self, call: Call) -> tuple[Workspace, frozenset[str]] | None:
        """Whose token it is and what it may; raises WebError for one that has ended."""
        value = call.bearer or ""
        known = self.workspaces.get(value)
        return (known, self._scopes()) if known is not None else self.desk.signed_in(value)

    def _workspace(self, call: Call) -> Workspace | None:
        try:
            found = self._find(call)
        except WebError:
            return None
        return found[0] if found else None

    def identify(self, call: Call) -> str | None:
        workspace = self._workspace(call)
        return workspace.mail_domain if workspace else None

    def takes_a_seat(self, call: Call) -> bool:
        return call.method == "POST" and call.segments == ("scim", "v2", "Users")

    async def _serve(self, call: Call) -> tuple[Reply | None, ArmedFault | None]:
        """A second write to the same user or group, while one is in flight, is told to come back."""
        workspace = self._workspace(call)
        locked = call.segments[3] if len(call.segments) == _OBJECT_DEPTH and call.is_write else None
        if workspace is None or locked is None or call.segments[2] not in {"Users", "Groups"}:
            return await super()._serve(call)
        if not self.locks.take(workspace.id, locked):
            call.tenant = workspace.mail_domain
            return self._say(SlackError("resource_locked", headers=_LOCK_SECONDS)), None
        try:
            return await super()._serve(call)
        finally:
            self.locks.give_back(workspace.id, locked)

    def answer(self, call: Call) -> Reply:  # noqa: PLR0911 - one return per door
        try:
            match call.segments:
                case ("oauth", "v2", "authorize"):
                    return self.desk.authorize(call)
                case ("api", "oauth.v2.access"):
                    return self.desk.access(call, self.behaviour)
                case ("api", "auth.revoke"):
                    return self.desk.revoke(call)
                case ("api", *_):
                    return self._web(call)
                case _:
                    return self._scim(call)
        except WebError as error:
            return error.reply()
        except SlackError as error:
            return self._say(error)

    def _say(self, error: SlackError, status: int | None = None) -> Reply:
        return error.reply(old=self.behaviour.modes.get("errors") == "old", status=status)

    def _scim(self, call: Call) -> Reply:
        if not call.headers.get("authorization"):
            raise SlackError("missing_authentication")
        try:
            found = self._find(call)
        except WebError as error:
            raise SlackError("invalid_authentication") from error
        if found is None:
            raise SlackError("invalid_authentication")
        workspace = found[0]
        if call.bearer not in self.workspaces and "admin" not in found[1]:
            raise SlackError("permission_denied")
        match = ROUTER.find(call.method, call.segments)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            note = f"this path answers {allowed} only" if allowed else "unknown path"
            raise SlackError("unknown_endpoint", note=note)
        if self.behaviour.modes.get("plan") == "pro":
            raise SlackError("plus_teams_only")
        limited = self.behaviour.modes.get("limits", "on") == "on"
        if limited and not self.limits.take(call, workspace.id):
            raise SlackError("too_many_requests", headers=(("retry-after", "10"),))
        entry = match.operation
        context = Context(
            call=call,
            workspace=workspace,
            args=match.args,
            query=read_query(call, entry.query),
            body=read_body(call, entry),
            behaviour=self.behaviour,
            ledger=self.ledger,
        )
        return entry.handler(context)

    def _web(self, call: Call) -> Reply:
        if not call.headers.get("authorization"):
            raise WebError("not_authed")
        found = self._find(call)
        if found is None:
            raise WebError("invalid_auth")
        return web.answer(call, found[0], found[1], self.behaviour, self.ledger)

    def _scopes(self) -> frozenset[str]:
        word = self.behaviour.modes.get("scopes", "all")
        return web.ALL_SCOPES if word == "all" else frozenset(word.split(","))

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        extra = retry_after_headers(fault.retry_after)
        if call.segments[:1] == ("api",):
            return _refuse_web(fault, extra)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                word = _FORMS[fault.vendor_form or "too_many_requests"]
                return self._say(SlackError(word, headers=extra))
            case FaultKind.EXPIRED_TOKEN:
                return self._say(SlackError("invalid_authentication"))
            case FaultKind.FORBIDDEN:
                return self._say(SlackError("permission_denied"))
            case FaultKind.NO_SEATS:
                return self._say(SlackError("user_creation_failed"))
            case _:
                return self._say(SlackError("internal_error", headers=extra), fault.status or 500)

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(_FORMS)


def _refuse_web(fault: FaultCreate, extra: Headers) -> Reply:
    match fault.kind:
        case FaultKind.RATE_LIMIT:
            return WebError("ratelimited", status=429, headers=extra).reply()
        case FaultKind.EXPIRED_TOKEN:
            return WebError("invalid_auth").reply()
        case FaultKind.FORBIDDEN | FaultKind.NO_SEATS:
            return WebError("missing_scope", needed="admin.users:write", provided="admin").reply()
        case _:
            return WebError("internal_error", status=fault.status or 500, headers=extra).reply()
