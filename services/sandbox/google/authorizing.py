"""`/o/oauth2/v2/auth`: what a request must say, and the pages.

From developers.google.com/identity/protocols/oauth2/web-server and .../oauth2/resources/granular-permissions: what is
wrong with a request is said on Google's own page, never sent back to the app; a person may untick scopes; a refresh
token comes with `access_type=offline` and only when the person was asked (the first time, or by `prompt=consent`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NoReturn

from services.sandbox.consent.desk import Answer, Ask, Desk
from services.sandbox.consent.grants import Grant, GrantBook
from services.sandbox.consent.pages import Consent, Person, Scope, error_page, redirect
from services.sandbox.consent.pkce import METHODS, PLAIN, is_challenge
from services.sandbox.consent.redirects import Redirects
from services.sandbox.google.state import Customer, User
from services.sandbox.google.tokens import DELEGATED_SCOPES, SCOPE
from services.sandbox.wire.call import Call, Reply

VENDOR = "Google"
OPENID = "openid"
_ALIASES = {"email": f"{SCOPE}userinfo.email", "profile": f"{SCOPE}userinfo.profile"}
IDENTITY = {
    OPENID: "Associate you with your personal info on Google",
    f"{SCOPE}userinfo.email": "See your primary Google Account email address",
    f"{SCOPE}userinfo.profile": "See your personal info, including any personal info you've made publicly available",
}
"""Signing in: these cannot be unticked."""
_OTHERS = frozenset(SCOPE + name for name in ("calendar.readonly", "calendar.events.readonly", "gmail.send"))
KNOWN = frozenset(IDENTITY) | DELEGATED_SCOPES | _OTHERS
_PROMPTS = frozenset({"none", "consent", "select_account"})


@dataclass(frozen=True, slots=True)
class Client:
    """A web application's OAuth client."""

    id: str
    secret: str


