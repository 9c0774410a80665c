"""Microsoft: client credentials, learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from services.auth.connection.vendors import MICROSOFT_SCOPE
from services.auth.grant.base import TokenRequest, read_oauth
from services.auth.vault.secret import Secret

CLIENT_SECRET = "client_secret"  # noqa: S105  # a field's name


def request_token(
    login_url: str, token_url: str | None, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
) -> TokenRequest:
    """`token_url` replaces the address that is made of the directory's."""
    directory = quote(str(settings["directory_id"]), safe="")
    return TokenRequest(
        token_url or f"{login_url.rstrip('/')}/{directory}/oauth2/v2.0/token",
        read_oauth,
        {
            "grant_type": "client_credentials",
            "client_id": str(settings["client_id"]),
            "client_secret": secrets[CLIENT_SECRET].reveal(),
            "scope": MICROSOFT_SCOPE,
        },
    )
