"""Requests as Google's own library builds them, from the discovery documents that it carries.

The library checks names of parameters, required ones and enumerations; it sends nothing. Building
takes about 20 microseconds, importing it about half a second: it is imported with the first call,
so that a process that only lists providers never loads it.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

_DOCUMENTS = {"google_api": ("admin", "directory_v1"), "google_licensing": ("licensing", "v1")}
_LICENSING = "licenseAssignments"


class BuiltRequest(NamedTuple):
    """`path` is relative to the base URL named `endpoint`, query included, percent-encoded."""

    operation: str
    endpoint: str
    method: str
    path: str
    headers: Mapping[str, str]
    body: str | None


class _NoTransport:
    """Stands where the library wants an HTTP object, so that it does not look for credentials."""

    credentials = None


@cache
def _service(endpoint: str) -> tuple[Any, str]:
    from googleapiclient.discovery import build_from_document
    from googleapiclient.discovery_cache import get_static_doc

    document = get_static_doc(*_DOCUMENTS[endpoint])
    if document is None:
        raise RuntimeError(f"google-api-python-client lacks the discovery document of {endpoint}.")
    service = build_from_document(document, http=_NoTransport(), requestBuilder=_take)
    return service, service._baseUrl  # noqa: SLF001  # the base that `_method` cuts off again


def _take(_http: object, _postproc: object, uri: str, **parts: Any) -> tuple[str, dict[str, Any]]:
    return uri, parts


@cache
def _method(operation: str) -> tuple[Callable[..., tuple[str, dict[str, Any]]], str, str]:
    """Resources make their methods anew with each access, which costs milliseconds: keep the bound one."""
    resource, _, name = operation.partition(".")
    endpoint = "google_licensing" if resource == _LICENSING else "google_api"
    service, base = _service(endpoint)
    return getattr(getattr(service, resource)(), name), endpoint, base


def load() -> None:
    """Import the library and read both documents."""
    for endpoint in _DOCUMENTS:
        _service(endpoint)


def build(operation: str, **parameters: Any) -> BuiltRequest:
    """Build e.g. `users.get` with `userKey=…`; parameters that are None are left out.

    Raises:
        TypeError: the API has no such parameter, or a required one is missing.
        AttributeError: the API has no such operation.
    """
    method, endpoint, base = _method(operation)
    uri, parts = method(**parameters)
    return BuiltRequest(
        operation=operation,
        endpoint=endpoint,
        method=parts["method"],
        path=uri.removeprefix(base).rstrip("?"),
        headers=parts["headers"],
        body=parts["body"],
    )
