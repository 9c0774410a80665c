"""What the auth service refuses, said on in its own words: it knows why, and the person who asked should too."""

from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from services.api.auth_client import AuthAway, read_answer
from services.api.dependencies import Caller
from services.shared.kit.errors import DomainError, FieldError, InvalidInput, Kind

M = TypeVar("M", bound=BaseModel)
_KINDS = {404: Kind.NOT_FOUND, 409: Kind.CONFLICT, 410: Kind.GONE, 422: Kind.INVALID}
"""What is said on. Anything else is between the two services, and nothing that a caller could mend."""


WRITE_SECONDS = 10.0
"""Longer than for a question: whoever gives up on a change does not know whether it was made."""


class _Field(BaseModel):
    field: str
    message: str
    code: str


class _Problem(BaseModel):
    code: str
    detail: str
    errors: list[_Field] = []


def given_actor(caller: Caller) -> dict[str, str]:
    """Who asks, for the auth service's own audit log."""
    return {"id": caller.principal.actor.id, "name": caller.principal.actor.name}


async def accepted(caller: Caller, model: type[M], method: str, path: str, body: Any = None) -> M:
    """What the auth service made of a call.

    Raises:
        DomainError: it refused, with its code, words and fields.
        AuthAway: it does not answer, or not as agreed.
    """
    auth = caller.backends.auth
    answer = await auth.call(method, path, seconds=WRITE_SECONDS, **({} if body is None else {"json": body}))
    if answer.status_code in _KINDS:
        raise _refusal(answer)
    return read_answer(model, answer)


def _refusal(answer: httpx.Response) -> DomainError:
    try:
        said = _Problem.model_validate_json(answer.content)
    except ValidationError:
        return AuthAway("OneClick's own sign-in service does not answer.")
    errors = [FieldError(item.field, item.message, item.code) for item in said.errors]
    if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and errors:
        return InvalidInput(errors)
    # The class says kind and code for the edge; both are the auth service's here.
    refused = type("Refused", (DomainError,), {"kind": _KINDS[answer.status_code], "code": said.code})
    made: DomainError = refused(said.detail, errors=errors)
    return made
