"""`X-Service-Token`: one secret per caller, two valid at a time, compared in constant time on bytes."""

import hmac
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Annotated

from fastapi import Header
from pydantic import Field, Json, SecretStr, field_validator, model_validator

from services.shared.kit.errors import Forbidden, Unauthenticated
from services.shared.kit.settings import Settings

MAX_SECRETS = 2
MIN_LENGTH = 24


class AcceptedServiceTokens(Settings):
    """Whom we accept: JSON `{"worker": ["kid.secret", "older.secret"]}` from a variable or a file."""

    service_tokens: Json[dict[str, list[SecretStr]]] = Field(default={}, validate_default=False)
    service_tokens_file: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _read_file(cls, values: dict[str, object]) -> dict[str, object]:
        path = values.get("service_tokens_file")
        if path and not values.get("service_tokens"):
            try:
                return {**values, "service_tokens": Path(str(path)).read_text(encoding="utf-8")}
            except (OSError, UnicodeDecodeError) as error:
                raise ValueError(f"SERVICE_TOKENS_FILE cannot be read ({type(error).__name__})") from None
        return values

    @field_validator("service_tokens")
    @classmethod
    def _sound(cls, tokens: dict[str, list[SecretStr]]) -> dict[str, list[SecretStr]]:
        for caller, secrets in tokens.items():
            if not 1 <= len(secrets) <= MAX_SECRETS:
                raise ValueError(f"{caller} needs one or two secrets")
            if any(
                len(s.get_secret_value()) < MIN_LENGTH or "." not in s.get_secret_value() for s in secrets
            ):
                raise ValueError(
                    f"a secret of {caller} is not `kid.secret` of {MIN_LENGTH} characters or more"
                )
        return tokens


class Doorman:
    """Knows the callers by their tokens."""

    def __init__(self, tokens: Mapping[str, list[SecretStr]]) -> None:
        self._known = [
            (secret.get_secret_value().encode(), caller)
            for caller, secrets in tokens.items()
            for secret in secrets
        ]

    def identify(self, presented: str) -> str | None:
        """The caller's name. Every known token is compared, so that time tells nothing."""
        found = None
        given = presented.encode("utf-8", "surrogateescape")
        for secret, caller in self._known:
            if hmac.compare_digest(secret, given):
                found = caller
        return found


def require_caller(doorman: Callable[[], Doorman], *allowed: str) -> Callable[[str], Awaitable[str]]:
    """A dependency: the caller's name, if it is one of `allowed`. Async, so that no thread is used for it.

    Raises (when called):
        Unauthenticated: no token, or an unknown one (401).
        Forbidden: a known caller that has no business here (403).
    """

    async def check(x_service_token: Annotated[str, Header()] = "") -> str:
        caller = doorman().identify(x_service_token)
        if caller is None:
            raise Unauthenticated("A valid X-Service-Token is needed.")
        if caller not in allowed:
            raise Forbidden(f"{caller} may not call this.")
        return caller

    return check
