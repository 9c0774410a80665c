"""The way through the pages: an authorization request, who signs in, what they say to it, and back to the app."""

from __future__ import annotations

import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from services.sandbox.consent.pages import Consent, Person, consent_page, error_page, picker_page
from services.sandbox.wire.call import Call, Reply

_PAGE_SECONDS = 3600
_MOST_PEOPLE = 12


@dataclass(slots=True, eq=False)
class Ask:
    """An authorization request that passed every check; `extra` holds the vendor's further parameters."""

    client_id: str
    redirect_uri: str
    state: str | None
    scopes: tuple[str, ...]
    challenge: str | None = None
    method: str = "plain"
    nonce: str | None = None
    extra: dict[str, str] = field(default_factory=dict)
    id: str = field(default_factory=lambda: secrets.token_urlsafe(18))
    at: float = field(default_factory=time.time)
    person: str | None = None


@dataclass(slots=True)
class Answer:
    """What the person posted with Allow."""

    scopes: frozenset[str]
    """The boxes that are ticked."""
    choices: dict[str, list[str]]


def read_form(call: Call) -> dict[str, str]:
    """The form in the body; empty when the body is none."""
    if call.content_type != "application/x-www-form-urlencoded":
        return {}
    return dict(parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True))


class Desk(ABC):
    """One authorization server's pages. Each step names the request by its `flow`, which nobody can guess."""

    vendor: str
    app_name = "OneClick"

    def __init__(self) -> None:
        self._asks: dict[str, Ask] = {}

    @abstractmethod
    def people(self, ask: Ask) -> Iterable[Person]:
        """Who may be picked."""

    @abstractmethod
    def refuse_person(self, ask: Ask, address: str) -> Reply | None:
        """The page for somebody who cannot sign in here; None when they can."""

    @abstractmethod
    def consent(self, ask: Ask, address: str) -> Consent | None:
        """What to ask this person; None when they agreed before and nobody asks again."""

    @abstractmethod
    def allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply: ...

    @abstractmethod
    def cancel(self, call: Call, ask: Ask) -> Reply: ...

    def clear(self) -> None:
        self._asks.clear()

    def open(self, call: Call, ask: Ask, hint: str | None = None) -> Reply:
        """The first page; a hint at somebody who can sign in here goes past the picker."""
        self._asks[ask.id] = ask
        if hint and any(one.address.lower() == hint.lower() for one in self.people(ask)):
            return self._sign_in(call, ask, hint)
        people = list(self.people(ask))[:_MOST_PEOPLE]
        return picker_page(self.vendor, self.app_name, call.path, ask.id, people)

    def post(self, call: Call) -> Reply:
        """The next step, as a page posted it."""
        pairs = parse_qsl(call.body.decode("utf-8", "replace"), keep_blank_values=True)
        form = dict(pairs)
        ask = self._asks.get(form.get("flow", ""))
        if ask is None or time.time() - ask.at > _PAGE_SECONDS:
            return error_page(
                self.vendor, "Something went wrong", "This sign-in is over. Start again at the app."
            )
        if form.get("decision") == "cancel":
            del self._asks[ask.id]
            return self.cancel(call, ask)
        if form.get("decision") == "allow" and ask.person is not None:
            asked = self.consent(ask, ask.person)
            if asked is not None and not asked.is_allowed:
                return self._sign_in(call, ask, ask.person)
            answer = Answer(frozenset(value for name, value in pairs if name == "scope"), {})
            for name, value in pairs:
                if name not in {"flow", "decision", "scope", "person"}:
                    answer.choices.setdefault(name, []).append(value)
            return self._allow(call, ask, ask.person, answer)
        if form.get("person"):
            return self._sign_in(call, ask, form["person"].strip())
        return self.open(call, ask)

    def _sign_in(self, call: Call, ask: Ask, address: str) -> Reply:
        refused = self.refuse_person(ask, address)
        if refused is not None:
            return refused
        ask.person = address
        consent = self.consent(ask, address)
        if consent is None:
            return self._allow(call, ask, address, Answer(frozenset(ask.scopes), {}))
        return consent_page(self.vendor, call.path, ask.id, address, consent)

    def _allow(self, call: Call, ask: Ask, address: str, answer: Answer) -> Reply:
        self._asks.pop(ask.id, None)
        return self.allow(call, ask, address, answer)
