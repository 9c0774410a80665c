"""Talking to vendors: signed in, recorded, guarded, and with every write noted before it leaves."""

import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
from pydantic import SecretStr, ValidationError

from services.shared.domain.provisioning.executing import Exchange
from services.shared.domain.provisioning.states import EffectState
from services.shared.kit.faults import faultpoint
from services.shared.kit.http import create_client
from services.shared.kit.logging import redact
from services.shared.sdk.contract import Context, Known, Person, Provider
from services.shared.sdk.errors import ConsentLost, ErrorCode
from services.shared.sdk.guard import SAFE_METHODS, ReadOnlyTransport, credential_for
from services.worker.broker import Access, Broker
from services.worker.metrics import VENDOR_CALLS, VENDOR_SECONDS

KEPT_BYTES = 32_768
BeforeWrite = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Ledger:
    """What one attempt said to a vendor."""

    purpose: str
    attempt: int = 1
    before_write: BeforeWrite | None = None
    """Called once, just before the first write leaves. None while planning."""
    exchanges: list[Exchange] = field(default_factory=list)
    writes: int = 0
    refused: int = 0

    def effect_after_error(self, before: EffectState | None) -> EffectState | None:
        """What we know of the effect now: nothing new, surely nothing happened, or unknown."""
        if self.writes == 0:
            return before
        maybe_before = before in {EffectState.SENT, EffectState.UNKNOWN}
        return EffectState.INTENT if self.refused == self.writes and not maybe_before else EffectState.UNKNOWN


@dataclass(frozen=True, slots=True)
class Doors:
    """Where a provider may call, and which of the connection's credentials opens what."""

    bases: Mapping[str, str]
    credentials: Mapping[str, str]

    def credential(self, url: httpx.URL) -> str:
        """The credential for an address.

        Raises:
            ForeignAddress: it is none of ours to call.
        """
        return credential_for(str(url), self.bases, self.credentials)


