"""`https://app.clickup.com/api` and `POST /api/v2/oauth/token`: a code for a token that has neither scopes nor an end.

From developer.clickup.com/docs/authentication and /docs/common_errors; the person chooses the Workspaces. ClickUp
publishes no word for a code that is not good (ours begins with `SANDBOX`), and no way for an app to revoke a token: the
person removes the app in their settings.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from services.sandbox.clickup.errors import JSON_HEADERS, ClickUpError
from services.sandbox.clickup.state import ADMIN, OWNER, ROLE_NAMES, User, Workspace
from services.sandbox.consent.desk import Answer, Ask, Desk, read_form
from services.sandbox.consent.grants import Grant, GrantBook, GrantRefusedError
from services.sandbox.consent.pages import Choice, Consent, Person, error_page, redirect
from services.sandbox.consent.redirects import Redirects
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes

VENDOR = "ClickUp"
CLIENT_ID, CLIENT_SECRET = "SANDBOXCLICKUPCLIENT000000000001", "SANDBOX-CLICKUP-CLIENT-SECRET"


class ClickUpDesk(Desk):
    """The page and the token endpoint. `workspaces` is replaced at each reset."""

    vendor = VENDOR

    def __init__(self, redirects: Redirects) -> None:
        super().__init__()
        self.redirects = redirects
        self.book = GrantBook()
        self.workspaces: list[Workspace] = []

    def authorize(self, call: Call) -> Reply:
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        if query.get("client_id") != CLIENT_ID:
            return error_page(VENDOR, "Something went wrong", "Client not found (OAUTH_010)")
        if not query.get("redirect_uri"):
            return error_page(VENDOR, "Something went wrong", "Redirect URI not passed (OAUTH_017)")
        if not self.redirects.allows(query["redirect_uri"]):
            return error_page(VENDOR, "Something went wrong", "Redirect URI does not match (OAUTH_007)")
        return self.open(call, Ask(CLIENT_ID, query["redirect_uri"], query.get("state"), ()))

    def find(self, address: str) -> list[tuple[Workspace, User]]:
        """Where the person is, invitations that are out not counted."""
        found = ((one, one.find_user(address)) for one in self.workspaces)
        return [(one, user) for one, user in found if user is not None and user.joined_at is not None]

    def people(self, ask: Ask) -> Iterable[Person]:  # noqa: ARG002 - one door for everybody
        for workspace in self.workspaces:
            joined = [one for one in workspace.users.values() if one.joined_at is not None]
            for user in sorted(joined, key=lambda one: one.role)[:6]:
                yield Person(
                    user.email, user.username or user.email, f"{workspace.name}, {ROLE_NAMES[user.role]}"
                )

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:  # noqa: ARG002 - the same
        if self.find(address):
            return None
        return error_page(VENDOR, "Log in", "Incorrect email or password.")

    def consent(self, ask: Ask, address: str) -> Consent | None:  # noqa: ARG002 - the same
        options = [(one.id, f"{one.name} ({one.id})") for one, _ in self.find(address)]
        return Consent(
            f"Connect Workspaces to {self.app_name}",
            "The app may do in them whatever you may.",
            choices=[Choice("workspace", "Workspaces", options, kind="checkbox")],
            allow="Connect Workspace",
        )

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        chosen = [one for one, _ in self.find(address) if one.id in answer.choices.get("workspace", [])]
        if not chosen:
            return error_page(VENDOR, "Something went wrong", "Choose a Workspace.")
        call.tenant = chosen[0].domain
        grant = Grant(ask.client_id, chosen[0].domain, address, (), {"workspace": chosen[0].id})
        code = self.book.add_code(self.book.add_grant(grant), ask.redirect_uri)
        return redirect(ask.redirect_uri, {"code": code, "state": ask.state})

    def cancel(self, call: Call, ask: Ask) -> Reply:  # noqa: ARG002 - the same from every page
        return redirect(ask.redirect_uri, {"error": "access_denied", "state": ask.state})

    def token(self, call: Call) -> Reply:
        """`POST /api/v2/oauth/token`, as JSON, as a form or in the query. Raises ClickUpError."""
        if call.method != "POST":
            raise ClickUpError(404, "APP_001", "Route not found", note="this path answers POST only")
        form = {**dict(call.query), **_read(call)}
        if form.get("client_id") != CLIENT_ID or not secrets.compare_digest(
            str(form.get("client_secret", "")).encode(), CLIENT_SECRET.encode()
        ):
            raise ClickUpError(401, "OAUTH_010", "Client not found")
        try:
            code = self.book.peek(str(form.get("code", "")))
        except GrantRefusedError as refused:
            raise ClickUpError(
                400, "SANDBOX_CODE", "Code already used" if refused.why == "used" else "Code not found"
            ) from refused
        grant = self.book.redeem(code)
        call.tenant = grant.tenant
        value = f"9{secrets.randbelow(10**7):07}_{secrets.token_hex(32)}"
        self.book.issue_access(grant, value, None)
        body = {"access_token": value, "token_type": "Bearer"}
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def signed_in(self, value: str) -> Workspace | None:
        """The Workspace as the token's person has it; None for a token of somebody else's.

        Raises:
            ClickUpError: the person removed the app, or is no longer there.
        """
        token = self.book.access.get(value)
        if token is None:
            return None
        if not token.grant.is_live or token.is_expired:
            raise ClickUpError(401, "OAUTH_019", "Oauth token not found")
        for workspace, user in self.find(token.grant.person):
            if workspace.id == token.grant.data["workspace"]:
                # A copy that shares everything but whose token it is.
                return replace(workspace, acting=user.id)
        raise ClickUpError(401, "OAUTH_027", "Team not authorized")


def may_administer(workspace: Workspace) -> bool:
    """Whether the token's person is an owner or admin."""
    return workspace.users[workspace.acting].role in {OWNER, ADMIN}


def _read(call: Call) -> dict[str, Any]:
    if call.content_type != "application/json":
        return dict(read_form(call))
    try:
        return call.json_object()
    except NotJsonError:
        raise ClickUpError(400, "SANDBOX_INPUT", "Invalid JSON") from None
