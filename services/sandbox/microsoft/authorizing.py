"""`/{tenant}/oauth2/v2.0/authorize` and `/{tenant}/v2.0/adminconsent`: what a request must say, and the pages.

From learn.microsoft.com/entra/identity-platform: v2-oauth2-auth-code-flow, v2-admin-consent, reference-error-codes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from services.sandbox.consent.desk import Answer, Ask, Desk
from services.sandbox.consent.grants import Grant, GrantBook
from services.sandbox.consent.pages import Consent, Person, Scope, error_page, form_post, redirect
from services.sandbox.consent.pkce import METHODS, PLAIN, is_challenge
from services.sandbox.consent.redirects import Redirects
from services.sandbox.microsoft import scopes
from services.sandbox.microsoft.refusals import (
    TokenRefusedError,
    described,
    missing,
    unknown_app,
    unknown_tenant,
)
from services.sandbox.microsoft.state import App, Tenant, User
from services.sandbox.wire.call import Call, Reply

VENDOR = "Microsoft"
ANY_TENANT = frozenset({"common", "organizations"})
_PROMPTS = frozenset({"login", "none", "consent", "select_account"})
_MODES = frozenset({"query", "fragment", "form_post"})
_ADMIN = "adminconsent"


@dataclass(slots=True)
class Consents:
    """What was agreed to, by app: for a whole tenant, or for one person. Asked for once, remembered until revoked."""

    of_tenant: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    of_user: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def granted(self, client_id: str, tenant: Tenant, user: User) -> set[str]:
        return self.of_tenant.get((client_id, tenant.id), set()) | self.of_user.get(
            (client_id, user.id), set()
        )

    def add(self, client_id: str, tenant: Tenant, user: User | None, names: Iterable[str]) -> None:
        store, key = (self.of_tenant, tenant.id) if user is None else (self.of_user, user.id)
        store.setdefault((client_id, key), set()).update(names)

    def clear(self) -> None:
        self.of_tenant.clear()
        self.of_user.clear()


class MicrosoftDesk(Desk):
    """The pages. `tenants` is replaced at each reset."""

    vendor = VENDOR

    def __init__(self, apps: dict[str, App], book: GrantBook, redirects: Redirects) -> None:
        super().__init__()
        self.apps = apps
        self.book = book
        self.redirects = redirects
        self.consents = Consents()
        self.tenants: dict[str, Tenant] = {}

    def clear(self) -> None:
        super().clear()
        self.consents.clear()

    # What a request must say

    def authorize(self, call: Call) -> Reply:
        """`GET …/authorize`. Without a known app and one of its addresses nobody is sent anywhere."""
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        try:
            ask = self._known_app(call, query)
        except TokenRefusedError as refused:
            return error_page(VENDOR, "Sign in", described(call, refused)["error_description"])
        try:
            self._check(query, ask)
        except TokenRefusedError as refused:
            return self._back(ask, _error(call, refused))
        hint = query.get("login_hint") if query.get("prompt") != "select_account" else None
        return self.open(call, ask, hint)

    def admin_consent(self, call: Call) -> Reply:
        """`GET …/adminconsent`, for a whole tenant. Version 1 of it has no scope: what the registration lists."""
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        try:
            ask = self._known_app(call, query, not_common=True)
            ask.extra["kind"] = _ADMIN
            is_first = call.segments[1] == _ADMIN
            ask.scopes = self._scopes(query.get("scope") or ("" if not is_first else scopes.DEFAULT), ask)
        except TokenRefusedError as refused:
            return error_page(VENDOR, "Permissions requested", described(call, refused)["error_description"])
        return self.open(call, ask)

    def _known_app(self, call: Call, query: dict[str, str], *, not_common: bool = False) -> Ask:
        name = call.segments[0].lower()
        if not_common and name == "common":
            raise TokenRefusedError("invalid_request", 90002, "Use a tenant, or 'organizations', here.")
        if name == "consumers":
            raise TokenRefusedError(
                "unauthorized_client",
                9002346,
                "The application is configured for use by Azure Active Directory users only. Please do not use"
                " the /consumers endpoint to serve this request.",
            )
        tenant = self.find_tenant(name)
        if tenant is None and name not in ANY_TENANT:
            raise unknown_tenant(call.segments[0])
        client_id, uri = query.get("client_id", ""), query.get("redirect_uri", "")
        if client_id not in self.apps:
            raise unknown_app(client_id, tenant.name if tenant else name)
        if not self.redirects.allows(uri):
            raise TokenRefusedError(
                "invalid_request",
                50011,
                f"The redirect URI '{uri}' specified in the request does not match the redirect URIs configured"
                f" for the application '{client_id}'.",
            )
        extra = {"tenant": tenant.id if tenant else name, "prompt": query.get("prompt", "")}
        return Ask(client_id, uri, query.get("state"), (), nonce=query.get("nonce"), extra=extra)

    def _check(self, query: dict[str, str], ask: Ask) -> None:
        ask.extra["response_mode"] = query.get("response_mode", "query")
        if ask.extra["response_mode"] not in _MODES:
            ask.extra["response_mode"] = "query"
            raise TokenRefusedError("invalid_request", 70007, "The 'response_mode' value is not supported.")
        if not query.get("response_type"):
            raise missing("response_type")
        if query["response_type"] != "code":
            raise TokenRefusedError(
                "unsupported_response_type", 70005, "The app returned an unsupported response type."
            )
        ask.scopes = self._scopes(query.get("scope", ""), ask)
        challenge, method = query.get("code_challenge"), query.get("code_challenge_method", PLAIN)
        if challenge is not None:
            if method not in METHODS:
                raise TokenRefusedError("invalid_request", 50149, "Invalid Code_Challenge_method parameter.")
            if not is_challenge(challenge):
                raise TokenRefusedError(
                    "invalid_request", 501491, "Invalid size of Code_Challenge parameter."
                )
            ask.challenge, ask.method = challenge, method
        prompt = query.get("prompt", "")
        if prompt and prompt not in _PROMPTS:
            raise TokenRefusedError("invalid_request", 90023, f"Unsupported 'prompt' value: {prompt}.")
        if prompt == "none":
            raise TokenRefusedError(
                "login_required", 50058, "A silent sign-in request was sent but no user is signed in."
            )

    def _scopes(self, text: str, ask: Ask) -> tuple[str, ...]:
        if not text.strip():
            raise missing("scope")
        try:
            return scopes.expanded(scopes.read_scopes(text), self.apps[ask.client_id].delegated)
        except scopes.UnknownScopeError as error:
            app = self.apps[ask.client_id]
            raise TokenRefusedError(
                "invalid_client",
                650053,
                f"The application '{app.name}' asked for scope '{error}' that doesn't exist on the resource"
                " '00000003-0000-0000-c000-000000000000'. Contact the app vendor.",
            ) from error

    def find_tenant(self, name: str) -> Tenant | None:
        found = self.tenants.get(name.lower())
        return found or next((one for one in self.tenants.values() if name.lower() in one.verified), None)

    # Who, and what they say

    def _places(self, ask: Ask) -> list[Tenant]:
        tenant = self.tenants.get(ask.extra["tenant"])
        return [tenant] if tenant else list(self.tenants.values())

    def people(self, ask: Ask) -> Iterable[Person]:
        for tenant in self._places(ask):
            users = sorted(tenant.users.values(), key=lambda one: not one.is_admin)
            for user in users[:8]:
                note = f"{tenant.name}, administrator" if user.is_admin else tenant.name
                yield Person(user.upn, str(user.fields["displayName"]), note)

    def _find(self, ask: Ask, address: str) -> tuple[Tenant, User] | None:
        for tenant in self._places(ask):
            user = tenant.find_user(address)
            if user is not None:
                return tenant, user
        return None

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:
        found = self._find(ask, address)
        if found is None:
            elsewhere = any(one.find_user(address) for one in self.tenants.values())
            text = (
                f"AADSTS50020: User account '{address}' does not exist in this tenant and cannot access the"
                " application. The account needs to be added as an external user first."
                if elsewhere
                else f"AADSTS50034: The user account {address} does not exist in the directory."
            )
            return error_page(VENDOR, "Sign in", text)
        if not found[1].fields.get("accountEnabled"):
            return error_page(VENDOR, "Sign in", "AADSTS50057: The user account is disabled.")
        return None

    def consent(self, ask: Ask, address: str) -> Consent | None:
        tenant, user = self._found(ask, address)
        app = self.apps[ask.client_id]
        is_for_all = ask.extra.get("kind") == _ADMIN
        new = [name for name in ask.scopes if name not in self.consents.granted(app.client_id, tenant, user)]
        if not is_for_all and not new and ask.extra.get("prompt") != "consent":
            return None
        if not user.is_admin and (is_for_all or any(scopes.needs_admin(name) for name in new)):
            return Consent(
                heading="Need admin approval",
                text=f"{app.name} needs permission to access resources in your organization that only an admin"
                " can grant. Please ask an admin to grant permission to this app before you can use it.",
                cancel="Return to the application without granting consent",
                is_allowed=False,
            )
        lines = [Scope(name, scopes.text_of(name)) for name in ask.scopes]
        heading = (
            f"Permissions requested: review for {tenant.name}" if is_for_all else "Permissions requested"
        )
        if is_for_all:
            lines += [
                Scope(name, f"{scopes.text_of(name)} (as the app itself)") for name in sorted(app.permissions)
            ]
        elif user.is_admin:
            whole = "Consent on behalf of your organization"
            lines.append(Scope("organization", whole, is_optional=True, is_ticked=False))
        return Consent(heading, f"{app.name} asks for more than it has.", lines, allow="Accept")

    def _found(self, ask: Ask, address: str) -> tuple[Tenant, User]:
        found = self._find(ask, address)
        if found is None:
            raise LookupError(address)  # refuse_person came before
        return found

    # And back

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        tenant, user = self._found(ask, address)
        call.tenant = tenant.label
        app = self.apps[ask.client_id]
        app.principals |= {tenant.id}
        if ask.extra.get("kind") == _ADMIN:
            self.consents.add(app.client_id, tenant, None, ask.scopes)
            app.tenants |= {tenant.id}
            return redirect(
                ask.redirect_uri,
                {
                    "admin_consent": "True",
                    "tenant": tenant.id,
                    "scope": " ".join(scopes.RESOURCE + name for name in ask.scopes),
                    "state": ask.state,
                },
            )
        is_for_all = "organization" in answer.scopes and user.is_admin
        self.consents.add(app.client_id, tenant, None if is_for_all else user, ask.scopes)
        grant = Grant(
            app.client_id, tenant.label, user.upn, ask.scopes, {"tenant": tenant.id, "user": user.id}
        )
        code = self.book.add_code(
            self.book.add_grant(grant),
            ask.redirect_uri,
            prefix="1.AX",
            challenge=ask.challenge,
            method=ask.method,
            nonce=ask.nonce,
        )
        return self._back(ask, {"code": code, "state": ask.state, "session_state": grant.id})

    def cancel(self, call: Call, ask: Ask) -> Reply:
        if ask.extra.get("kind") == _ADMIN:
            refused = TokenRefusedError(
                "consent_required",
                65004,
                "The resource owner or authorization server denied the request.",
            )
            params = {**_error(call, refused), "admin_consent": "True", "state": ask.state}
            return redirect(ask.redirect_uri, params)
        code, text = 65004, "User declined to consent to access the app."
        if ask.person is not None and not self._may(ask, ask.person):
            code = 90094
            text = f"{self.apps[ask.client_id].name} needs permission that only an admin can grant."
        return self._back(ask, _error(call, TokenRefusedError("access_denied", code, text)))

    def _may(self, ask: Ask, address: str) -> bool:
        asked = self.consent(ask, address)
        return asked is None or asked.is_allowed

    @staticmethod
    def _back(ask: Ask, params: dict[str, str | None]) -> Reply:
        params = {**params, "state": ask.state}
        mode = ask.extra.get("response_mode", "query")
        if mode == "form_post":
            return form_post(VENDOR, ask.redirect_uri, params)
        return redirect(ask.redirect_uri, params, is_fragment=mode == "fragment")


def _error(call: Call, refused: TokenRefusedError) -> dict[str, str | None]:
    body = described(call, refused)
    return {name: body[name] for name in ("error", "error_description", "error_uri")}