class SignedInTransport(httpx.AsyncBaseTransport):
    """Adds the token that opens the address, once more with a fresh one after a 401, and keeps the ledger."""

    def __init__(
        self, inner: httpx.AsyncBaseTransport, broker: Broker, tenant_id: UUID, vendor: str, doors: Doors
    ) -> None:
        self._inner = inner
        self._broker = broker
        self._tenant_id = tenant_id
        self._vendor = vendor
        self._doors = doors
        self.ledger = Ledger("none")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. A 401 is answered by asking the broker for a fresh token, once."""
        ledger = self.ledger
        access = await self._access(self._doors.credential(request.url))
        if request.method not in SAFE_METHODS:
            await self._note_write(ledger)
        response = await self._send(request, ledger, access)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            fresh = await self._access(access.credential, refused=access.token)
            if fresh.token != access.token:
                response = await self._send(request, ledger, fresh)
        if request.method not in SAFE_METHODS:
            await faultpoint("effect.after_reply")
            if (
                httpx.codes.is_client_error(response.status_code)
                and response.status_code != httpx.codes.REQUEST_TIMEOUT
            ):
                ledger.refused += 1
        return response

    async def _access(self, credential: str, refused: SecretStr | None = None) -> Access:
        return await self._broker.access(
            self._tenant_id, self._vendor, self.ledger.purpose, credential=credential, refused=refused
        )

    async def _note_write(self, ledger: Ledger) -> None:
        if ledger.writes == 0 and ledger.before_write is not None:
            await ledger.before_write()
            await faultpoint("effect.after_sent")
        ledger.writes += 1

    async def _send(self, request: httpx.Request, ledger: Ledger, access: Access) -> httpx.Response:
        request.headers["Authorization"] = access.authorization()
        began = time.perf_counter()
        response: httpx.Response | None = None
        try:
            response = await self._inner.handle_async_request(request)
            await response.aread()
        finally:
            seconds = time.perf_counter() - began
            status = response.status_code if response is not None and response.is_stream_consumed else None
            VENDOR_SECONDS.labels(self._vendor).observe(seconds)
            VENDOR_CALLS.labels(self._vendor, request.method, str(status or "none")).inc()
            ledger.exchanges.append(
                Exchange(
                    purpose=ledger.purpose,
                    method=request.method,
                    path=_path(request.url),
                    status=status,
                    ms=round(seconds * 1000),
                    attempt=ledger.attempt,
                    request_body=_kept(request.content),
                    response_body=_kept(response.content) if status is not None and response else None,
                )
            )
        return response

    async def aclose(self) -> None:
        """The inner transport is shared by everybody and stays open."""


def _path(url: httpx.URL) -> str:
    return url.raw_path.decode("ascii", "replace")[:500]


def _kept(content: bytes) -> dict[str, Any] | None:
    if not content:
        return None
    if len(content) > KEPT_BYTES:
        return {"omitted": f"{len(content)} bytes"}
    try:
        body = json.loads(content)
    except ValueError:
        return {"text": content[:2000].decode("utf-8", "replace").replace("\x00", "")}
    kept = redact(body)
    return kept if isinstance(kept, dict) else {"body": kept}


@dataclass(slots=True)
class VendorSession:
    """One app of one tenant, signed in. Its context is renewed as our books change."""

    provider: Provider[Any]
    tenant_id: UUID
    settings: Any
    endpoints: Mapping[str, str]
    transport: SignedInTransport
    reading: httpx.AsyncClient
    writing: httpx.AsyncClient

    def read_context(self, person: Person, known: Known, ledger: Ledger) -> Context[Any]:
        """For planning, confirming and listing: writes are refused by the transport."""
        self.transport.ledger = ledger
        return self._context(self.reading, person, known)

    def write_context(
        self,
        person: Person,
        known: Known,
        ledger: Ledger,
        first_password: Callable[[], Awaitable[SecretStr]],
    ) -> Context[Any]:
        """For applying one action."""
        self.transport.ledger = ledger
        return self._context(self.writing, person, known, first_password=first_password)

    def _context(self, http: httpx.AsyncClient, person: Person, known: Known, **more: Any) -> Context[Any]:
        return Context(
            tenant_id=self.tenant_id,
            settings=self.settings,
            http=http,
            endpoints=self.endpoints,
            person=person,
            known=known,
            **more,
        )


class VendorDesk:
    """Opens sessions with vendors over one shared pool of connections."""

    def __init__(
        self, broker: Broker, transport: httpx.AsyncBaseTransport, endpoints: Mapping[str, str]
    ) -> None:
        self.broker = broker
        self._transport = transport
        self._endpoints = endpoints

    @asynccontextmanager
    async def open(
        self, provider: Provider[Any], tenant_id: UUID, purpose: str
    ) -> AsyncIterator[VendorSession]:
        """A session for one job.

        Raises:
            ConsentLost: nothing usable is connected.
            Transient: the broker is away.
        """
        manifest = provider.manifest
        access = await self.broker.access(tenant_id, manifest.vendor, purpose)
        try:
            # A connection knows more of itself (which service account, which client) than its provider needs.
            known = manifest.settings.model_fields.keys() & access.settings.keys()
            settings = manifest.settings.model_validate({name: access.settings[name] for name in known})
        except ValidationError as error:
            raise ConsentLost(
                f"The connected account of {manifest.title} is incomplete. Reconnect it.",
                code=ErrorCode.AUTH_EXPIRED,
            ) from error
        endpoints = {name: self._endpoints[name] for name in manifest.endpoints}
        for name in manifest.base_urls:
            if base := access.settings.get(name):
                endpoints[name] = str(base).rstrip("/")
        if (held := access.settings.get("credentials")) is not None:
            # A door without a key is none: the provider sees which of its addresses it can use.
            endpoints = {
                name: base for name, base in endpoints.items() if manifest.credentials.get(name) in held
            }
        doors = Doors(endpoints, manifest.credentials)
        transport = SignedInTransport(self._transport, self.broker, tenant_id, manifest.vendor, doors)
        async with (
            create_client(transport=ReadOnlyTransport(transport)) as reading,
            create_client(transport=transport) as writing,
        ):
            yield VendorSession(
                provider=provider,
                tenant_id=tenant_id,
                settings=settings,
                endpoints=endpoints,
                transport=transport,
                reading=reading,
                writing=writing,
            )
