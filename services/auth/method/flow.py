"""To the vendor and back: what both legs know, and exchanging the code (RFC 6749 4.1, RFC 7636)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from services.auth.connection.models import Method, Vendor
from services.auth.connection.vendors import TITLES
from services.auth.grant.base import Minted, MintFailed, VendorAway, body_of, read_oauth
from services.auth.method.base import AccessDenied, StateInvalid, VendorRefused, VendorUnreachable
from services.auth.method.desk import Desk
from services.auth.vault.secret import Secret


@dataclass(frozen=True, slots=True)
class Going:
    """A person about to leave. `external_id` is set where only one company at the vendor will do."""

    method: Method
    state: str
    nonce: str
    verifier: Secret
    redirect_uri: str
    external_id: str | None = None
    second_leg: bool = False

    def pkce(self) -> dict[str, str]:
        """The challenge, for vendors that have PKCE."""
        return {
            "code_challenge": str(create_s256_code_challenge(self.verifier.reveal())),
            "code_challenge_method": "S256",
        }


@dataclass(frozen=True, slots=True)
class Back:
    """A person who came back with the vendor's `query`; the state was theirs and is used up."""

    method: Method
    query: Mapping[str, str]
    nonce: str
    verifier: Secret
    redirect_uri: str
    external_id: str | None = None
    second_leg: bool = False

    def code_grant(self, *, pkce: bool = True) -> dict[str, str]:
        """The form that exchanges the code."""
        form = {
            "grant_type": "authorization_code",
            "code": self.query["code"],
            "redirect_uri": self.redirect_uri,
        }
        return {**form, "code_verifier": self.verifier.reveal()} if pkce else form


@dataclass(frozen=True, slots=True)
class Onward:
    """Not done: the person has to go to the vendor once more, for this company."""

    external_id: str


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What the code was worth."""

    body: Mapping[str, Any]
    minted: Minted


def with_query(url: str, **values: str) -> str:
    """An address with its parameters."""
    separator = "&" if urlsplit(url).query else "?"
    return f"{url}{separator}{urlencode(values)}"


def answered(back: Back, *, issuer: str | None = None) -> None:
    """Pass when the vendor did not refuse and, where it names itself (RFC 9207), is the one that was asked.

    Raises:
        AccessDenied: the person said no.
        VendorRefused: another error.
        StateInvalid: another issuer answered.
    """
    said = back.query.get("iss")
    if said is not None and issuer is not None and said != issuer:
        raise StateInvalid("The answer is from another authorization server.")
    error = back.query.get("error")
    if error is None:
        return
    if error in {"access_denied", "consent_required", "interaction_required"}:
        raise AccessDenied("The consent was not given at the vendor.")
    if error in {"server_error", "temporarily_unavailable"}:
        raise VendorUnreachable("The vendor has troubles of its own. Try again in a moment.")
    raise VendorRefused("The vendor refused the request. Try again, or ask whoever runs OneClick.")


async def form_exchange(
    desk: Desk,
    vendor: Vendor,
    url: str,
    form: Mapping[str, str],
    *,
    headers: Mapping[str, str] | None = None,
    as_json: bool = False,
) -> Exchanged:
    """POST the code to a token endpoint.

    Raises:
        VendorUnreachable, VendorRefused: no token.
    """
    if not form.get("code", "x"):
        raise VendorRefused(f"{TITLES[vendor]} sent no code. Try again.")
    if as_json:
        answer = await desk.http.send(vendor, "POST", url, json=dict(form), headers=headers)
    else:
        answer = await desk.http.send(vendor, "POST", url, form=form, headers=headers)
    try:
        minted = read_oauth(vendor, answer)
    except VendorAway as error:
        raise VendorUnreachable(error.reason) from error
    except MintFailed as error:
        raise VendorRefused(error.reason) from error
    return Exchanged(body_of(answer) or {}, minted)
