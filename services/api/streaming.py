"""Live streams: what happens to a subject, as server-sent events, without gaps."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import UUID

import anyio
from fastapi import Header, HTTPException, Query
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.api.dependencies import Caller
from services.api.metrics import EVENTS_SENT, STREAMS
from services.shared.kit.bell import wait
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.following import Cursor, Told, parse_cursor, present_cursor, read_events

BATCH = 500
PING_SECONDS = 15
RETRY_MILLISECONDS = 3000
SHORTEST_LOOK = 0.05
LONGEST_LOOK = 1.0
LIFETIME_SECONDS = 600.0
"""A stream ends by itself after this long; the browser comes back with its cursor and a fresh token."""
MAX_PER_SESSION = 16
KEY_LOOK_SECONDS = 3.0
"""How often a stream that was opened with an API key asks whether the key is still good: with what the answer's age may
be, less than the ten seconds within which a revoked key must have lost its streams."""
STOP_SECONDS = 2.0
"""At shutdown a stream ends in order, so that the browser comes back; after this it is cut."""

IN_DOCUMENT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
}
After = Annotated[str | None, Query(max_length=64)]
LastEventId = Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)]

_open: Counter[str] = Counter()


async def follow_subject(
    caller: Caller, subject_id: UUID, names: Mapping[str, str], after: str | None, last_event_id: str | None
) -> EventSourceResponse:
    """What happens to the subject from the cursor on; from now where there is none. `names` tell whose stream it is.

    Whether the caller may follow it is for the endpoint to have asked.

    Raises:
        InvalidInput: a cursor that is not ours.
        HTTPException: too many streams of this session (429).
    """
    cursor = _cursor(last_event_id, "Last-Event-ID") or _cursor(after, "after")
    start = cursor
    if start is None:
        async with caller.unit() as uow:
            start = await present_cursor(uow)
    if _open[caller.principal.session_id] >= MAX_PER_SESSION:
        raise HTTPException(429, "Too many live pages are open in this session. Close one.")
    stopping = anyio.Event()
    return EventSourceResponse(
        _follow(caller, subject_id, names, start, stopping, fresh=cursor is None),
        ping=PING_SECONDS,
        sep="\n",
        shutdown_event=stopping,
        shutdown_grace_period=STOP_SECONDS,
    )


def _cursor(written: str | None, name: str) -> Cursor | None:
    if not written:
        return None
    try:
        return parse_cursor(written)
    except ValueError:
        raise InvalidInput([FieldError(name, "This is not an id of one of our events.", "cursor")]) from None


@contextmanager
def _counted(session_id: str) -> Iterator[None]:
    STREAMS.inc()
    _open[session_id] += 1
    try:
        yield
    finally:
        STREAMS.dec()
        _open[session_id] -= 1
        if not _open[session_id]:
            del _open[session_id]


async def _follow(
    caller: Caller,
    subject_id: UUID,
    names: Mapping[str, str],
    cursor: Cursor,
    stopping: anyio.Event,
    *,
    fresh: bool,
) -> AsyncIterator[ServerSentEvent]:
    loop = asyncio.get_running_loop()
    until = loop.time() + LIFETIME_SECONDS
    with _counted(caller.principal.session_id):
        yield (
            ServerSentEvent(
                event="sync",
                id=str(cursor),
                data=json.dumps(dict(names)),
                retry=RETRY_MILLISECONDS,
            )
            if fresh
            else ServerSentEvent(comment="resumed", retry=RETRY_MILLISECONDS)
        )
        async with caller.backends.news.about(subject_id) as heard:
            pause = LONGEST_LOOK
            look_at = loop.time() + KEY_LOOK_SECONDS
            while loop.time() < until and not stopping.is_set():
                if loop.time() >= look_at:
                    look_at = loop.time() + KEY_LOOK_SECONDS
                    if not await caller.may_go_on():
                        return
                # News may come before the watermark has passed it: look again soon, then less often.
                pause = SHORTEST_LOOK if heard.is_set() else min(pause * 2, LONGEST_LOOK)
                heard.clear()
                async with caller.unit() as uow:
                    told = await read_events(uow, subject_id, cursor, limit=BATCH)
                for event in told:
                    yield _sent(event)
                    cursor = event.cursor
                if not told:
                    await wait(heard, pause)


def _sent(event: Told) -> ServerSentEvent:
    EVENTS_SENT.inc()
    return ServerSentEvent(
        event=event.type, id=str(event.cursor), data=json.dumps({**event.data, "at": event.at.isoformat()})
    )
