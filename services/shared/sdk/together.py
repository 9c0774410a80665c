"""Reads at the same time: the first failure ends the others before it is raised."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group that raises its first error alone, so that callers catch it by its own type."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None


async def all_of(awaitables: Iterable[Awaitable[T]]) -> list[T]:
    """Every result, in order."""

    async def run(one: Awaitable[T]) -> T:
        return await one

    async with together() as group:
        tasks = [group.create_task(run(one)) for one in awaitables]
    return [task.result() for task in tasks]
