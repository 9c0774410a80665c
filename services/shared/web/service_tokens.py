"""`X-Service-Token`: one secret per caller, two valid at a time, compared in constant time on bytes."""

import hmac
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated

from fastapi import Header
from prometheus_client import Counter
from pydantic import Field, Json, SecretStr, field_validator, model_validator

from services.shared.kit.errors import Forbidden, Unauthenticated
from services.shared.kit.settings import Settings

MAX_SECRETS = 2
MIN_LENGTH = 24
_KEY_ID = re.compile(r"^[a-z0-9]{1,12}$")


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
        check_tokens({caller: [one.get_secret_value() for one in held] for caller, held in tokens.items()})
        return tokens


def check_tokens(tokens: Mapping[str, Sequence[str]]) -> None:
    """Pass.

    Raises:
        ValueError: a caller has none or too many, or one is no `kid.secret`; the message names the caller alone.
    """
    for caller, secrets in tokens.items():
        if not 1 <= len(secrets) <= MAX_SECRETS:
            raise ValueError(f"{caller} needs one or two secrets")
        if any(len(secret) < MIN_LENGTH or "." not in secret for secret in secrets):
            raise ValueError(f"a secret of {caller} is not `kid.secret` of {MIN_LENGTH} characters or more")


CALLS = Counter(
    "oneclick_service_calls_total",
    "Calls of other services, by caller and key id: a token whose id is not counted any more may be dropped",
    ["caller", "key_id"],
)


class Doorman:
    """Knows the callers by their tokens."""

    def __init__(self, tokens: Mapping[str, list[SecretStr]]) -> None:
        self._known = [
            (secret.get_secret_value().encode(), caller, _key_id(secret))
            for caller, secrets in tokens.items()
            for secret in secrets
        ]

    def identify(self, presented: str) -> str | None:
        """The caller's name. Every known token is compared, so that time tells nothing."""
        found = None
        given = presented.encode("utf-8", "surrogateescape")
        for secret, caller, key_id in self._known:
            if hmac.compare_digest(secret, given):
                found = caller, key_id
        if found is None:
            return None
        CALLS.labels(*found).inc()
        return found[0]


def _key_id(secret: SecretStr) -> str:
    """What stands before the first dot, where it is surely no part of a secret."""
    name = secret.get_secret_value().partition(".")[0]
    return name if _KEY_ID.match(name) else "unnamed"


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
