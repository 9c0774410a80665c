"""Does what a tick says. A failure is logged and counted, and never more than that: the next tick is the retry."""

import asyncio
import time
from collections.abc import Mapping

import httpx
from pydantic import SecretStr

from services.scheduler.metrics import FAILURES, LAST_SUCCESS, SECONDS
from services.scheduler.ticks import Service, Tick
from services.shared.kit.http import HTTP_FAILURES
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import bind, get_logger

log = get_logger(__name__)


class Caller:
    """Calls the services in the scheduler's name."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        addresses: Mapping[Service, str],
        service_token: SecretStr,
        *,
        timeout: float,
    ) -> None:
        self._client = client
        self._addresses = addresses
        self._service_token = service_token
        self._timeout = timeout

    async def run(self, tick: Tick) -> bool:
        """One call, within the timeout whatever the other side does; whether it succeeded. Raises nothing but a cancellation."""
        correlation_id = str(uuid7())
        bind(tick=tick.name, correlation_id=correlation_id)
        began = time.perf_counter()
        try:
            failure = await self._call(tick, correlation_id)
        except Exception as error:  # a clock goes on, whatever happens at one of its ticks
            failure = type(error).__name__
            log.exception("tick_broken")
        seconds = time.perf_counter() - began
        SECONDS.labels(tick.name).observe(seconds)
        if failure is not None:
            FAILURES.labels(tick.name, failure).inc()
            log.error("tick_failed", reason=failure, ms=round(seconds * 1000, 1))
            return False
        LAST_SUCCESS.labels(tick.name).set_to_current_time()
        log.info("tick_done", ms=round(seconds * 1000, 1))
        return True

    async def _call(self, tick: Tick, correlation_id: str) -> str | None:
        """Why it failed, as a label of few values."""
        headers = {
            "X-Service-Token": self._service_token.get_secret_value(),
            "X-Correlation-Id": correlation_id,
        }
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._client.request(
                    tick.method, f"{self._addresses[tick.service]}{tick.path}", headers=headers
                )
        except TimeoutError:
            return "timeout"
        except HTTP_FAILURES as error:
            log.warning("tick_unanswered", error=type(error).__name__)
            return "unreachable"
        return None if reply.is_success else f"status_{reply.status_code}"
