"""`/api/ms365/webhook`: Microsoft's posts. Nobody signs in; the client state in every item is the proof.

learn.microsoft.com/graph/change-notifications-delivery-webhooks: the handshake is answered with the token as plain
text; notifications with 202 within three seconds, also where items in them are not accepted; anything but a 2xx is
delivered again for up to four hours.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse

from services.api.metrics import NOTIFICATIONS_IN
from services.api.notifications.intake import Intake
from services.shared.domain.notification.states import EventKind, Lifecycle
from services.shared.domain.notification.taking import Notice
from services.shared.web.correlation import current_correlation_id

router = APIRouter(prefix="/api/ms365", tags=["ms365"])
PATH = "/api/ms365/webhook"
LONGEST_TOKEN = 2048
MOST_ITEMS = 1000
LONGEST_ID = 128
LONGEST_RESOURCE = 2000
LONGEST_KEY = 500
MOST_TOKENS = 20
LONGEST_SEALED = 512 * 1024
CHANGES = frozenset({"created", "updated", "deleted"})
LIFECYCLES = frozenset(Lifecycle)
SEALED = ("data", "dataKey", "dataSignature", "encryptionCertificateId")
PLAIN = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
BODY = {"content": {"application/json": {"schema": {"type": "object"}}}, "required": False}
ACCEPTED: dict[int | str, dict[str, Any]] = {
    200: {"description": "The handshake's token, as plain text", "content": {"text/plain": {}}},
    202: {"description": "Stored, or not ours"},
}


@dataclass(frozen=True, slots=True)
class Post:
    """What Microsoft posted: the handshake's token, or notifications whose form is right."""

    token: str | None
    notices: Sequence[Notice] = ()


async def from_microsoft(request: Request) -> Post:
    """The post, read. Whether each item is authentic is looked at when it is stored.

    Raises:
        HTTPException: no JSON (415), or too many items (413).
        RequestValidationError: no JSON object with a list `value`, or a token that is none.
    """
    if "validationToken" in request.query_params:
        return Post(_token(request.query_params["validationToken"]))
    if request.method == "GET":
        return Post(None)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        NOTIFICATIONS_IN.labels("wrong_content_type").inc()
        raise HTTPException(415, "Notifications are application/json.")
    body = _parse(await request.body())
    items = body["value"]
    if len(items) > MOST_ITEMS:
        NOTIFICATIONS_IN.labels("too_many").inc()
        raise HTTPException(413, f"A post holds at most {MOST_ITEMS} notifications.")
    tokens = _tokens(body.get("validationTokens"))
    correlation_id = current_correlation_id()
    notices = [notice for item in items for notice in _read(item, tokens, correlation_id)]
    if len(notices) < len(items):
        NOTIFICATIONS_IN.labels("malformed_item").inc(len(items) - len(notices))
    return Post(None, notices)


def count_too_large(path: str) -> None:
    """A body was refused by its size, before anybody here saw it."""
    if path == PATH:
        NOTIFICATIONS_IN.labels("too_large").inc()


@router.get("/webhook", response_class=PlainTextResponse)
async def probe_receiver(request: Request) -> Response:
    """The handshake by GET, and for whoever looks whether the address is reached."""
    post = await from_microsoft(request)
    return PlainTextResponse(
        "OneClick listens here for notifications." if post.token is None else post.token, headers=PLAIN
    )


@router.post(
    "/webhook",
    status_code=202,
    response_class=Response,
    responses=ACCEPTED,
    openapi_extra={
        "requestBody": BODY,
        "parameters": [
            {
                "name": "validationToken",
                "in": "query",
                "required": False,
                "schema": {"type": "string", "maxLength": LONGEST_TOKEN},
            }
        ],
    },
)
async def receive_notifications(request: Request) -> Response:
    """Notifications and lifecycle events; the handshake by POST. 202 says that what is ours is stored."""
    # Called rather than depended on: FastAPI's solving of dependencies took a fifth of the time of a notification.
    post = await from_microsoft(request)
    if post.token is not None:
        return PlainTextResponse(post.token, headers=PLAIN)
    if post.notices:
        intake: Intake = request.app.state.intake
        await intake.take(post.notices)
    return Response(status_code=202)


def _token(given: str) -> str:
    if not given or len(given) > LONGEST_TOKEN or not given.isprintable():
        NOTIFICATIONS_IN.labels("wrong_token").inc()
        raise RequestValidationError(
            [{"type": "value_error", "loc": ("query", "validationToken"), "msg": "is no validation token"}]
        )
    NOTIFICATIONS_IN.labels("handshake").inc()
    return given


def _parse(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        NOTIFICATIONS_IN.labels("malformed").inc()
        raise RequestValidationError(
            [{"type": "json_invalid", "loc": ("body",), "msg": "no JSON object"}]
        ) from None
    if not isinstance(body, dict) or not isinstance(body.get("value"), list):
        NOTIFICATIONS_IN.labels("malformed").inc()
        raise RequestValidationError(
            [{"type": "value_error", "loc": ("body", "value"), "msg": "must be a list of notifications"}]
        )
    return body


def _tokens(given: Any) -> list[str]:
    if not isinstance(given, list):
        return []
    return [one for one in given if _is_text(one, LONGEST_SEALED)][:MOST_TOKENS]


def _read(item: Any, tokens: Sequence[str], correlation_id: str) -> Iterator[Notice]:
    """The item, if its form is right; nothing otherwise."""
    if not isinstance(item, dict):
        return
    remote_id, client_state = item.get("subscriptionId"), item.get("clientState")
    if not _is_text(remote_id, LONGEST_ID) or not _is_text(client_state, 2 * LONGEST_ID):
        return
    lifecycle = item.get("lifecycleEvent")
    if lifecycle is not None:
        if isinstance(lifecycle, str) and lifecycle in LIFECYCLES:
            yield Notice(remote_id, client_state, EventKind.LIFECYCLE, lifecycle, "", None, correlation_id)
        return
    change, resource = item.get("changeType"), item.get("resource")
    if not isinstance(change, str) or change not in CHANGES or not _is_text(resource, LONGEST_RESOURCE):
        return
    yield Notice(
        remote_id,
        client_state,
        EventKind.CHANGE,
        change,
        resource,
        _change_key(item.get("resourceData")),
        correlation_id,
        _sealed(item.get("encryptedContent"), tokens),
    )


def _change_key(data: Any) -> str | None:
    if not isinstance(data, Mapping):
        return None
    key = data.get("@odata.etag")
    return key if _is_text(key, LONGEST_KEY) else None


def _sealed(given: Any, tokens: Sequence[str]) -> dict[str, Any] | None:
    if not isinstance(given, Mapping):
        return None
    if not all(_is_text(given.get(name), LONGEST_SEALED) for name in SEALED):
        return None
    return {"content": {name: given[name] for name in SEALED}, "validation_tokens": list(tokens)}


def _is_text(value: Any, longest: int) -> TypeGuard[str]:
    """Whether it is text that can be stored."""
    if not isinstance(value, str) or not 0 < len(value) <= longest:
        return False
    return value.isprintable()
