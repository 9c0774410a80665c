"""What the control surface may do with an authorization server: look, end tokens early, revoke, register redirects."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from services.sandbox.consent.grants import CODE_SECONDS, AccessToken, Grant, GrantBook, RefreshToken
from services.sandbox.consent.redirects import Redirects

VERBS = (
    "issued",
    "expire_codes",
    "expire_access_tokens",
    "expire_refresh_tokens",
    "revoke_grant",
    "register_redirect",
)
_FILTERS = ("tenant", "person", "client_id")


def act(book: GrantBook, redirects: Redirects, verb: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Do it; None for a verb of somebody else's.

    `issued` lists; `expire_codes`, `expire_access_tokens`, `expire_refresh_tokens` and `revoke_grant` end what fits
    `tenant`, `person`, `client_id` (`revoke_grant` also `id` and `reason`); `register_redirect` takes `uri`.
    """
    if verb not in VERBS:
        return None
    if verb == "register_redirect":
        redirects.add(str(body["uri"]))
        return {"registered": redirects.registered}
    found = book.list_grants(**{name: body.get(name) for name in _FILTERS})
    if body.get("id"):
        found = [grant for grant in found if grant.id == body["id"]]
    ended = _revoke(book, found, str(body.get("reason", "revoked"))) if verb == "revoke_grant" else 0
    for grant in found if verb.startswith("expire_") else ():
        access, refresh = book.tokens_of(grant)
        match verb:
            case "expire_codes":
                ended += _expire_codes(book, grant)
            case "expire_access_tokens":
                ended += _expire(access)
            case _:
                ended += _expire(refresh)
    return {"ended": ended, "grants": [_grant(book, grant) for grant in found]}


def _revoke(book: GrantBook, grants: list[Grant], reason: str) -> int:
    live = [grant for grant in grants if grant.is_live]
    for grant in live:
        book.revoke(grant, reason)
    return len(live)


def _expire_codes(book: GrantBook, grant: Grant) -> int:
    waiting = [code for code in book.codes.values() if code.grant is grant and code.used_at is None]
    for code in waiting:
        code.at -= CODE_SECONDS + 1
    return len(waiting)


def _expire(tokens: list[AccessToken] | list[RefreshToken]) -> int:
    now, ended = time.time(), 0
    for token in tokens:
        if not token.is_expired:
            token.expires_at = now
            ended += 1
    return ended


def _grant(book: GrantBook, grant: Grant) -> dict[str, Any]:
    access, refresh = book.tokens_of(grant)
    return {
        "id": grant.id,
        "client_id": grant.client_id,
        "tenant": grant.tenant,
        "person": grant.person,
        "scopes": list(grant.scopes),
        "at": _stamp(grant.at),
        "revoked_at": _stamp(grant.revoked_at),
        "reason": grant.reason,
        "access_tokens": [
            {"at": _stamp(one.at), "expires_at": _stamp(one.expires_at), "scopes": list(one.scopes)}
            for one in access
        ],
        "refresh_tokens": [
            {
                "at": _stamp(one.at),
                "expires_at": _stamp(one.expires_at),
                "replaced_at": _stamp(one.replaced_at),
            }
            for one in refresh
        ],
    }


def _stamp(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat()
