"""`/authorize` of OAuth 2.0 (3LO), and the tokens that come of it.

From developer.atlassian.com/cloud/jira/platform/oauth-2-3lo-apps and .../cloud/oauth/getting-started/refresh-tokens:
`audience` and `prompt=consent` are required, the person chooses the site, refresh tokens rotate. The vendor still takes
a replaced one for a while, unseen by clients; here at once not, unless mode `rotation_leeway` says for how many
seconds. There is no way for an app to revoke a token.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from services.sandbox.atlassian.errors import JSON_HEADERS, AtlassianError
from services.sandbox.atlassian.oauth_scopes import ME, OFFLINE, SCOPES, product_scopes
from services.sandbox.atlassian.state import Account, Organisation
from services.sandbox.behaviour import Behaviour
from services.sandbox.consent.desk import Answer, Ask, Desk, read_form
from services.sandbox.consent.grants import (
    AccessToken,
    Grant,
    GrantBook,
    GrantRefusedError,
    RefreshToken,
    Rotation,
)
from services.sandbox.consent.pages import Choice, Consent, Person, Scope, error_page, redirect
from services.sandbox.consent.redirects import Redirects
from services.sandbox.faults.box import retry_after_headers
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.wire.call import Call, NotJsonError, Reply, json_bytes

VENDOR = "Atlassian"
CLIENT_ID, CLIENT_SECRET = "sandboxAtlassianClient0000000001", "ATOAsandbox-atlassian-client-secret"
AUDIENCE = "api.atlassian.com"
_REFRESH_SECONDS = 90 * 86_400
_LOST = "Unknown or invalid refresh token."


class OAuthRefusedError(Exception):
    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.error = error
        self.description = description

    def reply(self) -> Reply:
        body = {"error": self.error, "error_description": self.description}
        return Reply(self.status, json_bytes(body), JSON_HEADERS)


class AtlassianDesk(Desk):
    """The pages. `organisations` is replaced at each reset."""

    vendor = VENDOR

    def __init__(self, redirects: Redirects) -> None:
        super().__init__()
        self.redirects = redirects
        self.book = GrantBook()
        self.organisations: list[Organisation] = []

    def authorize(self, call: Call) -> Reply:
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        wrong = self._wrong(query)
        if wrong is not None:
            return error_page(VENDOR, "Something went wrong", wrong)
        scopes = tuple(dict.fromkeys(query["scope"].split()))
        return self.open(call, Ask(CLIENT_ID, query["redirect_uri"], query.get("state"), scopes))

    def _wrong(self, query: dict[str, str]) -> str | None:
        if query.get("client_id") != CLIENT_ID:
            return "We couldn't identify the app requesting access. Error: unknown client_id."
        if not self.redirects.allows(query.get("redirect_uri")):
            return "redirect_uri is not registered for client: the callback URL must match the app's exactly."
        for name, wanted in (("audience", AUDIENCE), ("response_type", "code"), ("prompt", "consent")):
            if query.get(name) != wanted:
                return f"The parameter {name} must be {wanted}."
        unknown = [name for name in query.get("scope", "").split() if name not in SCOPES]
        if unknown or not query.get("scope", "").strip():
            return f"The app asks for scopes that it does not have: {' '.join(unknown) or 'none are given'}."
        return None

    def find(self, address: str) -> tuple[Organisation, Account] | None:
        for org in self.organisations:
            account = org.find_account(address)
            if account is not None:
                return org, account
        return None

    def people(self, ask: Ask) -> Iterable[Person]:  # noqa: ARG002 - one door for everybody
        for org in self.organisations:
            accounts = sorted(org.accounts.values(), key=lambda one: not one.is_admin)
            for account in accounts[:6]:
                note = f"{org.name}, administrator" if account.is_admin else org.name
                yield Person(account.email, account.name, note)

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:  # noqa: ARG002 - the same
        found = self.find(address)
        if found is None or not found[1].is_active:
            return error_page(VENDOR, "Log in", "Incorrect email address and / or password.")
        return None

    def consent(self, ask: Ask, address: str) -> Consent | None:
        found = self.find(address)
        sites = [found[0]] if found is not None and found[1].is_usable else []
        options = [(org.cloud_id, f"{org.site}.atlassian.net") for org in sites]
        return Consent(
            f"{self.app_name} is requesting access to your Atlassian account.",
            "Use app on:" if options else "You don't have a site that this app can use.",
            [Scope(name, SCOPES[name]) for name in ask.scopes],
            [Choice("site", "Site", options)],
            allow="Accept",
            is_allowed=bool(options),
        )

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        found = self.find(address)
        chosen = answer.choices.get("site", [""])[0]
        if found is None or found[0].cloud_id != chosen:
            return error_page(VENDOR, "Something went wrong", "Choose a site.")
        org, account = found
        call.tenant = org.domain
        grant = Grant(ask.client_id, org.domain, account.email, ask.scopes, {"site": org.cloud_id})
        code = self.book.add_code(self.book.add_grant(grant), ask.redirect_uri)
        return redirect(ask.redirect_uri, {"state": ask.state, "code": code})

    def cancel(self, call: Call, ask: Ask) -> Reply:  # noqa: ARG002 - the same from every page
        text = "User did not authorize the request"
        return redirect(
            ask.redirect_uri, {"error": "access_denied", "error_description": text, "state": ask.state}
        )

    # Tokens

    def token(self, call: Call, behaviour: Behaviour) -> Reply:
        """`POST /oauth/token`, as JSON or as a form."""
        try:
            return self._token(_read(call), call, behaviour)
        except OAuthRefusedError as refused:
            return refused.reply()

    def _token(self, form: dict[str, Any], call: Call, behaviour: Behaviour) -> Reply:
        kind = form.get("grant_type")
        if kind not in {"authorization_code", "refresh_token"}:
            raise OAuthRefusedError(403, "unsupported_grant_type", f"Unsupported grant type: {kind}")
        secret = str(form.get("client_secret", ""))
        if form.get("client_id") != CLIENT_ID or not secrets.compare_digest(
            secret.encode(), CLIENT_SECRET.encode()
        ):
            raise OAuthRefusedError(401, "access_denied", "Unauthorized")
        return self._redeem(form, call, behaviour) if "code" in kind else self._refresh(form, call, behaviour)

    def _redeem(self, form: dict[str, Any], call: Call, behaviour: Behaviour) -> Reply:
        try:
            code = self.book.peek(str(form.get("code", "")))
        except GrantRefusedError as refused:
            raise OAuthRefusedError(403, "invalid_grant", "Invalid authorization code") from refused
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthRefusedError(
                403, "invalid_grant", "The redirect URI does not match that of the authorization request."
            )
        return self._reply(self.book.redeem(code), call, behaviour)

    def _refresh(self, form: dict[str, Any], call: Call, behaviour: Behaviour) -> Reply:
        rotation = Rotation(behaviour.modes.get("rotation", Rotation.DETECT))
        leeway = float(behaviour.modes.get("rotation_leeway", "0"))
        try:
            token = self.book.use_refresh(str(form.get("refresh_token", "")), rotation, leeway=leeway)
        except GrantRefusedError as refused:
            raise OAuthRefusedError(403, "invalid_grant", _LOST) from refused
        return self._reply(token.grant, call, behaviour, token, rotation)

    def _reply(
        self,
        grant: Grant,
        call: Call,
        behaviour: Behaviour,
        old: RefreshToken | None = None,
        rotation: Rotation = Rotation.DETECT,
    ) -> Reply:
        found = self.find(grant.person)
        if found is None or not found[1].is_active:
            raise OAuthRefusedError(403, "invalid_grant", _LOST)
        call.tenant = grant.tenant
        # A JWT of more than a thousand characters at the vendor.
        value, lifetime = "eyJ" + secrets.token_urlsafe(900), behaviour.token_lifetime_seconds
        self.book.issue_access(grant, value, lifetime)
        body: dict[str, Any] = {
            "access_token": value,
            "expires_in": int(lifetime),
            "token_type": "Bearer",
            "scope": " ".join(grant.scopes),
        }
        if OFFLINE in grant.scopes:
            fresh = "eyJ" + secrets.token_urlsafe(300)
            if old is None:
                self.book.issue_refresh(grant, fresh, _REFRESH_SECONDS)
            elif rotation is not Rotation.OFF:
                self.book.replace(old, fresh, _REFRESH_SECONDS)
            else:
                fresh = old.value
            body["refresh_token"] = fresh
        return Reply(200, json_bytes(body), JSON_HEADERS)

    # What the gateway answers for a token

    def need_token(self, call: Call) -> tuple[Organisation, Account, AccessToken]:
        """Whose consent the bearer token stands for; raises 401 as the gateway says it."""
        token = self.book.find_access(call.bearer)
        found = self.find(token.grant.person) if token is not None else None
        if token is None or token.is_expired or found is None:
            raise AtlassianError(401, "Unauthorized")
        return (*found, token)

    def resources(self, call: Call) -> Reply:
        """`GET /oauth/token/accessible-resources`: the site once for each product that scopes were granted of."""
        org, _, token = self.need_token(call)
        rows = [
            {
                "id": org.cloud_id,
                "url": f"https://{org.site}.atlassian.net",
                "name": org.site,
                "scopes": granted,
                "avatarUrl": f"https://site-admin-avatar-cdn.prod.public.atl-paas.net/avatars/240/{product}.png",
            }
            for product in ("jira", "confluence")
            if (granted := product_scopes(token.scopes, product))
        ]
        return Reply(200, json_bytes(rows), JSON_HEADERS)

    def me(self, call: Call) -> Reply:
        """`GET /me`, with the scope read:me."""
        _, account, token = self.need_token(call)
        if ME not in token.scopes:
            raise AtlassianError(403, "Forbidden")
        body = {
            "account_type": "atlassian",
            "account_id": account.id,
            "email": account.email,
            "name": account.name,
            "account_status": "active" if account.is_active else "inactive",
        }
        return Reply(200, json_bytes(body), JSON_HEADERS)

    @staticmethod
    def refuse(fault: FaultCreate) -> Reply:
        """A fault as the token endpoint says it."""
        match fault.kind:
            case FaultKind.EXPIRED_TOKEN:
                refused = OAuthRefusedError(403, "invalid_grant", _LOST)
            case FaultKind.FORBIDDEN | FaultKind.NO_SEATS:
                refused = OAuthRefusedError(401, "access_denied", "Unauthorized")
            case FaultKind.RATE_LIMIT:
                refused = OAuthRefusedError(429, "rate_limited", "Too many requests")
            case _:
                refused = OAuthRefusedError(fault.status or 500, "server_error", "Internal server error")
        reply = refused.reply()
        reply.headers += retry_after_headers(fault.retry_after)
        return reply


def _read(call: Call) -> dict[str, Any]:
    if call.method != "POST":
        raise OAuthRefusedError(405, "invalid_request", "Method Not Allowed")
    if call.content_type == "application/json":
        try:
            return call.json_object()
        except NotJsonError:
            raise OAuthRefusedError(400, "invalid_request", "The body is not JSON.") from None
    return dict(read_form(call))
