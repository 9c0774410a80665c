"""Does what a tick says. A failure is logged and counted, and never more than that: the next tick is the retry."""

import asyncio
import time
from collections.abc import Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from services.scheduler.metrics import FAILURES, LAST_SUCCESS, SECONDS
from services.scheduler.ticks import Service, Tick
from services.shared.kit.http import HTTP_FAILURES
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import bind, get_logger

log = get_logger(__name__)
OFTEN = 5.0


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

    async def run(self, tick: Tick) -> dict[str, Any] | None:
        """One call, within the timeout whatever the other side does. Raises nothing but a cancellation.

        What it answered, or None where it failed.
        """
        correlation_id = str(uuid7())
        bind(tick=tick.name, correlation_id=correlation_id)
        began = time.perf_counter()
        told: dict[str, Any] | str
        try:
            told = await self._call(tick, correlation_id)
        except Exception as error:  # a clock goes on, whatever happens at one of its ticks
            told = type(error).__name__
            log.exception("tick_broken")
        seconds = time.perf_counter() - began
        SECONDS.labels(tick.name).observe(seconds)
        if isinstance(told, str):
            FAILURES.labels(tick.name, told).inc()
            log.error("tick_failed", reason=told, ms=round(seconds * 1000, 1))
            return None
        LAST_SUCCESS.labels(tick.name).set_to_current_time()
        # One that comes every second would drown the others.
        (log.debug if tick.interval <= OFTEN else log.info)("tick_done", ms=round(seconds * 1000, 1))
        return told

    async def _call(self, tick: Tick, correlation_id: str) -> dict[str, Any] | str:
        """What it answered; or why it failed, as a label of few values."""
        headers = {
            "X-Service-Token": self._service_token.get_secret_value(),
            "X-Correlation-Id": correlation_id,
        }
        try:
            async with asyncio.timeout(self._timeout):
                reply = await self._client.request(
                    tick.method,
                    f"{self._addresses[tick.service]}{tick.path}",
                    headers=headers,
                    json=tick.body,
                )
        except TimeoutError:
            return "timeout"
        except HTTP_FAILURES as error:
            log.warning("tick_unanswered", error=type(error).__name__)
            return "unreachable"
        if tick.may_lack and reply.status_code == httpx.codes.NOT_FOUND:
            return {}
        return _told(reply) if reply.is_success else f"status_{reply.status_code}"


def _told(reply: httpx.Response) -> dict[str, Any]:
    try:
        found = reply.json()
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
