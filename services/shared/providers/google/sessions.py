"""What lets somebody in besides the password: cookies, tokens given to apps, app passwords."""

from typing import Any

from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import GoogleContext, Written, call, write
from services.shared.sdk.answer import UNREADABLE


async def count_keys(ctx: GoogleContext, user_id: str) -> int:
    """How many app tokens and app passwords the account has. Cookies cannot be counted."""
    return len(await _tokens(ctx, user_id)) + len(await _passwords(ctx, user_id))


async def revoke_all(ctx: GoogleContext, user_id: str) -> Written:
    """End every session, delete every token and app password. Safe to repeat. Returns the sign-out's answer."""
    signed_out = await write(ctx, "users.signOut", userKey=user_id)
    for token in await _tokens(ctx, user_id):
        await _delete(ctx, "tokens.delete", userKey=user_id, clientId=str(token["clientId"]))
    for password in await _passwords(ctx, user_id):
        await _delete(ctx, "asps.delete", userKey=user_id, codeId=int(password["codeId"]))
    return signed_out


async def _tokens(ctx: GoogleContext, user_id: str) -> list[dict[str, Any]]:
    body = await call(ctx, "tokens.list", userKey=user_id, fields="kind,items(clientId)")
    return _items("tokens.list", body, "clientId")


async def _passwords(ctx: GoogleContext, user_id: str) -> list[dict[str, Any]]:
    body = await call(ctx, "asps.list", userKey=user_id, fields="kind,items(codeId)")
    return _items("asps.list", body, "codeId")


def _items(operation: str, body: dict[str, Any], key: str) -> list[dict[str, Any]]:
    items = body.get("items") or []
    if not all(isinstance(one, dict) and key in one for one in items):
        raise GoogleAnswer(operation, 200, UNREADABLE, str(body)[:500])
    return list(items)


async def _delete(ctx: GoogleContext, operation: str, **parameters: Any) -> None:
    try:
        await write(ctx, operation, **parameters)
    except GoogleAnswer as answer:
        if not answer.is_missing:  # somebody else was faster
            raise
