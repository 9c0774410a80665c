"""Ask a vendor for an access token. One call, no retry: the broker decides what comes next."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from services.auth.connection.models import Method, Vendor
from services.auth.connection.vendors import TITLES
from services.auth.environment.vendors import VendorSettings
from services.auth.grant import github, google, microsoft, scim, static, zoom
from services.auth.grant.base import Minted, TokenRequest, VendorAway
from services.auth.vault.secret import Secret


class Minter:
    """Knows how each vendor gives tokens. `timeout` is for the whole answer, in seconds."""

    def __init__(
        self, client: httpx.AsyncClient, settings: VendorSettings, *, timeout: float
    ) -> None:  # a setting, applied by asyncio.timeout below
        self._client = client
        self._settings = settings
        self._timeout = timeout

    async def mint(
        self,
        vendor: Vendor,
        method: Method,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Secret],
        *,
        credential: str = "default",
    ) -> Minted:
        """A new access token.

        Raises:
            VendorAway: timeout, connection error, 5xx, 429 or an answer that is not a token.
            GrantLost: the credentials are refused.
            RequestRefused: anything else is refused.
        """
        if method is Method.TOKEN:
            return static.give_token(credential, secrets)
        request = self._request(vendor, settings, secrets)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.post(
                    request.url,
                    data=dict(request.form) if request.form is not None else None,
                    headers={"accept": "application/json", **request.headers},
                )
        except TimeoutError as error:
            raise VendorAway("timeout", f"{TITLES[vendor]} does not answer.") from error
        except httpx.HTTPError as error:
            raise VendorAway("connection", f"{TITLES[vendor]} cannot be reached.") from error
        return request.read(vendor, answer)

    def _request(
        self, vendor: Vendor, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
    ) -> TokenRequest:
        known = self._settings
        match vendor:
            case Vendor.GOOGLE:
                return google.request_token(known.google_token_url, settings, secrets)
            case Vendor.MICROSOFT:
                return microsoft.request_token(
                    known.ms_login_url, known.ms_graph_token_url, settings, secrets
                )
            case Vendor.GITHUB:
                return github.request_token(known.github_api_url, settings, secrets)
            case Vendor.ZOOM:
                return zoom.request_token(known.zoom_token_url, settings, secrets)
            case _:
                return scim.request_token(settings, secrets)
