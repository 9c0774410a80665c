"""Calls to ClickUp's API v2, where a "team" is a Workspace."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from services.shared.providers.clickup.answers import ClickUpAnswer, read_answer, unreadable
from services.shared.providers.clickup.form import ClickUpSettings
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Context, Outcome, OutcomeState

ClickUpContext = Context[ClickUpSettings]

_NO_CONTENT = 204
_SOON = 2.0


def team(ctx: ClickUpContext, path: str = "") -> str:
    """A path inside the connection's Workspace."""
    return f"/team/{ctx.settings.team_id}{path}"


async def call(
    ctx: ClickUpContext,
    method: str,
    path: str,
    *,
    query: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Send one call; the answer's object, empty when it has no body.

    Raises:
        ClickUpAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    response = await ctx.http.request(
        method,
        ctx.endpoints["clickup_api"].rstrip("/") + path,
        params=dict(query) if query else None,
        json=dict(body) if body is not None else None,
    )
    operation = f"{method} {path}"
    if not response.is_success:
        raise read_answer(operation, response)
    if response.status_code == _NO_CONTENT or not response.content:
        return {}
    try:
        answered = response.json()
    except ValueError:
        answered = None
    if not isinstance(answered, dict):
        raise unreadable(operation, response)
    return answered


def need(answered: Mapping[str, Any], operation: str, name: str, kind: type) -> Any:
    """A member that the answer must have.

    Raises:
        ClickUpAnswer: it has none, or one of another kind.
    """
    found = answered.get(name)
    if not isinstance(found, kind):
        raise ClickUpAnswer(operation, 200, UNREADABLE, str(dict(answered))[:500])
    return found


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: dict[str, Any]
    unread: ClickUpAnswer | None = None

    def not_shown(self) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            ClickUpAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON)


async def write(
    ctx: ClickUpContext, method: str, path: str, body: Mapping[str, Any] | None = None
) -> Written:
    """Send a call that changes something; the caller reads back.

    Raises:
        ClickUpAnswer: anything but a success.
    """
    try:
        return Written(await call(ctx, method, path, body=body))
    except ClickUpAnswer as answer:
        if answer.is_unreadable:
            return Written({}, answer)
        raise
