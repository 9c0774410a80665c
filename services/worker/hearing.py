"""Hears the bell by arq. A Redis that is away, frozen or wiped costs latency and nothing else."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from arq import func
from arq.connections import RedisSettings
from arq.worker import Worker

from services.shared.bell.arq_bell import QUEUE, deserialize, serialize
from services.shared.kit.logging import get_logger
from services.worker.metrics import BELL_UP

log = get_logger(__name__)
POLL_SECONDS = 0.01
PAUSE_SECONDS = 1.0


async def hear(redis_url: str, kinds: Iterable[str], poke: Callable[[], None]) -> None:
    """Poke for every ring until cancelled. arq gives up when Redis goes away; we begin again."""

    async def rung(_context: dict[Any, Any], _job_id: str) -> None:
        poke()

    functions = [func(rung, name=kind) for kind in kinds]  # type: ignore[arg-type]  # arq's protocol wants its own argument names
    while True:
        worker = Worker(
            functions=functions,
            redis_settings=_settings(redis_url),
            queue_name=QUEUE,
            handle_signals=False,
            poll_delay=POLL_SECONDS,
            max_jobs=100,
            job_timeout=5,
            keep_result=0,
            max_tries=1,
            retry_jobs=False,
            job_serializer=serialize,
            job_deserializer=deserialize,
            log_results=False,
            health_check_interval=3600,
        )
        try:
            BELL_UP.set(1)
            await worker.async_run()
        except asyncio.CancelledError:
            await worker.close()
            raise
        except Exception as error:  # noqa: BLE001  # the bell is a hint: whatever breaks it, polling goes on
            log.warning("bell_interrupted", error=type(error).__name__)
        BELL_UP.set(0)
        poke()
        await asyncio.sleep(PAUSE_SECONDS)


def _settings(redis_url: str) -> RedisSettings:
    settings = RedisSettings.from_dsn(redis_url)
    settings.conn_timeout = 2
    settings.conn_retries = 0
    return settings
