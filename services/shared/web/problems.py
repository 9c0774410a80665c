"""Errors on the wire: RFC 9457 problem details, mapped from domain errors once."""

import json
import math
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException

from services.shared.kit.errors import DomainError, FieldError, Kind, TooMany
from services.shared.kit.logging import get_logger
from services.shared.web.correlation import current_correlation_id

log = get_logger(__name__)

STATUS: Mapping[Kind, int] = {
    Kind.INVALID: 422,
    Kind.NOT_FOUND: 404,
    Kind.CONFLICT: 409,
    Kind.UNAUTHENTICATED: 401,
    Kind.FORBIDDEN: 403,
    Kind.GONE: 410,
    Kind.UNAVAILABLE: 503,
    Kind.TOO_MANY: 429,
}
PROBLEM = "application/problem+json"


class ProblemResponse(JSONResponse):
    """Pure ASCII on the wire: what a client sent may be quoted even where it is not valid Unicode."""

    media_type = PROBLEM

    def render(self, content: Any) -> bytes:
        """The body."""
        return json.dumps(content, separators=(",", ":"), default=str).encode()


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Sequence[FieldError] = (),
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    """One problem: type, title, status, code, detail, correlation_id, errors and what `extra` adds."""
    body: dict[str, Any] = {
        "type": f"urn:oneclick:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        "correlation_id": current_correlation_id(),
        "errors": [{"field": e.field, "message": e.message, "code": e.code} for e in errors],
        **(extra or {}),
    }
    return ProblemResponse(body, status, headers=dict(headers or {}))


def field_path(location: Sequence[Any]) -> str:
    """A validation location as the client's dotted path: `("body", "employee", "work_email")`."""
    parts = [str(part) for part in location]
    if parts and parts[0] in {"body", "query", "path", "header", "cookie"}:
        parts = parts[1:]
    return ".".join(parts)


async def _domain_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DomainError)  # noqa: S101  # registered for this type alone
    return problem(
        STATUS[error.kind],
        error.code,
        str(error),
        errors=error.errors,
        extra=error.extra,
        headers=_headers(error),
    )


def _headers(error: DomainError) -> dict[str, str]:
    if isinstance(error, TooMany):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return {"Retry-After": "5"} if error.kind is Kind.UNAVAILABLE else {}


async def _invalid_request(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for this type alone
    found = error.errors()
    if any(item["type"] == "json_invalid" for item in found):
        return problem(400, "invalid_json", "The body is not valid JSON.")
    errors = [FieldError(field_path(item["loc"]), _words(item), item["type"]) for item in found]
    return problem(
        422, "invalid_input", "; ".join(f"{e.field or 'body'}: {e.message}" for e in errors), errors=errors
    )


def _words(item: Mapping[str, Any]) -> str:
    message = str(item["msg"]).removeprefix("Value error, ")
    return message[:1].upper() + message[1:]


async def _http_error(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  # registered for this type alone
    phrase = HTTPStatus(error.status_code).phrase
    code = phrase.lower().replace(" ", "_")
    return problem(error.status_code, code, str(error.detail), headers=error.headers)


async def _database_away(_request: Request, error: Exception) -> JSONResponse:
    log.error("database_unavailable", error=type(error).__name__)
    return problem(503, "unavailable", "The database cannot be reached now.", headers={"Retry-After": "5"})


async def _database_refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)  # noqa: S101  # registered for this type alone
    if error.connection_invalidated:
        return await _database_away(request, error)
    if getattr(error.orig, "sqlstate", "") in {"22021", "22P05"}:
        return problem(422, "invalid_input", "The text holds a character that cannot be stored.")
    return await _unexpected(request, error)


async def _not_text(_request: Request, _error: Exception) -> JSONResponse:
    """Half of a surrogate pair: JSON can say it, UTF-8 cannot."""
    return problem(422, "invalid_input", "The text holds a character that cannot be stored.")


async def _unexpected(_request: Request, error: Exception) -> JSONResponse:
    log.error("unhandled", exc_info=error)
    return problem(
        500, "internal", "Something went wrong on our side. The correlation id finds it in the logs."
    )


def install_problems(app: FastAPI) -> None:
    """Every error of this app leaves as problem details."""
    app.add_exception_handler(DomainError, _domain_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    for away in (OperationalError, InterfaceError, PoolTimeout, ConnectionError):
        app.add_exception_handler(away, _database_away)
    app.add_exception_handler(DBAPIError, _database_refused)
    app.add_exception_handler(UnicodeEncodeError, _not_text)
    app.add_exception_handler(Exception, _unexpected)
