"""Waiting for the worker: no transaction is held, and a lost bell costs half a second."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from uuid import UUID

from services.api.metrics import WAIT_SECONDS
from services.shared.kit.bell import News, wait

T = TypeVar("T")
POLL_SECONDS = 0.5


async def wait_for(
    news: News, subject_id: UUID, look: Callable[[], Awaitable[T | None]], *, seconds: float, what: str
) -> T | None:
    """What `look` finds, asked at once, at every news about the subject and every half second.

    None when it is not there after `seconds`.
    """
    began = asyncio.get_running_loop().time()
    async with news.about(subject_id) as heard:
        while True:
            heard.clear()
            found = await look()
            waited = asyncio.get_running_loop().time() - began
            if found is not None or waited >= seconds:
                WAIT_SECONDS.labels(what, "late" if found is None else "in_time").observe(waited)
                return found
            await wait(heard, min(POLL_SECONDS, seconds - waited))
