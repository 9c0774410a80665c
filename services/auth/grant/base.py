"""What asking for a token is made of. One call, no retry: the broker decides what comes next."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from services.auth.connection.models import Vendor
from services.auth.connection.vendors import TITLES
from services.auth.grant.reasons import NEEDS_REAUTH, explain
from services.auth.vault.secret import Secret

DEFAULT_SECONDS = 300
MAX_SECONDS = 86_400
_WORD = re.compile(r"^[a-z_]{1,64}$")


@dataclass(frozen=True, slots=True)
class Minted:
    """A new access token, for how many seconds it is good, and what the answer told beside it."""

    token: Secret
    expires_in: int
    learned: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the connection that only the vendor knows, e.g. Zoom's `api_url`."""
    refresh_token: Secret | None = None
    """A new one, where the vendor gave one: the old one may be worth nothing from now on."""
    scopes: tuple[str, ...] | None = None
    """What the token may do, where the vendor says so."""


class MintFailed(Exception):
    """Base: no token. `code` and `reason` may be shown to a person."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class VendorAway(MintFailed):
    """No answer, or none that means anything: the same credentials may work later."""


class GrantLost(MintFailed):
    """The vendor says that the credentials are not valid: a person must act."""


class RequestRefused(MintFailed):
    """The vendor refuses for another reason than the credentials."""


Read = Callable[[Vendor, httpx.Response], Minted]


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """One POST to a token endpoint. `form` is sent as a form, `json` as JSON, otherwise the body is empty."""

    url: str
    read: Read
    form: Mapping[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, str] | None = None


def read_oauth(vendor: Vendor, answer: httpx.Response) -> Minted:
    """An OAuth 2.0 token answer (RFC 6749 5.1, 5.2).

    Raises:
        MintFailed: it is none.
    """
    body = body_of(answer)
    token = body.get("access_token") if answer.is_success and body is not None else None
    if body is not None and isinstance(token, str) and token and _is_bearer(body):
        return Minted(
            Secret(token),
            seconds_of(body.get("expires_in")),
            refresh_token=secret_of(body.get("refresh_token")),
            scopes=scopes_of(body.get("scope")),
        )
    body = or_away(vendor, answer, body)
    word = body.get("error")
    word = word if isinstance(word, str) and _WORD.match(word) else "unknown"
    if word == "temporarily_unavailable":
        raise VendorAway(word, f"{TITLES[vendor]} is temporarily unavailable.")
    numbers = body.get("error_codes")
    code, reason = explain(
        vendor,
        word,
        str(body.get("error_description", "")),
        tuple(str(number) for number in numbers) if isinstance(numbers, list) else (),
    )
    raise (GrantLost if word in NEEDS_REAUTH else RequestRefused)(code, reason)


def body_of(answer: httpx.Response) -> dict[str, Any] | None:
    """The JSON object of an answer; None when there is none."""
    try:
        body = answer.json()
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


def or_away(vendor: Vendor, answer: httpx.Response, body: dict[str, Any] | None) -> dict[str, Any]:
    """The body of a refusal.

    Raises:
        VendorAway: it is no refusal: 5xx, 408, 429, or not the vendor's language.
    """
    if not 400 <= answer.status_code < 500 or answer.status_code in {408, 429} or body is None:  # noqa: PLR2004  # HTTP statuses
        raise VendorAway(
            f"http_{answer.status_code}",
            f"{TITLES[vendor]} did not give a token (HTTP {answer.status_code}).",
        )
    return body


def secret_of(value: Any) -> Secret | None:
    """A secret of an answer, if it is there."""
    return Secret(value) if isinstance(value, str) and value else None


def scopes_of(value: Any) -> tuple[str, ...] | None:
    """Scopes as text (with spaces or commas) or as a list; None when the answer does not say."""
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if isinstance(value, list):
        return tuple(map(str, value))
    return None


def _is_bearer(body: Mapping[str, Any]) -> bool:
    return str(body.get("token_type", "Bearer")).lower() == "bearer"


def seconds_of(value: Any) -> int:
    """A lifetime within bounds, whatever the vendor says."""
    try:
        return max(1, min(int(value), MAX_SECONDS))
    except (TypeError, ValueError):
        return DEFAULT_SECONDS
