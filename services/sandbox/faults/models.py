"""The body of `POST /control/{vendor}/faults`."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class FaultKind(StrEnum):
    RATE_LIMIT = "rate_limit"
    SERVER_ERROR = "server_error"
    COMMIT_THEN_DROP = "commit_then_drop"
    COMMIT_THEN_STATUS = "commit_then_status"
    DROP = "drop"
    DELAY = "delay"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a fault's name
    FORBIDDEN = "forbidden"
    GARBAGE = "garbage"
    NO_SEATS = "no_seats"


def _regex(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        raise ValueError(f"not a regular expression: {error}") from error
    return value


def check_retry_after(value: float | str | None) -> float | str | None:
    if isinstance(value, str) and not re.fullmatch(r"http-date:[+-]\d+", value):
        raise ValueError("a text must look like http-date:+5")
    return value


class FaultMatch(BaseModel):
    """Which requests: every given member must fit. The path is searched, percent-encoded as sent."""

    model_config = ConfigDict(extra="forbid")

    method: str | None = None
    path_regex: Annotated[str, AfterValidator(_regex)] | None = None
    tenant: str | None = None


class FaultCreate(BaseModel):
    """One fault. `times` null means until deleted; `skip` lets that many fitting requests pass first."""

    model_config = ConfigDict(extra="forbid")

    kind: FaultKind
    match: FaultMatch = FaultMatch()
    times: Annotated[int, Field(ge=1)] | None = 1
    skip: Annotated[int, Field(ge=0)] = 0
    retry_after: Annotated[int | float | str | None, AfterValidator(check_retry_after)] = None
    vendor_form: str | None = None
    status: Annotated[int, Field(ge=500, le=599)] | None = None
    body: Literal["json", "html", "empty", "truncated"] | None = None
    seconds: Annotated[float, Field(ge=0)] = 1.0
    commit: bool = False
