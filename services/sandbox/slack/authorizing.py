"""`/oauth/v2/authorize` and the tokens of it: OAuth v2 for a person's token (`user_scope`), a bot's if it is asked for.

From docs.slack.dev/authentication/installing-with-oauth and .../using-token-rotation. Scopes add up: who installs again
has one token with the old and the new ones. Modes: `token_rotation` (`off`, `on`): tokens of twelve hours, and refresh
tokens that work once.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.desk import Answer, Ask, Desk, read_form
from services.sandbox.consent.grants import Grant, GrantBook, GrantRefusedError, RefreshToken, Rotation
from services.sandbox.consent.pages import Choice, Consent, Person, Scope, error_page, redirect
from services.sandbox.consent.redirects import Redirects
from services.sandbox.slack.errors import JSON_HEADERS, WebError
from services.sandbox.slack.state import User, Workspace
from services.sandbox.slack.web import ALL_SCOPES
from services.sandbox.wire.call import Call, Reply, json_bytes

VENDOR = "Slack"
CLIENT_ID, CLIENT_SECRET, APP_ID = "2200112233445.5544332211002", "sandbox-slack-client-secret", "A0SANDBOX01"
BOT_SCOPES = frozenset({"chat:write", "users:read", "users:read.email", "team:read", "channels:read"})
_OWNERS = frozenset({"owner", "primary_owner"})
_HALF_A_DAY = 43_200
_CODE_WORDS = {"used": "code_already_used", "unknown": "invalid_code", "expired": "invalid_code"}
_ROTATING = "token_rotation"


class SlackDesk(Desk):
    """The pages and `oauth.v2.access`. `workspaces` is replaced at each reset."""

    vendor = VENDOR

    def __init__(self, redirects: Redirects) -> None:
        super().__init__()
        self.redirects = redirects
        self.book = GrantBook()
        self.workspaces: dict[str, Workspace] = {}

    def authorize(self, call: Call) -> Reply:
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        bot, user = _words(query.get("scope")), _words(query.get("user_scope"))
        wrong = self._wrong(query, bot, user)
        if wrong is not None:
            return error_page(VENDOR, "Something went wrong when authorizing this app", wrong)
        extra = {"bot": ",".join(bot), "team": query.get("team", "")}
        return self.open(call, Ask(CLIENT_ID, query["redirect_uri"], query.get("state"), user, extra=extra))

    def _wrong(self, query: dict[str, str], bot: tuple[str, ...], user: tuple[str, ...]) -> str | None:
        if query.get("client_id") != CLIENT_ID:
            return "Invalid client_id parameter"
        if not self.redirects.allows(query.get("redirect_uri")):
            return (
                "redirect_uri did not match any configured URIs. Passed URI:"
                f" {query.get('redirect_uri', 'none')}"
            )
        if not bot and not user:
            return "No scopes requested"
        unknown = {*bot} - BOT_SCOPES | {*user} - ALL_SCOPES
        if unknown:
            return f"Invalid permissions requested: {', '.join(sorted(unknown))}"
        return None

    def find(self, address: str, team: str = "") -> tuple[Workspace, User] | None:
        for workspace in self.workspaces.values():
            user = workspace.find_by_email(address)
            if user is not None and team in {"", workspace.id}:
                return workspace, user
        return None

    def people(self, ask: Ask) -> Iterable[Person]:
        for workspace in self.workspaces.values():
            if ask.extra["team"] not in {"", workspace.id}:
                continue
            for user in sorted(workspace.users.values(), key=lambda one: one.role not in _OWNERS)[:6]:
                yield Person(user.address, user.real_name, f"{workspace.domain}.slack.com, {user.role}")

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:
        found = self.find(address, ask.extra["team"])
        if found is None or not found[1].active:
            return error_page(VENDOR, "Sign in", "Sorry, there is no active account with that address.")
        return None

    def consent(self, ask: Ask, address: str) -> Consent | None:
        found = self.find(address, ask.extra["team"])
        may = found is not None and (found[1].role in _OWNERS or not _admin_scopes(ask.scopes))
        name = found[0].name if found else ""
        options = [(found[0].id, f"{name} ({found[0].domain}.slack.com)")] if found and may else []
        return Consent(
            f"{self.app_name} is requesting permission to access the {name} Slack workspace",
            f"What will {self.app_name} be able to do?"
            if may
            else "This app asks for administration scopes: only an owner of the workspace can install it.",
            [Scope(scope, scope) for scope in ask.scopes],
            [Choice("team", "Workspace", options)],
            allow="Allow",
            is_allowed=may,
        )

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        found = self.find(address, ask.extra["team"])
        if found is None or answer.choices.get("team") != [found[0].id]:
            return error_page(VENDOR, "Something went wrong when authorizing this app", "Choose a workspace.")
        workspace, user = found
        call.tenant = workspace.mail_domain
        grant = self._add_up(Grant(CLIENT_ID, workspace.mail_domain, user.address, ask.scopes), user, ask)
        code = self.book.add_code(grant, ask.redirect_uri, prefix=f"{APP_ID}.")
        return redirect(ask.redirect_uri, {"code": code, "state": ask.state or ""})

    def _add_up(self, grant: Grant, user: User, ask: Ask) -> Grant:
        known = self.book.list_grants(tenant=grant.tenant, person=grant.person, client_id=grant.client_id)
        live = next((one for one in known if one.is_live), None)
        if live is None:
            live = self.book.add_grant(grant)
            live.data |= {"user": user.id}
        live.scopes = tuple(dict.fromkeys([*live.scopes, *grant.scopes]))
        live.data["bot"] = ask.extra["bot"]
        return live

    def cancel(self, call: Call, ask: Ask) -> Reply:  # noqa: ARG002 - the same from every page
        return redirect(ask.redirect_uri, {"error": "access_denied", "state": ask.state or ""})

    # Tokens

    def access(self, call: Call, behaviour: Behaviour) -> Reply:
        """`oauth.v2.access`: a code, or a refresh token where tokens rotate. Raises WebError."""
        form = {**dict(call.query), **read_form(call)}
        name, secret = _basic(call) or (form.get("client_id", ""), form.get("client_secret", ""))
        if name != CLIENT_ID:
            raise WebError("invalid_client_id")
        if not secrets.compare_digest(secret.encode(), CLIENT_SECRET.encode()):
            raise WebError("bad_client_secret")
        rotates = behaviour.modes.get(_ROTATING, "off") == "on"
        kind = form.get("grant_type", "authorization_code")
        if kind == "refresh_token":
            return self._refresh(call, form, behaviour)
        if kind != "authorization_code":
            raise WebError("invalid_grant_type")
        try:
            code = self.book.peek(form.get("code", ""))
        except GrantRefusedError as refused:
            raise WebError(_CODE_WORDS.get(refused.why, "invalid_code")) from refused
        if form.get("redirect_uri") != code.redirect_uri:
            raise WebError("bad_redirect_uri")
        return self._reply(call, self.book.redeem(code), behaviour, rotates=rotates)

    def _refresh(self, call: Call, form: dict[str, str], behaviour: Behaviour) -> Reply:
        try:
            old = self.book.use_refresh(form.get("refresh_token", ""), Rotation.ONCE)
        except GrantRefusedError as refused:
            word = "token_revoked" if refused.why == "revoked" else "invalid_refresh_token"
            raise WebError(word) from refused
        return self._reply(call, old.grant, behaviour, rotates=True, old=old)

    def _reply(
        self,
        call: Call,
        grant: Grant,
        behaviour: Behaviour,
        *,
        rotates: bool,
        old: RefreshToken | None = None,
    ) -> Reply:
        found = self.find(grant.person)
        if found is None or not found[1].active:
            raise WebError("account_inactive")
        workspace, user = found
        call.tenant = grant.tenant
        scopes = {"scope": ",".join(grant.scopes), "token_type": "user"}
        token: dict[str, Any] = {**scopes, **self._tokens(grant, behaviour, old, rotates=rotates)}
        body: dict[str, Any] = {"ok": True, "app_id": APP_ID}
        if old is not None:
            body |= token | {"user_id": user.id}
        else:
            body |= {"authed_user": {"id": user.id, **(token if grant.scopes else {})}}
        if grant.data["bot"] and old is None:
            body |= {"access_token": "xoxb-sandbox-" + secrets.token_hex(12), "token_type": "bot"}
            body |= {"scope": grant.data["bot"], "bot_user_id": "U0SANDBOXBT"}
        body |= {
            "team": {"id": workspace.id, "name": workspace.name},
            "enterprise": None,
            "is_enterprise_install": False,
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)

    def _tokens(
        self, grant: Grant, behaviour: Behaviour, old: RefreshToken | None, *, rotates: bool
    ) -> dict[str, Any]:
        if not rotates:
            known = next((one for one in self.book.access.values() if one.grant is grant), None)
            if known is None or known.is_expired:
                known = self.book.issue_access(grant, f"xoxp-{secrets.token_hex(24)}", None)
            known.scopes = grant.scopes
            return {"access_token": known.value}
        # The twin's usual hour says nothing of Slack; a lifetime that a test sets does.
        usual = Behaviour().token_lifetime_seconds
        lifetime = behaviour.token_lifetime_seconds
        lifetime = _HALF_A_DAY if lifetime == usual else lifetime
        value, fresh = f"xoxe.xoxp-1-{secrets.token_hex(40)}", f"xoxe-1-{secrets.token_hex(40)}"
        self.book.issue_access(grant, value, lifetime)
        if old is None:
            self.book.issue_refresh(grant, fresh, None)
        else:
            self.book.replace(old, fresh, None)
        return {"access_token": value, "refresh_token": fresh, "expires_in": int(lifetime)}

    def signed_in(self, value: str) -> tuple[Workspace, frozenset[str]] | None:
        """The workspace as the token's person sees it, and what the token may; None for a token of somebody else's.

        Raises:
            WebError: revoked, expired, or the person is deactivated.
        """
        token = self.book.access.get(value)
        if token is None:
            return None
        if not token.grant.is_live:
            raise WebError("token_revoked")
        if token.is_expired:
            raise WebError("token_expired")
        found = self.find(token.grant.person)
        if found is None or not found[1].active:
            raise WebError("account_inactive")
        # A copy that shares everything but whose token it is.
        return replace(found[0], acting=found[1].id), frozenset(token.scopes)

    def revoke(self, call: Call) -> Reply:
        """`auth.revoke`: the person's token and what it stands on; with `test` nothing happens."""
        form = {**dict(call.query), **read_form(call)}
        token = self.book.access.get(call.bearer or form.get("token", ""))
        if token is None:
            raise WebError("invalid_auth")
        if not token.grant.is_live:
            raise WebError("token_revoked")
        is_test = form.get("test", "") in {"1", "true"}
        if not is_test:
            self.book.revoke(token.grant)
        call.tenant = token.grant.tenant
        return Reply(200, json_bytes({"ok": True, "revoked": not is_test}), JSON_HEADERS)


def _words(text: str | None) -> tuple[str, ...]:
    """Slack separates scopes by commas; spaces are taken too."""
    return tuple(dict.fromkeys((text or "").replace(",", " ").split()))


def _admin_scopes(scopes: Iterable[str]) -> bool:
    return any(name.startswith("admin") for name in scopes)


def _basic(call: Call) -> tuple[str, str] | None:
    scheme, _, value = call.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, secret
