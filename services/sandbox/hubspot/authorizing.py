"""`/oauth/authorize`: installing the app into a HubSpot account.

From developers.hubspot.com/docs/api/working-with-oauth: the scopes of the address must be those that the app requires,
`optional_scope` is granted where the account has what it needs, and only a super admin (or who may install apps) can
install. What is wrong with a request is said on HubSpot's page.
"""

from __future__ import annotations

from collections.abc import Iterable

from services.sandbox.consent.desk import Answer, Ask, Desk
from services.sandbox.consent.grants import Grant, GrantBook
from services.sandbox.consent.pages import Choice, Consent, Person, Scope, error_page, redirect
from services.sandbox.consent.redirects import Redirects
from services.sandbox.hubspot.state import Portal, User
from services.sandbox.wire.call import Call, Reply

VENDOR = "HubSpot"
CLIENT_ID, CLIENT_SECRET = "sandbox-hubspot-client", "sandbox-hubspot-secret"
REQUIRED = ("oauth", "settings.users.read", "settings.users.write", "settings.users.teams.read")
OPTIONAL = (
    "settings.billing.write",
    "crm.objects.owners.read",
    "crm.objects.users.read",
    "crm.objects.users.write",
)
"""What the app's settings list. The address must name all of the required ones."""


class HubSpotDesk(Desk):
    """The pages. `portals` is replaced at each reset; mode `optional` `off`: the account has none of the optional ones."""

    vendor = VENDOR

    def __init__(self, book: GrantBook, redirects: Redirects) -> None:
        super().__init__()
        self.book = book
        self.redirects = redirects
        self.portals: dict[int, Portal] = {}

    def authorize(self, call: Call, modes: dict[str, str]) -> Reply:
        if call.method == "POST":
            return self.post(call)
        query = dict(call.query)
        asked, optional = query.get("scope", "").split(), query.get("optional_scope", "").split()
        wrong = self._wrong(query, asked, optional)
        if wrong is not None:
            return error_page(VENDOR, "Authorization failed", wrong)
        has_optional = modes.get("optional", "on") == "on"
        scopes = tuple(dict.fromkeys([*asked, *(optional if has_optional else [])]))
        return self.open(call, Ask(CLIENT_ID, query["redirect_uri"], query.get("state"), scopes))

    def _wrong(self, query: dict[str, str], asked: list[str], optional: list[str]) -> str | None:
        if query.get("client_id") != CLIENT_ID:
            return "Authorization failed because the app's client ID is not known."
        if not self.redirects.allows(query.get("redirect_uri")):
            return (
                f"Authorization failed as the redirect URL '{query.get('redirect_uri', '')}' doesn't match the app's"
                " registered redirect URL."
            )
        unknown = set(asked) - {*REQUIRED, *OPTIONAL} | set(optional) - set(OPTIONAL)
        if unknown or set(REQUIRED) - set(asked):
            return (
                "Authorization failed because there is a mismatch between the scopes in the install URL and the"
                f" app's configured scopes: {' '.join(sorted(unknown or set(REQUIRED) - set(asked)))}."
            )
        return None

    def find(self, address: str) -> list[tuple[Portal, User]]:
        found = ((portal, portal.find_user(address, by_email=True)) for portal in self.portals.values())
        return [(portal, user) for portal, user in found if user is not None]

    def people(self, ask: Ask) -> Iterable[Person]:  # noqa: ARG002 - one door for everybody
        for portal in self.portals.values():
            for user in sorted(portal.users.values(), key=lambda one: not one.super_admin)[:6]:
                note = f"{portal.name}, super admin" if user.super_admin else portal.name
                yield Person(user.email, f"{user.first_name} {user.last_name}", note)

    def refuse_person(self, ask: Ask, address: str) -> Reply | None:  # noqa: ARG002 - the same
        if self.find(address):
            return None
        return error_page(VENDOR, "Log in", "That email doesn't exist, or belongs to no account.")

    def consent(self, ask: Ask, address: str) -> Consent | None:
        mine = [(portal, user) for portal, user in self.find(address) if user.super_admin]
        return Consent(
            f"Connect {self.app_name} to HubSpot",
            "Review what the app may do in the account."
            if mine
            else "You don't have permission to install apps in this account. Ask a super admin.",
            [Scope(name, name) for name in ask.scopes] if mine else (),
            [
                Choice(
                    "portal",
                    "Choose an account",
                    [(str(one.id), f"{one.name} ({one.id})") for one, _ in mine],
                )
            ],
            allow="Connect app",
            is_allowed=bool(mine),
        )

    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        chosen = answer.choices.get("portal", [""])[0]
        for portal, user in self.find(address):
            if str(portal.id) == chosen and user.super_admin:
                call.tenant = portal.domain
                grant = Grant(ask.client_id, portal.domain, user.email, ask.scopes, {"portal": portal.id})
                code = self.book.add_code(self.book.add_grant(grant), ask.redirect_uri, prefix="na1-")
                return redirect(ask.redirect_uri, {"code": code, "state": ask.state})
        return error_page(VENDOR, "Authorization failed", "Choose an account.")

    def cancel(self, call: Call, ask: Ask) -> Reply:  # noqa: ARG002 - the same from every page
        text = "The user denied access to the app."
        return redirect(
            ask.redirect_uri, {"error": "access_denied", "error_description": text, "state": ask.state}
        )
