"""The auth service as the worker knows it: access tokens and sealed first passwords."""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr

from services.shared.kit.http import correlation_headers
from services.shared.sdk.errors import ConsentLost, ErrorCode, Refused, Transient
from services.shared.sdk.notifying import Certificate
from services.worker.passwords import make_password

MARGIN_SECONDS = 60.0
LONGEST_SECONDS = 10.0
"""A released token is asked for again after this long: nobody works for long with an account that was disconnected, or in
the old one when another was connected in its place."""


@dataclass(frozen=True, slots=True)
class Access:
    """A live token of a connection, and the connection's non-secret settings."""

    token: SecretStr
    connection_id: UUID
    settings: dict[str, Any]
    good_until: float
    """On this process's monotonic clock."""
    credential: str = "default"
    scheme: str = "Bearer"
    """How the header says it; `Plain` is the token and nothing else (ClickUp's personal tokens)."""

    def authorization(self) -> str:
        """The header's value. The one place where the worker reveals a token."""
        token = self.token.get_secret_value()
        return token if self.scheme == "Plain" else f"{self.scheme} {token}"


class Broker:
    """Fetches and briefly keeps access tokens; one fetch at a time per tenant and vendor."""

    def __init__(self, client: httpx.AsyncClient, auth_url: str, service_token: SecretStr) -> None:
        self._client = client
        self._url = auth_url.rstrip("/")
        self._headers = {"X-Service-Token": service_token.get_secret_value()}
        self._kept: dict[tuple[UUID, str, str], Access] = {}
        self._locks: dict[tuple[UUID, str, str], asyncio.Lock] = defaultdict(asyncio.Lock)

    async def access(
        self,
        tenant_id: UUID,
        vendor: str,
        purpose: str,
        *,
        credential: str = "default",
        refused: SecretStr | None = None,
    ) -> Access:
        """A token to work with. `refused` is one that the vendor no longer takes.

        Raises:
            ConsentLost: nothing is connected, or it must be reconnected.
            Transient: the auth service or the vendor's token endpoint is away.
        """
        key = (tenant_id, vendor, credential)
        async with self._locks[key]:
            kept = self._kept.get(key)
            stale = refused is not None and kept is not None and kept.token == refused
            if kept is not None and not stale and kept.good_until > time.monotonic():
                return kept
            body = await self._call(
                "POST",
                "/auth/internal/tenant-token",
                {
                    "tenant_id": str(tenant_id),
                    "provider": vendor,
                    "credential": credential,
                    "purpose": purpose,
                    "force_refresh": refused is not None,
                },
            )
            access = _access(body, credential)
            self._kept[key] = access
            return access

    def forget(self, tenant_id: UUID, vendor: str) -> None:
        """Ask anew for the tokens of this vendor's connection when they are next needed."""
        for key in [key for key in self._kept if key[:2] == (tenant_id, vendor)]:
            del self._kept[key]

    async def first_password(
        self, *, tenant_id: UUID, request_id: UUID, app: str, action_id: UUID, renew: bool
    ) -> SecretStr:
        """The first password of one action: the same at every call, sealed before it is given out.

        One that has lapsed is replaced with `renew`, which must only be said while it was surely
        never used.

        Raises:
            Refused: it has lapsed, and an account may have been made with it.
            Transient: the auth service is away.
        """
        path = f"/auth/internal/first-passwords/{action_id}"
        body = {
            "tenant_id": str(tenant_id),
            "request_id": str(request_id),
            "app": app,
            "password": make_password().get_secret_value(),
        }
        answer = await self._send("PUT", path, body)
        if answer.status_code == httpx.codes.GONE and renew:
            await self._send("DELETE", f"{path}?tenant_id={tenant_id}", None)
            answer = await self._send("PUT", path, body)
        if answer.status_code == httpx.codes.GONE:
            raise Refused(
                "The first password lapsed before it was clear whether the account was made. Look at the "
                "vendor; if the account is there, reset its password there.",
                code=ErrorCode.CONFLICT,
            )
        return SecretStr(_body(answer)["password"])

    async def notification_certificate(self, tenant_id: UUID) -> Certificate:
        """What Microsoft seals rich notifications of this tenant for. The private key stays with the auth service.

        Raises:
            ConsentLost: nothing is connected.
            Transient: the auth service is away.
        """
        body = await self._call(
            "POST", "/auth/internal/notifications/certificate", {"tenant_id": str(tenant_id)}
        )
        return Certificate(id=str(body["certificate_id"]), x509=str(body["certificate"]))

    async def open_notification(
        self, tenant_id: UUID, sealed: Mapping[str, Any], received_at: datetime
    ) -> dict[str, Any] | None:
        """What a rich notification brought along; None when it is not authentic or cannot be read: look yourself.

        Raises:
            ConsentLost: nothing is connected.
            Transient: the auth service is away.
        """
        body = await self._call(
            "POST",
            "/auth/internal/notifications/open",
            {"tenant_id": str(tenant_id), "received_at": received_at.isoformat(), **sealed},
        )
        found = body.get("resource")
        return found if isinstance(found, dict) else None

    async def _call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return _body(await self._send(method, path, body))

    async def _send(self, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
        try:
            return await self._client.request(
                method, self._url + path, json=body, headers={**self._headers, **correlation_headers()}
            )
        except httpx.HTTPError as error:
            raise Transient(
                "OneClick's own sign-in service does not answer.", code=ErrorCode.UNAVAILABLE
            ) from error


def _body(answer: httpx.Response) -> dict[str, Any]:
    if not answer.is_success:
        raise _refusal(answer)
    found: dict[str, Any] = answer.json()
    return found


def _access(body: dict[str, Any], credential: str) -> Access:
    left = (datetime.fromisoformat(body["expires_at"]) - datetime.now(UTC)).total_seconds()
    return Access(
        token=SecretStr(body["access_token"]),
        connection_id=UUID(body["connection_id"]),
        settings=body.get("settings") or {},
        good_until=time.monotonic() + min(max(left - MARGIN_SECONDS, 1.0), LONGEST_SECONDS),
        credential=credential,
        scheme=body.get("token_type") or "Bearer",
    )


def _refusal(answer: httpx.Response) -> ConsentLost | Transient:
    try:
        problem = answer.json()
    except ValueError:
        problem = {}
    code = problem.get("code")
    if answer.status_code == httpx.codes.NOT_FOUND and code == "connection_not_found":
        return ConsentLost("No account of this vendor is connected.", code=ErrorCode.AUTH_EXPIRED)
    if answer.status_code == httpx.codes.CONFLICT:
        return ConsentLost(
            str(problem.get("detail") or "The connected account must be reconnected."),
            code=ErrorCode.AUTH_EXPIRED,
        )
    return Transient(
        "The vendor's sign-in cannot be reached now."
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE
        else f"OneClick's own sign-in service answered {answer.status_code}.",
        code=ErrorCode.UNAVAILABLE,
    )
