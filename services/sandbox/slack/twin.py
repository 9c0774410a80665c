"""The Slack twin: SCIM and Web API behind one door."""

from __future__ import annotations

from services.sandbox.behaviour import Behaviour
from services.sandbox.faults.box import ArmedFault, retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.slack import discovery, groups, organisation, users, web
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
_FORMS = {"too_many_requests": "too_many_requests", "resource_locked": "resource_locked"}


class SlackTwin(Twin):
    """Modes (`PUT /control/slack/settings`, `modes`), the first value is the default.

    `plan`: enterprise, business_plus, pro. `scopes`: all, or the token's scopes with commas
    between them, e.g. admin. `filters`: on, off (refused), ignored.
    `count`: refuse, clip. `limits`: on, off. `long_usernames`: cut, refuse. `create_status`: 201, 200.
    `errors`: scim, old. `workspaces`: one, organisation (SCIM makes people in no workspace until they are assigned).
    """

    name = "slack"
    prefix = "/slack"

    def __init__(self, behaviour: Behaviour) -> None:
        super().__init__(behaviour)
        self.workspaces: dict[str, Workspace] = {}
        self.limits = Limits()
        self.locks = Locks()
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:  # noqa: ARG002 - the tokens are constants
        self.workspaces = {one.token: one for one in make_workspaces()}
        self.limits, self.locks = Limits(), Locks()

    def is_token_call(self, call: Call) -> bool:  # noqa: ARG002 - a static token: nothing issues any
        return False

    def identify(self, call: Call) -> str | None:
        workspace = self.workspaces.get(call.bearer or "")
        return workspace.mail_domain if workspace else None

    def takes_a_seat(self, call: Call) -> bool:
        return call.method == "POST" and call.segments == ("scim", "v2", "Users")

    async def _serve(self, call: Call) -> tuple[Reply | None, ArmedFault | None]:
        """A second write to the same user or group, while one is in flight, is told to come back."""
        workspace = self.workspaces.get(call.bearer or "")
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

    def answer(self, call: Call) -> Reply:
        try:
            if call.segments[:1] == ("api",):
                return self._web(call)
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
        workspace = self.workspaces.get(call.bearer or "")
        if workspace is None:
            raise SlackError("invalid_authentication")
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
        workspace = self.workspaces.get(call.bearer or "")
        if workspace is None:
            raise WebError("invalid_auth")
        return web.answer(call, workspace, self._scopes(), self.behaviour, self.ledger)

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
