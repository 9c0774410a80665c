"""Calls to GitHub's REST API and its SCIM, by the context's signed-in client."""

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import quote

from services.shared.providers.github.answers import GitHubAnswer, read_answer, unreadable
from services.shared.providers.github.form import GitHubSettings
from services.shared.sdk.contract import Context, Outcome, OutcomeState

GitHubContext = Context[GitHubSettings]

_HEADERS = {
    "accept": "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
    "user-agent": "OneClick",
}
_SCIM_HEADERS = {"accept": "application/scim+json", "user-agent": "OneClick"}
_NO_CONTENT = 204
_SOON = 2.0
_PAGE = 100


def org_path(ctx: GitHubContext, *parts: object) -> str:
    """A path below the organisation, each part encoded."""
    return "/".join(("/orgs", quote(ctx.settings.org, safe=""), *(quote(str(one), safe="") for one in parts)))


async def call(
    ctx: GitHubContext,
    method: str,
    path: str,
    *,
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Any:
    """Send one request; what the answer holds, None when it has no body.

    Raises:
        GitHubAnswer: anything but a success with a readable body.
        httpx.TransportError: timeouts and lost connections pass.
    """
    found, _ = await _send(ctx, method, path, query, body)
    return found


async def _send(
    ctx: GitHubContext,
    method: str,
    path: str,
    query: Mapping[str, Any] | None,
    body: Mapping[str, Any] | None,
) -> tuple[Any, bool]:
    """Also whether a next page exists."""
    operation = f"{method} {path}"
    response = await ctx.http.request(
        method,
        ctx.endpoints["github_api"].rstrip("/") + path,
        params=dict(query) if query else None,
        json=body,
        headers=_SCIM_HEADERS if path.startswith("/scim/") else _HEADERS,
        follow_redirects=False,
    )
    if not response.is_success:
        raise read_answer(operation, response)
    if response.status_code == _NO_CONTENT or not response.content:
        return None, False
    try:
        return json.loads(response.content), 'rel="next"' in response.headers.get("link", "")
    except ValueError as error:
        raise unreadable(operation, response) from error


async def read(
    ctx: GitHubContext, path: str, *, query: Mapping[str, Any] | None = None
) -> dict[str, Any] | None:
    """GET one object; None where GitHub answers 404.

    Raises:
        GitHubAnswer: anything else that is no object.
    """
    try:
        body = await call(ctx, "GET", path, query=query)
    except GitHubAnswer as answer:
        if answer.is_missing:
            return None
        raise
    if not isinstance(body, dict):
        raise strange(f"GET {path}", body)
    return body


async def pages(
    ctx: GitHubContext, path: str, *, query: Mapping[str, Any] | None = None, member: str | None = None
) -> AsyncIterator[dict[str, Any]]:
    """Every item of a list, page by page; `member` names the list inside an object."""
    number = 1
    while True:
        body, has_next = await _send(
            ctx, "GET", path, {**(query or {}), "per_page": _PAGE, "page": number}, None
        )
        items = body.get(member) if member and isinstance(body, dict) else body
        if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
            raise strange(f"GET {path}", body)
        for item in items:
            yield item
        if not has_next:
            return
        number += 1


def strange(operation: str, body: Any) -> GitHubAnswer:
    """A success that is not what the operation answers."""
    return GitHubAnswer(operation, 200, str(body)[:500], is_unreadable=True)


class Written(NamedTuple):
    """What a write answered; `unread` when it was a success in a language that nobody knows."""

    body: Any = None
    unread: GitHubAnswer | None = None

    def not_shown(self) -> Outcome:
        """What to say when reading back does not show the effect: settling, but never of an unread answer.

        Raises:
            GitHubAnswer: the unread one.
        """
        if self.unread is not None:
            raise self.unread
        return Outcome(state=OutcomeState.SETTLING, retry_after=_SOON)


async def write(
    ctx: GitHubContext, method: str, path: str, *, body: Mapping[str, Any] | None = None
) -> Written:
    """Send a request that changes something; the caller reads back.

    Raises:
        GitHubAnswer: anything but a success.
    """
    try:
        return Written(await call(ctx, method, path, body=body))
    except GitHubAnswer as answer:
        if answer.is_unreadable:
            return Written(None, answer)
        raise
