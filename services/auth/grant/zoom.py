"""Zoom: server-to-server OAuth, developers.zoom.us/docs/internal-apps/s2s-oauth. There is no refresh token."""

import base64
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx

from services.auth.connection.models import Vendor
from services.auth.grant.base import Minted, TokenRequest, body_of, read_oauth
from services.auth.vault.secret import Secret

CLIENT_SECRET = "client_secret"  # noqa: S105  # a field's name


def request_token(url: str, settings: Mapping[str, Any], secrets: Mapping[str, Secret]) -> TokenRequest:
    """`account_credentials` with Basic authentication."""
    pair = f"{settings['client_id']}:{secrets[CLIENT_SECRET].reveal()}"
    return TokenRequest(
        url,
        _read,
        {"grant_type": "account_credentials", "account_id": str(settings["account_id"])},
        {"authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"},
    )


def _read(vendor: Vendor, answer: httpx.Response) -> Minted:
    minted = read_oauth(vendor, answer)
    address = (body_of(answer) or {}).get("api_url")
    if isinstance(address, str) and address.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        return replace(minted, learned={"api_url": address.rstrip("/")})
    return minted
