"""Ask a vendor for an access token. One call, no retry: the broker decides what comes next."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx

from services.auth.connection.models import Method, Vendor
from services.auth.connection.vendors import TITLES
from services.auth.environment.vendors import VendorSettings
from services.auth.grant import github, google, microsoft, refresh, scim, static, zoom
from services.auth.grant.base import GrantLost, Minted, RequestRefused, TokenRequest, VendorAway
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
        if method is Method.TOKEN or static.FIELDS.get(credential) in secrets:
            return static.give_token(credential, secrets)
        request = self._request(vendor, method, settings, secrets)
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.post(
                    request.url,
                    data=dict(request.form) if request.form is not None else None,
                    json=dict(request.json) if request.json is not None else None,
                    headers={"accept": "application/json", **request.headers},
                )
        except TimeoutError as error:
            raise VendorAway("timeout", f"{TITLES[vendor]} does not answer.") from error
        except httpx.HTTPError as error:
            raise VendorAway("connection", f"{TITLES[vendor]} cannot be reached.") from error
        return request.read(vendor, answer)

    def _request(
        self, vendor: Vendor, method: Method, settings: Mapping[str, Any], secrets: Mapping[str, Secret]
    ) -> TokenRequest:
        known = self._settings
        if method is Method.AUTHORIZATION_CODE:
            token = secrets.get(refresh.REFRESH_TOKEN)
            if token is None:
                raise GrantLost("no_credential", "The connection has no consent any more. Connect it again.")
            return refresh.request_token(vendor, self._client_at(vendor, settings), token, settings)
        if method is Method.ADMIN_CONSENT:
            settings, secrets = self._as_our_app(settings)
        if method is Method.APP_INSTALLATION and github.APP_KEY not in secrets:
            key = known.github_oauth_app_private_key
            secrets = {} if key is None else {github.APP_KEY: Secret(key.get_secret_value())}
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

    def _client_at(self, vendor: Vendor, settings: Mapping[str, Any]) -> refresh.Client:
        """This installation's registration, and the vendor's token endpoint."""
        known = self._settings
        client = known.client_of(vendor)
        urls = {
            Vendor.GOOGLE: known.google_token_url,
            Vendor.MICROSOFT: (
                f"{known.ms_login_url.rstrip('/')}/{quote(str(settings.get('directory_id')), safe='')}/oauth2/v2.0/token"
            ),
            Vendor.ATLASSIAN: f"{known.atlassian_auth_url.rstrip('/')}/oauth/token",
            Vendor.HUBSPOT: f"{known.hubspot_api_url.rstrip('/')}/oauth/v1/token",
            Vendor.SLACK: f"{known.slack_api_url.rstrip('/')}/oauth.v2.access",
        }
        if client is None or vendor not in urls:
            raise RequestRefused(
                "not_configured",
                f"This installation is no longer registered with {TITLES[vendor]}. Set its client id and secret again.",
            )
        return refresh.Client(urls[vendor], *client)

    def _as_our_app(self, settings: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Secret]]:
        """The directory's settings with the installation's own app."""
        client = self._client_at(Vendor.MICROSOFT, settings)
        return {**settings, "client_id": client.client_id}, {microsoft.CLIENT_SECRET: Secret(client.secret)}
