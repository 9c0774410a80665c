"""Calls to vendors while connecting: one request, a whole answer within a time, errors in plain words."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx

from services.auth.connection.models import Vendor
from services.auth.connection.vendors import TITLES
from services.auth.grant.base import body_of
from services.auth.method.base import VendorRefused, VendorUnreachable
from services.shared.kit.http import HTTP_FAILURES

SECONDS = 8.0


class VendorHttp:
    """Sends over the service's client; `timeout` is for a whole answer, in seconds."""

    def __init__(self, client: httpx.AsyncClient, *, timeout: float = SECONDS) -> None:
        self._client = client
        self._timeout = timeout

    async def send(
        self,
        vendor: Vendor,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        json: Any = None,
    ) -> httpx.Response:
        """One request.

        Raises:
            VendorUnreachable: no answer, or the vendor has troubles of its own (408, 429, 5xx).
        """
        title = TITLES[vendor]
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._client.request(
                    method,
                    url,
                    params=dict(query) if query else None,
                    data=dict(form) if form is not None else None,
                    json=json,
                    headers={"accept": "application/json", "user-agent": "OneClick", **(headers or {})},
                )
        except HTTP_FAILURES as error:
            raise VendorUnreachable(f"{title} cannot be reached. Try again in a moment.") from error
        if answer.is_server_error or answer.status_code in {408, 429}:
            raise VendorUnreachable(
                f"{title} does not answer properly now (HTTP {answer.status_code}). Try again in a moment."
            )
        return answer

    async def read(
        self,
        vendor: Vendor,
        url: str,
        token: str,
        *,
        scheme: str = "Bearer",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        refused: Mapping[int, str] | None = None,
        field: str | None = None,
    ) -> dict[str, Any]:
        """GET an object with a token. `refused` has sentences for statuses, `field` is what they blame.

        Raises:
            VendorUnreachable: as `send`.
            VendorRefused: any other refusal, or no JSON object.
        """
        authorization = token if scheme == "Plain" else f"{scheme} {token}"
        answer = await self.send(
            vendor, "GET", url, query=query, headers={"authorization": authorization, **(headers or {})}
        )
        body = body_of(answer)
        if answer.is_success and body is not None:
            return body
        title = TITLES[vendor]
        sentence = (refused or {}).get(answer.status_code)
        if sentence is None and answer.is_success:
            sentence = f"{title} answers in a way that OneClick does not understand. Check the address."
        if sentence is None:
            sentence = f"{title} refuses to be read (HTTP {answer.status_code}). Check what was granted."
        raise VendorRefused(sentence, field=field)
