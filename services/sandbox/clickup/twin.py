"""The ClickUp twin: API version 2 behind one door."""

from __future__ import annotations

from services.sandbox.behaviour import Behaviour
from services.sandbox.clickup import groups, guests, users, workspaces
from services.sandbox.clickup.authorizing import ClickUpDesk, may_administer
from services.sandbox.clickup.errors import (
    FORMS,
    PLAN_LIMITS,
    ClickUpError,
    limited,
    no_seat,
    not_found,
    rate_headers,
)
from services.sandbox.clickup.operations import ROUTER, Context, read_body, read_query
from services.sandbox.clickup.seed import make_workspaces
from services.sandbox.clickup.state import Workspace
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.twin import Twin
from services.sandbox.wire.call import Call, Reply

OPERATION_MODULES = (groups, guests, users, workspaces)
"""Imported for the operations that they register."""


_AUTHORIZE, _TOKEN = ("api",), ("api", "v2", "oauth", "token")


class ClickUpTwin(Twin):
    """Mode of its own: `plan_refusal` (`403`, `401`), what Enterprise's operations answer on other plans."""

    name = "clickup"
    prefix = "/clickup"

    def __init__(self, behaviour: Behaviour, app_url: str | None = None) -> None:
        super().__init__(behaviour)
        self.workspaces: list[Workspace] = []
        self.redirects = Redirects(("clickup",), app_url)
        self.desk = ClickUpDesk(self.redirects)
        self.restore_seed(forget_tokens=True)

    def restore_seed(self, *, forget_tokens: bool) -> None:
        """The seed's tokens are constants; consents live on unless told."""
        self.workspaces = self.desk.workspaces = make_workspaces()
        if forget_tokens:
            self.desk.clear()
            self.desk.book.clear()

    def is_token_call(self, call: Call) -> bool:
        return call.segments in {_AUTHORIZE, _TOKEN}

    def _find_workspace(self, call: Call) -> Workspace | None:
        """A personal token stands alone in the header, an app's behind `Bearer`. Raises ClickUpError."""
        header = call.headers.get("authorization", "")
        for workspace in self.workspaces:
            if header in {workspace.token, f"Bearer {workspace.oauth_token}"}:
                return workspace
        return self.desk.signed_in(call.bearer or "")

    def identify(self, call: Call) -> str | None:
        try:
            workspace = self._find_workspace(call)
        except ClickUpError:
            return None
        return workspace.domain if workspace else None

    def takes_a_seat(self, call: Call) -> bool:
        match (call.method, *call.segments):
            case ("POST", "api", "v2", "team", _, "user"):
                return True
            case ("POST", "api", "v2", "list" | "folder", _, "guest", _):
                return b'"read"' not in call.body
            case _:
                return False

    @property
    def _plan(self) -> str:
        return self.behaviour.modes.get("plan", "enterprise")

    @property
    def _limit(self) -> int:
        return PLAN_LIMITS.get(self._plan, 100)

    def answer(self, call: Call) -> Reply:
        if call.segments == _AUTHORIZE:
            return self.desk.authorize(call)
        try:
            reply = self.desk.token(call) if call.segments == _TOKEN else self._answer(call)
        except ClickUpError as error:
            reply = error.reply()
        reply.headers += rate_headers(self._limit, left=self._limit - 1)
        return reply

    def _answer(self, call: Call) -> Reply:
        if not call.headers.get("authorization"):
            raise ClickUpError(400, "OAUTH_017", "Authorization header required")
        workspace = self._find_workspace(call)
        if workspace is None:
            raise ClickUpError(401, "OAUTH_025", "Token invalid")
        match = ROUTER.find(call.method, call.segments)
        if match is None:
            allowed = ", ".join(sorted(ROUTER.methods(call.segments)))
            note = f"this path answers {allowed} only" if allowed else "unknown path"
            raise ClickUpError(404, "APP_001", "Route not found", note=note)
        entry = match.operation
        self._check_team(match.args.get("team_id"), workspace)
        if entry.is_enterprise and self._plan != "enterprise":
            raise self._not_on_this_plan()
        if entry.is_enterprise and call.is_write and not may_administer(workspace):
            raise ClickUpError(403, "SANDBOX_ROLE", "You do not have permission to manage people")
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

    def _check_team(self, team_id: str | None, workspace: Workspace) -> None:
        if team_id is None or team_id == workspace.id:
            return
        if any(one.id == team_id for one in self.workspaces):
            raise ClickUpError(401, "OAUTH_027", "Team not authorized")
        raise not_found("Team")

    def _not_on_this_plan(self) -> ClickUpError:
        status = int(self.behaviour.modes.get("plan_refusal", "403"))
        return ClickUpError(
            status, "SANDBOX_PLAN", "This endpoint is only available to Workspaces on the Enterprise Plan"
        )

    def refuse(self, call: Call, fault: FaultCreate) -> Reply:  # noqa: ARG002 - every path says it alike
        extra = retry_after_headers(fault.retry_after)
        match fault.kind:
            case FaultKind.RATE_LIMIT:
                form = fault.vendor_form or FORMS[0]
                error = limited(form, _seconds(fault.retry_after), extra, self._limit)
            case FaultKind.EXPIRED_TOKEN:
                error = ClickUpError(401, "OAUTH_025", "Token invalid")
            case FaultKind.FORBIDDEN:
                error = ClickUpError(401, "OAUTH_027", "Team not authorized")
            case FaultKind.NO_SEATS:
                error = no_seat()
            case _:
                error = ClickUpError(fault.status or 500, "APP_003", "Internal server error", headers=extra)
        return error.reply()

    @staticmethod
    def rate_limit_forms() -> frozenset[str]:
        return frozenset(FORMS)


def _seconds(value: float | str | None) -> float | None:
    return float(value.removeprefix("http-date:")) if isinstance(value, str) else value
