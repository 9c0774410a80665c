"""The two cookies. `__Host-` ties each to this host, to TLS and to the whole site: no other host can set or see it."""

import re
import secrets
from hashlib import sha256

from fastapi import Request, Response
from pydantic import SecretStr

SESSION = "__Host-oc"
BINDING = "__Host-oc-sign-in"
BINDING_SECONDS = 600
"""A sign-in takes at most this long; the auth service forgets its side after the same time."""
_TOKEN = re.compile(r"^[A-Za-z0-9_-]{20,200}$")


def session_token(request: Request) -> SecretStr | None:
    """The session's token, if the browser sent one that could be one."""
    value = request.cookies.get(SESSION, "")
    return SecretStr(value) if _TOKEN.match(value) else None


def set_session(response: Response, token: SecretStr) -> None:
    """Give it to the browser until that is closed; the server knows how long it is good for.

    Raises:
        ValueError: the token has characters that a cookie cannot hold.
    """
    if not _TOKEN.match(token.get_secret_value()):
        raise ValueError("the session token cannot be a cookie")
    response.set_cookie(
        SESSION, token.get_secret_value(), path="/", secure=True, httponly=True, samesite="lax"
    )


def clear_session(response: Response) -> None:
    """Take it from the browser."""
    response.delete_cookie(SESSION, path="/", secure=True, httponly=True, samesite="lax")


def ensure_binding(request: Request) -> str:
    """The value that ties a sign-in to this browser. Two tabs that sign in at once share one."""
    value = request.cookies.get(BINDING, "")
    return value if _TOKEN.match(value) else secrets.token_urlsafe(32)


def set_binding(response: Response, value: str) -> None:
    """Give it to the browser for as long as a sign-in may take."""
    response.set_cookie(
        BINDING, value, max_age=BINDING_SECONDS, path="/", secure=True, httponly=True, samesite="lax"
    )


def binding_hash(value: str) -> str:
    """What the auth service is told of it."""
    return _hashed(value)


def find_binding(request: Request) -> str | None:
    """The hash of this browser's cookie, if a sign-in was begun here."""
    value = request.cookies.get(BINDING, "")
    return _hashed(value) if _TOKEN.match(value) else None


def clear_binding(response: Response) -> None:
    """The sign-in is over."""
    response.delete_cookie(BINDING, path="/", secure=True, httponly=True, samesite="lax")


def session_key(token: SecretStr) -> str:
    """Under which a session is known in this process: its hash, so that no token is a key of anything."""
    return _hashed(token.get_secret_value())


def _hashed(value: str) -> str:
    return sha256(value.encode()).hexdigest()
