"""Talking to vendors: signed in, recorded, guarded, and with every write noted before it leaves."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
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
from services.shared.sdk.retry_after import parse_exhausted, parse_retry_after
from services.worker.broker import Access, Broker
from services.worker.limits.asking import BooksAway
from services.worker.limits.gate import TURN_SECONDS, Gate, Permit
from services.worker.limits.gates import Gates
from services.worker.limits.rates import Rates
from services.worker.limits.throttled import Throttled
from services.worker.metrics import VENDOR_CALLS, VENDOR_SECONDS

KEPT_BYTES = 32_768
MIDWAY_SECONDS = 5.0
"""How long a call waits for its turn in the middle of something that would have to begin anew, or that somebody
waits for."""
MOST_SECONDS = 60.0
"""What all waits of one try may come to."""
_WAIT = frozenset({httpx.codes.TOO_MANY_REQUESTS, httpx.codes.SERVICE_UNAVAILABLE})
BeforeWrite = Callable[[], Awaitable[None]]


def _no_bound(_seconds: float) -> None:
    """Nobody measures the time."""


@dataclass(slots=True)
class Ledger:
    """What one attempt said to a vendor."""

    purpose: str
    attempt: int = 1
    before_write: BeforeWrite | None = None
    """Called once, just before the first write leaves. None while planning."""
    waited: float = 0.0
    """Seconds that were spent waiting for turns under the vendor's limits."""
    more_time: Callable[[float], None] = _no_bound
    exchanges: list[Exchange] = field(default_factory=list)
    writes: int = 0
    refused: int = 0

    def wait(self, seconds: float) -> None:
        """A wait for a turn begins: it does not count as the vendor's time."""
        self.waited += seconds
        self.more_time(seconds)

    def effect_after_error(self, before: EffectState | None) -> EffectState | None:
        """What we know of the effect now: nothing new, surely nothing happened, or unknown."""
        if self.writes == 0:
            return before
        maybe_before = before in {EffectState.SENT, EffectState.UNKNOWN}
        return EffectState.INTENT if self.refused == self.writes and not maybe_before else EffectState.UNKNOWN


@asynccontextmanager
async def vendor_time(ledger: Ledger, seconds: float) -> AsyncIterator[None]:
    """Give a vendor so much time; what we wait for turns under its limits comes on top.

    Raises:
        TimeoutError: it took longer.
    """
    async with asyncio.timeout(seconds) as bound:
        ledger.more_time = lambda more: bound.reschedule((bound.when() or 0.0) + more)
        try:
            yield
        finally:
            ledger.more_time = _no_bound


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


@dataclass(frozen=True, slots=True)
class Turnstile:
    """The gate of the connection, and what the vendor's limits are for this app."""

    gate: Gate
    rates: Rates
    comes_again: bool
    """Whether the job may come again later at little cost, so that its first call need not wait long."""


class SignedInTransport(httpx.AsyncBaseTransport):
    """Adds the token that opens the address, once more with a fresh one after a 401, and keeps the ledger.

    No call leaves before its turn under the vendor's limits has come.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        broker: Broker,
        tenant_id: UUID,
        vendor: str,
        doors: Doors,
        turnstile: Turnstile,
    ) -> None:
        self._inner = inner
        self._broker = broker
        self._tenant_id = tenant_id
        self._vendor = vendor
        self._doors = doors
        self._turnstile = turnstile
        self._calls = 0
        self.ledger = Ledger("none")

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request. A 401 is answered by asking the broker for a fresh token, once.

        Raises:
            Throttled: its turn does not come soon; nothing was sent.
        """
        ledger = self.ledger
        access = await self._access(self._doors.credential(request.url))
        writes = request.method not in SAFE_METHODS
        response = await self._call(request, ledger, access, note=writes)
        if response.status_code == httpx.codes.UNAUTHORIZED:
            fresh = await self._access(access.credential, refused=access.token)
            if fresh.token != access.token:
                response = await self._call(request, ledger, fresh, note=False)
        if writes:
            await faultpoint("effect.after_reply")
            if (
                httpx.codes.is_client_error(response.status_code)
                and response.status_code != httpx.codes.REQUEST_TIMEOUT
            ):
                ledger.refused += 1
        return response

    async def _call(
        self, request: httpx.Request, ledger: Ledger, access: Access, *, note: bool
    ) -> httpx.Response:
        gate = self._turnstile.gate
        writes = request.method not in SAFE_METHODS
        permit = await self._turn(request, ledger, noted=writes and not note)
        try:
            if note:
                await self._note_write(ledger)
            if not gate.may_go(permit):
                gate.leave(permit)
                permit = await self._turn(request, ledger, noted=writes)
            response = await self._send(request, ledger, access)
        finally:
            gate.leave(permit)
        await self._heed(response)
        return response

    async def _turn(self, request: httpx.Request, ledger: Ledger, *, noted: bool) -> Permit:
        patience = min(MIDWAY_SECONDS, max(MOST_SECONDS - ledger.waited, TURN_SECONDS))
        if self._turnstile.comes_again and self._calls == 0:
            patience = TURN_SECONDS
        try:
            permit = await self._turnstile.gate.enter(
                self._turnstile.rates,
                request.method,
                request.url.path,
                patience=patience,
                waits=ledger.wait,
            )
        except Throttled:
            if noted:  # and surely not made now
                ledger.refused += 1
            raise
        self._calls += 1
        return permit

    async def _heed(self, response: httpx.Response) -> None:
        """Hold everybody back, in all workers, when the vendor says for how long."""
        seconds = parse_exhausted(response.headers)
        if response.status_code in _WAIT:
            seconds = max(parse_retry_after(response.headers) or 0.0, seconds or 0.0)
        if seconds:
            await self.left_alone(seconds)

    async def left_alone(self, seconds: float) -> None:
        """Make no call over this connection for so long, in no worker."""
        with suppress(BooksAway):
            await self._turnstile.gate.close(seconds)

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
    connection_id: UUID
    settings: Any
    endpoints: Mapping[str, str]
    transport: SignedInTransport
    reading: httpx.AsyncClient
    writing: httpx.AsyncClient

    def read_context(self, person: Person, known: Known, ledger: Ledger) -> Context[Any]:
        """For planning, confirming and listing: writes are refused by the transport."""
        self.transport.ledger = ledger
        return self._context(self.reading, person, known)

    async def left_alone(self, seconds: float) -> None:
        """The vendor asked us to wait: no worker calls it over this connection for so long."""
        await self.transport.left_alone(seconds)

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
        self,
        broker: Broker,
        transport: httpx.AsyncBaseTransport,
        endpoints: Mapping[str, str],
        gates: Gates,
    ) -> None:
        self.broker = broker
        self._transport = transport
        self._endpoints = endpoints
        self._gates = gates

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
        turnstile = Turnstile(
            self._gates.gate(tenant_id, manifest.vendor, access.connection_id),
            self._gates.rates(manifest),
            comes_again=purpose == "apply",
        )
        transport = SignedInTransport(
            self._transport, self.broker, tenant_id, manifest.vendor, doors, turnstile
        )
        async with (
            create_client(transport=ReadOnlyTransport(transport)) as reading,
            create_client(transport=transport) as writing,
        ):
            yield VendorSession(
                provider=provider,
                tenant_id=tenant_id,
                connection_id=access.connection_id,
                settings=settings,
                endpoints=endpoints,
                transport=transport,
                reading=reading,
                writing=writing,
            )
