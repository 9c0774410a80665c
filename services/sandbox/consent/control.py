"""What the control surface may do with an authorization server: look, end tokens early, revoke, register redirects."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any

from services.sandbox.consent.grants import AccessToken, Grant, GrantBook, RefreshToken
from services.sandbox.consent.redirects import Redirects

VERBS = ("issued", "expire_access_tokens", "expire_refresh_tokens", "revoke_grant", "register_redirect")
_FILTERS = ("tenant", "person", "client_id")


def act(book: GrantBook, redirects: Redirects, verb: str, body: dict[str, Any]) -> dict[str, Any] | None:
    """Do it; None for a verb of somebody else's.

    `issued` lists; `expire_access_tokens`, `expire_refresh_tokens` and `revoke_grant` end what fits `tenant`,
    `person`, `client_id` (`revoke_grant` also `id` and `reason`); `register_redirect` takes `uri`.
    """
    if verb not in VERBS:
        return None
    if verb == "register_redirect":
        redirects.add(str(body["uri"]))
        return {"registered": redirects.registered}
    found = book.list_grants(**{name: body.get(name) for name in _FILTERS})
    if body.get("id"):
        found = [grant for grant in found if grant.id == body["id"]]
    ended = 0
    if verb == "revoke_grant":
        for grant in found:
            ended += grant.is_live
            book.revoke(grant, str(body.get("reason", "revoked")))
    elif verb != "issued":
        for grant in found:
            access, refresh = book.tokens_of(grant)
            ended += _expire(access if verb == "expire_access_tokens" else refresh)
    return {"ended": ended, "grants": [_grant(book, grant) for grant in found]}


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
