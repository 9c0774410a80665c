"""SCIM applications with client credentials (RFC 6749 4.4), the secret in the Basic header."""

import base64
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote_plus

from services.auth.grant.base import TokenRequest, read_oauth
from services.auth.vault.secret import Secret

CLIENT_SECRET = "client_secret"  # noqa: S105  # a field's name


def request_token(settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> TokenRequest:
    """Name and secret are form-encoded before they become the header (RFC 6749 2.3.1)."""
    pair = f"{quote_plus(str(settings['client_id']))}:{quote_plus(secrets[CLIENT_SECRET].reveal())}"
    return TokenRequest(
        str(settings["token_url"]),
        read_oauth,
        {"grant_type": "client_credentials"},
        {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
    )
