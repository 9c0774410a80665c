"""Installing the App on github.com, and who it was that did.

From docs.github.com/apps: "Installing a GitHub App", "About the setup URL", "Generating a user access token for a GitHub
App". The page has no redirect address: GitHub sends people where the App's settings say. An owner installs
(`setup_action=install`), or changes what is installed (`update`); anybody else asks for it (`request`, and nothing is
installed). Who leaves the page stays at GitHub. The App asks for authorisation during installation, so that a `code` of
the person comes along; mode `user_authorization` `off` leaves that out.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlencode

from services.sandbox.consent.desk import Answer, Ask, Desk, read_form
from services.sandbox.consent.grants import Grant, GrantBook, GrantRefusedError
from services.sandbox.consent.pages import Choice, Consent, Person, Scope, error_page, html_page, redirect
from services.sandbox.consent.redirects import Redirects
from services.sandbox.github.errors import JSON_HEADERS, GitHubError, bad_credentials
from services.sandbox.github.installations import installation_view
from services.sandbox.github.state import Account, Organization, World, next_number
from services.sandbox.github.tokens import GRANTED, App, bearer
from services.sandbox.github.views import user_view
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes

VENDOR = "GitHub"
SLUG = "oneclick-sandbox"
CLIENT_SECRET = "sandbox-github-client-secret"  # noqa: S105 - the documented default of a stand-in
_EIGHT_HOURS = 28_800
_FORM = (("content-type", "application/x-www-form-urlencoded; charset=utf-8"),)
_BAD_CODE = "The code passed is incorrect or expired."


class GitHubDesk(Desk):
    """The installation page and people's own tokens. `world` is asked for each time: a mode chooses it."""

    vendor = VENDOR

    def __init__(self, app: App, redirects: Redirects, world: Callable[[], World]) -> None:
        super().__init__()
        self.app = app
        self.redirects = redirects
        self.book = GrantBook()
        self._world = world
        self.asks_who = True

    def install(self, call: Call, modes: dict[str, str]) -> Reply:
        """`/apps/{slug}/installations/new`."""
        if call.method == "POST":
            return self.post(call)
        if call.segments[1] != SLUG:
            return error_page(VENDOR, "Page not found", "This is not the web page you are looking for.", 404)
        uri = self.redirects.first()
        if uri is None:
            text = "The App has neither a setup URL nor a callback URL: register one at the control surface."
            return error_page(VENDOR, f"Install {self.app_name}", text)
        self.asks_who = modes.get("user_authorization", "on") == "on"
        return self.open(call, Ask(self.app.client_id, uri, dict(call.query).get("state"), ()))

    def _find(self, address: str) -> Account | None:
        account = self._world().find_account(address)
        return None if account is None or account.is_suspended else account

    def _orgs(self, account: Account) -> list[tuple[Organization, bool]]:
        """Where the person is a member, and whether as an owner."""
        return [
            (org, org.members[account.id].role == "admin")
            for org in self._world().organizations.values()
            if account.id in org.members
        ]

    def people(self, ask: Ask) -> Iterable[Person]:  # noqa: ARG002 - one door for everybody
        for org in self._world().organizations.values():
            members = sorted(org.members.values(), key=lambda one: one.role != "admin")
            for one in members[:6]:
                if not one.account.is_suspended:
                    role = "owner" if one.role == "admin" else "member"
                    name = one.account.emails[0] if one.account.emails else one.account.login
                    yield Person(name, one.account.name or one.account.login, f"{org.login}, {role}")

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:  # noqa: ARG002 - the same
        if self._find(address) is not None:
            return None
        return error_page(VENDOR, "Sign in", "Incorrect username or password.")

    def consent(self, ask: Ask, address: str) -> Consent | None:  # noqa: ARG002 - the same
        account = self._find(address)
        options = []
        for org, is_owner in self._orgs(account) if account else []:
            what = "installed" if org.installation_id else "not installed"
            options.append((org.login, f"{org.login} ({what if is_owner else 'request: you are no owner'})"))
        return Consent(
            f"Install {self.app_name}",
            "Where do you want to install it?" if options else "You belong to no organisation.",
            [Scope(name, f"{level} access to {name.replace('_', ' ')}") for name, level in GRANTED.items()],
            [Choice("organisation", "Organisation", options)],
            allow="Install" if not self.asks_who else "Install & Authorize",
            is_allowed=bool(options),
        )

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        account = self._find(address)
        chosen = answer.choices.get("organisation", [""])[0]
        for org, is_owner in self._orgs(account) if account else []:
            if org.login == chosen and account is not None:
                call.tenant = org.domain
                return self._back(ask, account, org, is_owner=is_owner)
        return error_page(VENDOR, f"Install {self.app_name}", "Choose an organisation.")

    def _back(self, ask: Ask, account: Account, org: Organization, *, is_owner: bool) -> Reply:
        params: dict[str, str | None] = {"setup_action": "request", "state": ask.state}
        if is_owner:
            params["setup_action"] = "update" if org.installation_id else "install"
            org.installation_id = org.installation_id or next_number()
            params["installation_id"] = str(org.installation_id)
        if self.asks_who:
            grant = Grant(ask.client_id, org.domain, account.login, ())
            params["code"] = self.book.add_code(self.book.add_grant(grant), ask.redirect_uri)
        return redirect(ask.redirect_uri, params)

    def cancel(self, call: Call, ask: Ask) -> Reply:  # noqa: ARG002 - the same from every page
        return html_page(
            VENDOR, f"{self.app_name} was not installed", "<p>You can close this page, or go back.</p>"
        )

    # Who it was

    def access_token(self, call: Call) -> Reply:
        """`POST /login/oauth/access_token`: 200 always, form-encoded unless JSON is asked for."""
        if call.method != "POST":
            return Reply(404, b"Not Found")
        form = _read(call)
        body = self._redeem(call, form)
        if "application/json" in call.headers.get("accept", ""):
            return Reply(200, json_bytes(body), JSON_HEADERS)
        return Reply(200, urlencode(body).encode(), _FORM)

    def _redeem(self, call: Call, form: dict[str, Any]) -> dict[str, Any]:
        secret = str(form.get("client_secret", ""))
        if form.get("client_id") != self.app.client_id or not secrets.compare_digest(
            secret.encode(), CLIENT_SECRET.encode()
        ):
            return _error(
                "incorrect_client_credentials", "The client_id and/or client_secret passed are incorrect."
            )
        try:
            code = self.book.peek(str(form.get("code", "")))
        except GrantRefusedError:
            return _error("bad_verification_code", _BAD_CODE)
        if form.get("redirect_uri") not in {None, code.redirect_uri}:
            return _error(
                "redirect_uri_mismatch",
                "The redirect_uri MUST match the registered callback URL for this application.",
            )
        grant = self.book.redeem(code)
        call.tenant = grant.tenant
        value = "ghu_" + secrets.token_hex(18)
        self.book.issue_access(grant, value, _EIGHT_HOURS)
        return {"access_token": value, "expires_in": _EIGHT_HOURS, "scope": "", "token_type": "bearer"}

    def _who(self, call: Call) -> Account:
        token = self.book.find_access(bearer(call))
        account = self._world().find_login(token.grant.person) if token is not None else None
        if token is None or token.is_expired or account is None:
            raise bad_credentials()
        call.tenant = token.grant.tenant
        return account

    def user(self, call: Call) -> Reply:
        """`GET /user` with a person's token."""
        return Reply(200, json_bytes(user_view(self._who(call), f"{call.base_url}/github")), JSON_HEADERS)

    def user_installations(self, call: Call) -> Reply:
        """`GET /user/installations`: the App's installations that the person can reach."""
        account, base = self._who(call), f"{call.base_url}/github"
        found = [installation_view(org, base) for org, _ in self._orgs(account) if org.installation_id]
        body = {"total_count": len(found), "installations": found}
        return Reply(200, json_bytes(body), JSON_HEADERS)


def _error(word: str, text: str) -> dict[str, Any]:
    page = "https://docs.github.com/apps/managing-oauth-apps/troubleshooting-oauth-app-access-token-request-errors/"
    return {"error": word, "error_description": text, "error_uri": page}


def _read(call: Call) -> dict[str, Any]:
    if call.content_type != "application/json":
        return {**dict(call.query), **read_form(call)}
    try:
        return call.json_object()
    except NotJsonError as error:
        raise GitHubError(400, "Problems parsing JSON") from error
