"""GitHub: an App's installation token, docs.github.com/apps, "Generating an installation access token"."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from services.auth.connection.models import Vendor
from services.auth.grant.base import (
    GrantLost,
    Minted,
    RequestRefused,
    TokenRequest,
    VendorAway,
    body_of,
    or_away,
    seconds_of,
)
from services.auth.vault.secret import Secret

APP_KEY = "app_private_key"
JWT_SECONDS = 540
"""GitHub takes ten minutes at most."""
SKEW_SECONDS = 60
GITHUB_HEADERS: Mapping[str, str] = {
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "OneClick",
}
_LOST = {
    401: "GitHub does not accept the App's key. Check the App ID and enter a valid private key.",
    404: "The GitHub App is not installed in this organisation any more. Install it again.",
    403: "The GitHub App's installation is suspended. Unsuspend it in the organisation's settings.",
}


def request_token(api_url: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> TokenRequest:
    """The App's own JWT asks for the installation's token.

    Raises:
        GrantLost: the key is no key.
    """
    try:
        token = app_jwt(str(settings["app_id"]), secrets[APP_KEY].reveal())
    except (ValueError, KeyError) as error:
        raise GrantLost(
            "bad_key", "The GitHub App's private key cannot be used. Enter its PEM file again."
        ) from error
    installation = quote(str(settings["installation_id"]), safe="")
    return TokenRequest(
        f"{api_url.rstrip('/')}/app/installations/{installation}/access_tokens",
        _read,
        None,
        {"authorization": f"Bearer {token}", **GITHUB_HEADERS},
    )


def app_jwt(app_id: str, key: str) -> str:
    """The App's own token, good for some minutes.

    Raises:
        ValueError: the key is no key.
    """
    now = int(time.time())
    try:
        return jwt.encode(
            {"alg": "RS256", "typ": "JWT"},
            {"iss": app_id, "iat": now - SKEW_SECONDS, "exp": now + JWT_SECONDS},
            RSAKey.import_key(key),
        )
    except (JoseError, TypeError) as error:
        raise ValueError("not a private key") from error


def _read(vendor: Vendor, answer: httpx.Response) -> Minted:
    body = body_of(answer)
    token = body.get("token") if answer.is_success and body is not None else None
    if body is not None and isinstance(token, str) and token:
        return Minted(Secret(token), _seconds(body.get("expires_at")))
    if answer.status_code == httpx.codes.FORBIDDEN and answer.headers.get("x-ratelimit-remaining") == "0":
        raise VendorAway("rate_limited", "GitHub limits how fast we may ask for tokens.")
    or_away(vendor, answer, body)
    if answer.status_code in _LOST:
        raise GrantLost(f"http_{answer.status_code}", _LOST[answer.status_code])
    raise RequestRefused(
        f"http_{answer.status_code}", f"GitHub refuses to give a token (HTTP {answer.status_code})."
    )


def _seconds(expires_at: Any) -> int:
    try:
        left = datetime.fromisoformat(str(expires_at)) - datetime.now(UTC)
    except (ValueError, TypeError):
        return seconds_of(None)
    return seconds_of(left.total_seconds())