class _BlockedError(Exception):
    def __init__(self, error: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.error = error
        self.text = text
        self.status = status


class GoogleDesk(Desk):
    """The pages. `customers` is replaced at each reset; mode `policy` `enforced`: an administrator blocks the app."""

    vendor = VENDOR

    def __init__(self, client: Client, book: GrantBook, redirects: Redirects) -> None:
        super().__init__()
        self.client = client
        self.book = book
        self.redirects = redirects
        self.agreed: dict[tuple[str, str], set[str]] = {}
        """Client and address to the scopes that the person agreed to."""
        self.customers: dict[str, Customer] = {}
        self.public_url: str | None = None

    def clear(self) -> None:
        super().clear()
        self.agreed.clear()

    def forget(self, client_id: str, person: str) -> None:
        """The person's consent is gone: the next time they are asked again."""
        self.agreed.pop((client_id, person), None)

    def authorize(self, call: Call, modes: dict[str, str]) -> Reply:
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        try:
            ask = self._check(query)
            if modes.get("policy") == "enforced":
                _block("admin_policy_enforced", "Access to your account data is restricted by policies.")
        except _BlockedError as blocked:
            text = f"{blocked.text} Error {blocked.status}: {blocked.error}"
            return error_page(VENDOR, "Access blocked: authorization error", text, blocked.status)
        if query.get("prompt") == "none":
            return redirect(ask.redirect_uri, {"error": "interaction_required", "state": ask.state})
        hint = query.get("login_hint") if "select_account" not in query.get("prompt", "").split() else None
        return self.open(call, ask, hint)

    def _check(self, query: dict[str, str]) -> Ask:
        client_id, uri = query.get("client_id"), query.get("redirect_uri", "")
        if not client_id:
            _block("invalid_request", "Missing required parameter: client_id")
        if client_id != self.client.id:
            _block("invalid_client", "The OAuth client was not found.", 401)
        if not uri:
            _block("invalid_request", "Missing required parameter: redirect_uri")
        if not self.redirects.allows(uri):
            _block(
                "redirect_uri_mismatch", f"You can't sign in because this app sent an invalid request. {uri}"
            )
        if query.get("response_type") != "code":
            what = query.get("response_type")
            _block(
                "invalid_request" if not what else "unsupported_response_type",
                "Missing required parameter: response_type" if not what else f"Invalid response_type: {what}",
            )
        if query.get("access_type", "online") not in {"online", "offline"}:
            _block("invalid_request", f"Invalid parameter value for access_type: {query['access_type']}")
        if set(query.get("prompt", "").split()) - _PROMPTS:
            _block("invalid_request", f"Invalid parameter value for prompt: {query['prompt']}")
        challenge, method = query.get("code_challenge"), query.get("code_challenge_method", PLAIN)
        if challenge is not None and (method not in METHODS or not is_challenge(challenge)):
            _block("invalid_request", "Invalid code_challenge or code_challenge_method.")
        return Ask(
            client_id,
            uri,
            query.get("state"),
            read_scopes(query.get("scope", "")),
            challenge,
            method,
            query.get("nonce"),
            {name: query.get(name, "") for name in ("access_type", "prompt", "include_granted_scopes", "hd")},
        )

    def find(self, address: str) -> tuple[Customer, User] | None:
        for customer in self.customers.values():
            user = customer.find_user(address)
            if user is not None and customer.owns(address):
                return customer, user
        return None

    def people(self, ask: Ask) -> Iterable[Person]:
        for customer in self.customers.values():
            if ask.extra["hd"] not in {"", "*", *customer.domains}:
                continue
            users = sorted(customer.users.values(), key=lambda one: not one.is_admin)
            for user in users[:6]:
                name = user.fields.get("name") or {}
                note = f"{customer.name}, administrator" if user.is_admin else customer.name
                yield Person(user.primary_email, f"{name.get('givenName')} {name.get('familyName')}", note)

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:  # noqa: ARG002 - one door for everybody
        found = self.find(address)
        if found is None:
            return error_page(VENDOR, "Sign in", f"Couldn't find your Google Account: {address}")
        if found[1].is_suspended:
            return error_page(VENDOR, "Sign in", "Your account has been disabled.")
        return None

    def consent(self, ask: Ask, address: str) -> Consent | None:
        agreed = self.agreed.get((ask.client_id, self._address(address)), set())
        if "consent" not in ask.extra["prompt"].split() and set(ask.scopes) <= agreed:
            return None
        others = [name for name in ask.scopes if name not in IDENTITY]
        lines = [
            Scope(name, IDENTITY.get(name) or _text(name), is_optional=name in others and len(others) > 1)
            for name in ask.scopes
        ]
        return Consent(
            f"{self.app_name} wants access to your Google Account",
            f"Select what {self.app_name} can access:",
            lines,
            allow="Continue",
        )

    def _address(self, address: str) -> str:
        """The primary address: people may sign in by an alias."""
        found = self.find(address)
        return found[1].primary_email if found else address

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        found = self.find(address)
        if found is None:
            return error_page(VENDOR, "Sign in", f"Couldn't find your Google Account: {address}")
        customer, user = found
        asked = self.consent(ask, address)
        scopes = ask.scopes
        if asked is not None:
            fixed = {line.name for line in asked.scopes if not line.is_optional}
            scopes = tuple(name for name in ask.scopes if name in fixed | answer.scopes)
        if not scopes:
            return self.cancel(call, ask)
        call.tenant = customer.primary_domain
        agreed = self.agreed.setdefault((ask.client_id, user.primary_email), set())
        agreed.update(scopes)
        if ask.extra["include_granted_scopes"] == "true":
            scopes = (*scopes, *sorted(agreed - set(scopes)))
        grant = Grant(
            ask.client_id,
            customer.primary_domain,
            user.primary_email,
            scopes,
            {"offline": ask.extra["access_type"] == "offline" and asked is not None},
        )
        code = self.book.add_code(
            self.book.add_grant(grant),
            ask.redirect_uri,
            prefix="4/0A",
            challenge=ask.challenge,
            method=ask.method,
            nonce=ask.nonce,
        )
        params = {
            "state": ask.state,
            "iss": f"{self.public_url or call.base_url}/google",
            "code": code,
            "scope": " ".join(scopes),
            "authuser": "0",
            "hd": customer.primary_domain,
            "prompt": "none" if asked is None else "consent",
        }
        return redirect(ask.redirect_uri, params)

    def cancel(self, call: Call, ask: Ask) -> Reply:  # noqa: ARG002 - the error is the same from every page
        return redirect(ask.redirect_uri, {"error": "access_denied", "state": ask.state})


def read_scopes(text: str) -> tuple[str, ...]:
    """The scopes as Google answers them: `email` and `profile` by their long names."""
    names = dict.fromkeys(_ALIASES.get(word, word) for word in text.split())
    if not names:
        _block("invalid_request", "Missing required parameter: scope")
    unknown = [name for name in names if name not in KNOWN]
    if unknown:
        _block("invalid_scope", f"Some requested scopes were invalid. {{invalid=[{', '.join(unknown)}]}}")
    return tuple(names)


def _text(name: str) -> str:
    words = name.removeprefix(SCOPE).replace(".", " ")
    return (
        f"See {words.removesuffix(' readonly')}" if words.endswith("readonly") else f"See and manage {words}"
    )


def _block(error: str, text: str, status: int = 400) -> NoReturn:
    raise _BlockedError(error, text, status)
