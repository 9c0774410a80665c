"""What every imitated vendor does alike: latency, quota, faults, the log, and then the vendor's own answer."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod

from services.sandbox.behaviour import Behaviour
from services.sandbox.faults.box import ArmedFault, FaultBox
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.ledger import Ledger
from services.sandbox.quota import Quota
from services.sandbox.requestlog import RequestLog
from services.sandbox.wire.call import Call, Receive, Reply, Scope, Send, read_call, send_reply
from services.sandbox.wire.reset import reset_connection

_log = logging.getLogger(__name__)

_PAGE = b"<!DOCTYPE html><html><head><title>Error</title></head><body><h1>Something went wrong.</h1></body></html>"
_HTML = (("content-type", "text/html; charset=UTF-8"),)


class Twin(ABC):
    """One vendor as an ASGI application. Handlers run on the event loop and never await: each is atomic."""

    name: str
    prefix: str

    def __init__(self, behaviour: Behaviour) -> None:
        self._initial = behaviour
        self.behaviour = behaviour.model_copy()
        self.ledger = Ledger()
        self.requests = RequestLog()
        self.faults = FaultBox()
        self.quota = Quota()

    @abstractmethod
    def identify(self, call: Call) -> str | None:
        """Return the tenant that the call's token belongs to; None for a token call or an unknown token."""

    @abstractmethod
    def is_token_call(self, call: Call) -> bool: ...

    @abstractmethod
    def takes_a_seat(self, call: Call) -> bool:
        """Whether the call asks for a licence (what the fault `no_seats` refuses)."""

    @abstractmethod
    def answer(self, call: Call) -> Reply:
        """Answer in the vendor's words, errors included; raises nothing."""

    async def respond(self, call: Call) -> Reply:
        """Answer, with whatever has to be waited for before, such as a handshake."""
        return self.answer(call)

    @abstractmethod
    def refuse(self, call: Call, fault: FaultCreate) -> Reply:
        """Say the fault (rate_limit, server_error, expired_token, forbidden, no_seats) in the vendor's words."""

    @staticmethod
    @abstractmethod
    def rate_limit_forms() -> frozenset[str]:
        """The words that `vendor_form` of a rate limit may hold."""

    @abstractmethod
    def restore_seed(self, *, forget_tokens: bool) -> None: ...

    def reset(self, *, forget_tokens: bool = False) -> None:
        """Go back to the seed: data, ledger, log, faults and behaviour; issued tokens live on unless told."""
        self.behaviour = self._initial.model_copy()
        self.ledger.clear()
        self.requests.clear()
        self.faults.clear()
        self.quota = Quota()
        self.restore_seed(forget_tokens=forget_tokens)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        call = await read_call(scope, receive, self.prefix)
        fault: ArmedFault | None = None
        reply: Reply | None
        try:
            reply, fault = await self._serve(call)
        except Exception:  # noqa: BLE001 - a bug here must still look like the vendor to the client
            _log.exception("the %s twin failed on %s %s", self.name, call.method, call.path)
            reply = self.refuse(call, FaultCreate(kind=FaultKind.SERVER_ERROR, status=500))
            reply.headers += (("x-sandbox-note", "a bug of the sandbox: see its log"),)
        ms = (time.perf_counter() - started) * 1000
        self.requests.add(call, reply.status if reply else None, ms, fault.spec.kind.value if fault else None)
        if reply is None:
            await reset_connection(scope, receive)
        else:
            await send_reply(send, reply)

    async def _serve(self, call: Call) -> tuple[Reply | None, ArmedFault | None]:
        is_token_call = self.is_token_call(call)
        call.tenant = self.identify(call)
        wait = self.behaviour.next_latency()
        if wait:
            await asyncio.sleep(wait)
        fault = self.faults.find(call, is_token_call=is_token_call, takes_a_seat=self.takes_a_seat(call))
        if fault is not None:
            return await self._fail(call, fault)
        rate = self.behaviour.rate_limit_per_second
        if (
            rate
            and not is_token_call
            and not self.quota.take(call.tenant or "", rate, self.behaviour.rate_limit_burst)
        ):
            return self.refuse(call, self.behaviour.rate_limit_fault()), None
        return await self.respond(call), None

    async def _fail(  # noqa: PLR0911 - one return per kind of fault
        self, call: Call, fault: ArmedFault
    ) -> tuple[Reply | None, ArmedFault | None]:
        spec = fault.spec
        if spec.kind in {FaultKind.COMMIT_THEN_DROP, FaultKind.COMMIT_THEN_STATUS}:
            reply = await self.respond(call)
            if not reply.is_success:
                return reply, None  # nothing took effect, so there is no lost reply to show: stay armed
            fault.consume()
            if spec.kind is FaultKind.COMMIT_THEN_DROP:
                return None, fault
            return self._broken(call, spec, default_status=502), fault
        fault.consume()
        match spec.kind:
            case FaultKind.DROP:
                return None, fault
            case FaultKind.DELAY:
                await asyncio.sleep(spec.seconds)
                return await self.respond(call), fault
            case FaultKind.GARBAGE:
                return await self._garbage(call, spec), fault
            case FaultKind.SERVER_ERROR:
                return self._broken(call, spec, default_status=500), fault
            case _:
                return self.refuse(call, spec), fault

    def _broken(self, call: Call, spec: FaultCreate, *, default_status: int) -> Reply:
        status = spec.status or default_status
        # A proxy in front of the vendor answers 502 and 504, and it does not speak the vendor's JSON.
        form = spec.body or ("html" if status in {502, 504} else "json")
        reply = self.refuse(call, spec.model_copy(update={"kind": FaultKind.SERVER_ERROR, "status": status}))
        return _shaped(reply, form)

    async def _garbage(self, call: Call, spec: FaultCreate) -> Reply:
        reply = await self.respond(call) if spec.commit else Reply(200, b'{"kind":"unexpected","value":[1,2')
        return _shaped(Reply(200, reply.body, (("content-type", "application/json"),)), spec.body or "html")


def _shaped(reply: Reply, form: str) -> Reply:
    extra = tuple(pair for pair in reply.headers if pair[0] != "content-type")
    match form:
        case "html":
            return Reply(reply.status, _PAGE, _HTML + extra)
        case "empty":
            return Reply(reply.status, b"", extra)
        case "truncated":
            return Reply(reply.status, reply.body[: max(1, len(reply.body) // 2)], reply.headers)
        case _:
            return reply
