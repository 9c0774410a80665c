"""Idempotency-Key: act once in one transaction, then answer; whoever repeats it gets that same answer."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from fastapi import Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from services.api.dependencies import Caller
from services.shared.domain.idempotency import service as idempotency
from services.shared.kit.uow import UnitOfWork

R = TypeVar("R", bound=BaseModel)
SUBJECT = "subject_id"


async def answer_once(
    caller: Caller,
    key: str | None,
    *,
    route: str,
    body: Any,
    status: int,
    act: Callable[[UnitOfWork], Awaitable[UUID]],
    answer: Callable[[UUID], Awaitable[R]],
) -> R | Response:
    """Act and commit, then answer about what `act` returned the id of.

    With a key, the key and the act are one transaction. A caller who comes while the first still waits
    for the worker waits beside it, and all get the answer that was stored first.

    Raises:
        KeyReused, InvalidInput: as `idempotency.begin`.
    """
    replay: idempotency.Replay | None = None
    async with caller.unit() as uow:
        if key is not None:
            replay = await idempotency.begin(uow, key, route, body)
        if replay is None:
            subject_id = await act(uow)
            if key is not None:
                await idempotency.note(uow, key, {SUBJECT: str(subject_id)})
    if replay is not None:
        if replay.status is not None:
            return JSONResponse(replay.body, replay.status)
        subject_id = UUID(replay.body[SUBJECT])
    made = await answer(subject_id)
    if key is None:
        return made
    async with caller.unit() as uow:
        stored = await idempotency.settle(uow, key, status, made.model_dump(mode="json", by_alias=True))
    return JSONResponse(stored.body, stored.status or status)
