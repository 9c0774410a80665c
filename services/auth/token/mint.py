"""Ask a vendor for an access token. One call, no retry: the broker decides what comes next.

Google: service account with domain-wide delegation, RFC 7523 assertion with the administrator as `sub`.
Microsoft: client credentials, learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from services.auth.connection.models import Vendor
from services.auth.connection.seed import CLIENT_SECRET, SERVICE_ACCOUNT_KEY
from services.auth.connection.vendors import GOOGLE_SCOPES, MICROSOFT_SCOPE
from services.auth.settings import VendorSettings
from services.auth.token.reasons import NEEDS_REAUTH, explain
from services.auth.vault.secret import Secret

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_SECONDS = 3600
DEFAULT_SECONDS = 300
MAX_SECONDS = 86_400
_WORD = re.compile(r"^[a-z_]{1,64}$")


@dataclass(frozen=True, slots=True)
class Minted:
    """A new access token and for how many seconds it is good."""

    token: Secret
    expires_in: int


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


class Minter:
    """Knows how each vendor gives tokens. `timeout` is for the whole answer, in seconds."""

    def __init__(
        self, client: httpx.AsyncClient, settings: VendorSettings, *, timeout: float
    ) -> None:  # a setting, applied by asyncio.timeout below
        self._client = client
        self._settings = settings
        self._timeout = timeout

    async def mint(
        self, vendor: Vendor, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
    ) -> Minted:
        """A new access token.

        Raises:
            VendorAway: timeout, connection error, 5xx, 429 or an answer that is not a token.
            GrantLost: the credentials are refused.
            RequestRefused: anything else is refused.
        """
        if vendor is Vendor.GOOGLE:
            url, form = self._settings.google_token_url, self._google(settings, secrets)
        else:
            url, form = self._microsoft(settings, secrets)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.post(url, data=form, headers={"accept": "application/json"})
        except TimeoutError as error:
            raise VendorAway("timeout", f"{vendor.value.title()} does not answer.") from error
        except httpx.HTTPError as error:
            raise VendorAway("connection", f"{vendor.value.title()} cannot be reached.") from error
        return _read(vendor, answer)

    def _google(self, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> dict[str, str]:
        now = int(time.time())
        try:
            key = RSAKey.import_key(secrets[SERVICE_ACCOUNT_KEY].reveal())
            assertion = jwt.encode(
                {"alg": "RS256", "typ": "JWT", "kid": settings["key_id"]},
                {
                    "iss": settings["service_account"],
                    "sub": settings["admin_subject"],
                    "scope": " ".join(GOOGLE_SCOPES),
                    "aud": self._settings.google_token_url,
                    "iat": now,
                    "exp": now + ASSERTION_SECONDS,
                },
                key,
            )
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise GrantLost(
                "bad_key", "The service account's private key cannot be used. Enter its JSON file again."
            ) from error
        return {"grant_type": JWT_BEARER, "assertion": assertion}

    def _microsoft(
        self, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
    ) -> tuple[str, dict[str, str]]:
        directory = quote(str(settings["directory_id"]), safe="")
        url = (
            self._settings.ms_graph_token_url
            or f"{self._settings.ms_login_url.rstrip('/')}/{directory}/oauth2/v2.0/token"
        )
        return url, {
            "grant_type": "client_credentials",
            "client_id": str(settings["client_id"]),
            "client_secret": secrets[CLIENT_SECRET].reveal(),
            "scope": MICROSOFT_SCOPE,
        }


def _read(vendor: Vendor, answer: httpx.Response) -> Minted:
    name = vendor.value.title()
    try:
        body = answer.json()
    except ValueError:
        body = None
    token = body.get("access_token") if answer.is_success and isinstance(body, dict) else None
    if isinstance(body, dict) and isinstance(token, str) and token and _is_bearer(body):
        return Minted(Secret(token), _seconds(body.get("expires_in")))
    if not 400 <= answer.status_code < 500 or answer.status_code in {408, 429} or not isinstance(body, dict):  # noqa: PLR2004  # HTTP statuses
        raise VendorAway(
            f"http_{answer.status_code}", f"{name} did not give a token (HTTP {answer.status_code})."
        )
    word = body.get("error")
    word = word if isinstance(word, str) and _WORD.match(word) else "unknown"
    if word == "temporarily_unavailable":
        raise VendorAway(word, f"{name} is temporarily unavailable.")
    numbers = body.get("error_codes")
    code, reason = explain(
        vendor,
        word,
        str(body.get("error_description", "")),
        tuple(str(number) for number in numbers) if isinstance(numbers, list) else (),
    )
    raise (GrantLost if word in NEEDS_REAUTH else RequestRefused)(code, reason)


def _is_bearer(body: Mapping[str, Any]) -> bool:
    return str(body.get("token_type", "Bearer")).lower() == "bearer"


def _seconds(value: Any) -> int:
    try:
        return max(1, min(int(value), MAX_SECONDS))
    except (TypeError, ValueError):
        return DEFAULT_SECONDS
