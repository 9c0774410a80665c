"""Change notifications and delta queries of Microsoft Graph.

Sources: learn.microsoft.com/graph/change-notifications-delivery-webhooks, /graph/api/subscription-post-subscriptions,
/graph/api/subscription-update, /graph/api/subscription-reauthorize, /graph/change-notifications-with-resource-data,
/graph/delta-query-overview, /graph/api/message-delta, /graph/api/event-delta, /graph/api/user-delta. Requests are a
path and a few properties; replies are read here, as the SDK's models cost far more than they say.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import httpx

from services.shared.providers.microsoft.answers import GraphAnswer, explain_answer, read_answer, unreadable
from services.shared.providers.microsoft.client import MicrosoftContext, base_url
from services.shared.providers.microsoft.mail import EVENT_SELECT, MESSAGE_SELECT, read_object
from services.shared.sdk.notifying import (
    AddressUnreachable,
    Certificate,
    Changes,
    CursorLost,
    LifeTooLong,
    RemoteSubscription,
    Seen,
    SubscriptionGone,
    SubscriptionOrder,
    SubscriptionTaken,
)

IMMUTABLE = {"Prefer": 'IdType="ImmutableId"'}
"""Ids that stay when a message is moved to another folder: learn.microsoft.com/graph/outlook-immutable-id."""
MOST_SUBSCRIPTION_PAGES = 20
MOST_FOLDERS = 300
_GONE, _MISSING, _BAD, _CONFLICT = 410, 404, 400, 409
_CURSOR_WORDS = ("syncstatenotfound", "syncstateinvalid", "resyncrequired", "resync required")
_MINUTES = re.compile(r"can only be (\d{1,6}) minutes", re.IGNORECASE)
_SEALED = {"message": MESSAGE_SELECT, "event": EVENT_SELECT, "contact": "id,displayName"}
_CALENDAR_BACK, _CALENDAR_AHEAD = timedelta(days=30), timedelta(days=365)


async def create_subscription(ctx: MicrosoftContext, order: SubscriptionOrder) -> RemoteSubscription:
    """`POST /subscriptions`."""
    resource = order.resource
    body: dict[str, Any] = {
        "changeType": order.change_types,
        "notificationUrl": order.url,
        "lifecycleNotificationUrl": order.url,
        "expirationDateTime": _stamp(order.expires_at),
        "clientState": order.client_state.get_secret_value(),
        "latestSupportedTlsVersion": "v1_2",
    }
    if order.certificate is not None:
        # With resource data Outlook wants to be told which properties: it sends no whole message.
        resource += f"?$select={_SEALED.get(order.kind, 'id')}"
        body |= {"includeResourceData": True, **_sealing(order.certificate)}
    body["resource"] = resource
    answer = await _send(ctx, "POST", "/subscriptions", body, life=True)
    return _subscription(answer)


async def list_subscriptions(ctx: MicrosoftContext) -> Sequence[RemoteSubscription]:
    """`GET /subscriptions`: those of this app in this directory."""
    found: list[RemoteSubscription] = []
    address = f"{base_url(ctx)}/subscriptions"
    for _ in range(MOST_SUBSCRIPTION_PAGES):
        answer = await _get(ctx, address)
        body = _body("subscription.list", answer)
        found += [_read_subscription(item, answer) for item in _items("subscription.list", answer, body)]
        link = body.get("@odata.nextLink")
        if not isinstance(link, str):
            return found
        address = _ours(ctx, answer, link)
    return found


async def renew_subscription(
    ctx: MicrosoftContext, remote_id: str, expires_at: datetime, certificate: Certificate | None = None
) -> RemoteSubscription:
    """`PATCH /subscriptions/{id}`. A certificate that is replaced goes along with a regular renewal.

    learn.microsoft.com/graph/change-notifications-with-resource-data, managing encryption keys.
    """
    path = f"/subscriptions/{quote(remote_id, safe='')}"
    body = {"expirationDateTime": _stamp(expires_at), **_sealing(certificate)}
    answer = await _send(ctx, "PATCH", path, body, life=True)
    return _subscription(answer)


def _sealing(certificate: Certificate | None) -> dict[str, Any]:
    if certificate is None:
        return {}
    return {"encryptionCertificate": certificate.x509, "encryptionCertificateId": certificate.id}


async def reauthorize_subscription(ctx: MicrosoftContext, remote_id: str) -> None:
    """`POST /subscriptions/{id}/reauthorize`."""
    await _send(ctx, "POST", f"/subscriptions/{quote(remote_id, safe='')}/reauthorize", None)


async def delete_subscription(ctx: MicrosoftContext, remote_id: str) -> None:
    """`DELETE /subscriptions/{id}`."""
    try:
        await _send(ctx, "DELETE", f"/subscriptions/{quote(remote_id, safe='')}", None)
    except SubscriptionGone:
        return


async def read_changed(ctx: MicrosoftContext, kind: str, resource: str) -> Seen:
    """The object at that path; one that is not there is gone."""
    path = "/".join(quote(part, safe="@'()=-_.~") for part in resource.strip("/").split("/"))
    select = f"?$select={MESSAGE_SELECT}" if kind == "message" else ""
    try:
        answer = await _get(ctx, f"{base_url(ctx)}/{path}{select}")
    except GraphAnswer as refused:
        if refused.status in {_MISSING, _GONE}:
            return Seen(remote_id=_last(resource), gone=True)
        raise
    return read_object(kind, _body("change.read", answer), fallback=_last(resource))


async def list_roots(ctx: MicrosoftContext, kind: str, resource: str) -> Sequence[str]:
    """Mail has a delta for each folder; calendars for a window of time; the directory for all of it."""
    head, _, tail = resource.partition("/")
    if kind in {"user", "group"}:
        return [f"{kind}s/delta"] if not tail else []
    owner = quote(tail.split("/")[0], safe="@")
    if kind == "contact":
        return [f"users/{owner}/contacts/delta"]
    if kind == "event":
        now = datetime.now(UTC)
        window = f"startDateTime={_stamp(now - _CALENDAR_BACK)}&endDateTime={_stamp(now + _CALENDAR_AHEAD)}"
        return [f"users/{owner}/calendarView/delta?{window}"]
    if "mailfolders" in resource.lower():
        return [f"{resource}/delta"]
    return [
        f"{head}/{owner}/mailFolders/{quote(folder, safe='')}/messages/delta"
        for folder in await _folders(ctx, owner)
    ]


async def read_changes(ctx: MicrosoftContext, kind: str, at: str, since: datetime | None) -> Changes:
    """One page of a delta round."""
    address = _ours(ctx, None, at) if "://" in at else _begin(ctx, kind, at, since)
    try:
        answer = await _get(ctx, address, more={"Prefer": 'IdType="ImmutableId", odata.maxpagesize=200'})
    except GraphAnswer as refused:
        said = f"{refused.word} {refused.message}".lower()
        if refused.status == _GONE or any(word in said for word in _CURSOR_WORDS):
            raise CursorLost(
                "Microsoft no longer knows where OneClick was.", vendor_message=refused.vendor_message
            ) from refused
        raise
    body = _body("delta.read", answer)
    items = tuple(
        Seen(remote_id=str(item.get("id")), gone=True) if "@removed" in item else read_object(kind, item)
        for item in _items("delta.read", answer, body)
        if item.get("id")
    )
    following, done = body.get("@odata.nextLink"), body.get("@odata.deltaLink")
    link = following if isinstance(following, str) else done
    if not isinstance(link, str):
        raise unreadable("delta.read", answer)
    return Changes(items=items, link=link, ended=not isinstance(following, str))


def _begin(ctx: MicrosoftContext, kind: str, root: str, since: datetime | None) -> str:
    address = f"{base_url(ctx)}/{root}"
    if kind == "message":
        bound = f"&$filter=receivedDateTime+ge+{_stamp(since)}" if since else ""
        return f"{address}?$select={MESSAGE_SELECT}{bound}"
    if kind in {"user", "group"}:
        facts = (
            "id,displayName,mail,userPrincipalName,accountEnabled"
            if kind == "user"
            else "id,displayName,mail"
        )
        return f"{address}?$select={facts}"
    return address


async def _folders(ctx: MicrosoftContext, owner: str) -> list[str]:
    """Ids of the mailbox's folders, with those inside."""
    found: list[str] = []
    waiting = [f"{base_url(ctx)}/users/{owner}/mailFolders?$select=id,childFolderCount&$top=100"]
    while waiting and len(found) < MOST_FOLDERS:
        answer = await _get(ctx, waiting.pop())
        body = _body("folder.list", answer)
        for item in _items("folder.list", answer, body):
            id_ = str(item.get("id") or "")
            if not id_:
                continue
            found.append(id_)
            if item.get("childFolderCount"):
                inner = f"{quote(id_, safe='')}/childFolders?$select=id,childFolderCount&$top=100"
                waiting.append(f"{base_url(ctx)}/users/{owner}/mailFolders/{inner}")
        if isinstance(body.get("@odata.nextLink"), str):
            waiting.append(_ours(ctx, answer, body["@odata.nextLink"]))
    return found


async def _get(ctx: MicrosoftContext, address: str, more: Mapping[str, str] = IMMUTABLE) -> httpx.Response:
    answer = await ctx.http.get(address, headers=dict(more), follow_redirects=False)
    if not answer.is_success:
        raise read_answer("change.read", answer)
    return answer


async def _send(
    ctx: MicrosoftContext, method: str, path: str, body: dict[str, Any] | None, *, life: bool = False
) -> httpx.Response:
    answer = await ctx.http.request(
        method, base_url(ctx) + path, json=body, headers=IMMUTABLE, follow_redirects=False
    )
    if answer.is_success:
        return answer
    refused = read_answer("subscription", answer)
    if refused.status in {_MISSING, _GONE} and path != "/subscriptions":
        raise SubscriptionGone(
            "Microsoft has no such subscription any more.", vendor_message=refused.vendor_message
        )
    if life and refused.status == _BAD and refused.says("expiration"):
        said = _MINUTES.search(refused.message)
        raise LifeTooLong(
            "Microsoft does not grant a subscription for so long.",
            minutes=int(said[1]) if said else None,
            vendor_message=refused.vendor_message,
        )
    if path == "/subscriptions" and refused.status == _BAD and refused.says("validation request"):
        raise AddressUnreachable(
            "Microsoft did not get OneClick's answer at the address for notifications.",
            vendor_message=refused.vendor_message,
        )
    if path == "/subscriptions" and refused.status == _CONFLICT:
        raise SubscriptionTaken(
            "Microsoft has a subscription to the same resource and changes already, made with the same app.",
            vendor_message=refused.vendor_message,
        )
    raise explain_answer(refused)


def _subscription(answer: httpx.Response) -> RemoteSubscription:
    return _read_subscription(_body("subscription", answer), answer)


def _read_subscription(item: Mapping[str, Any], answer: httpx.Response) -> RemoteSubscription:
    try:
        return RemoteSubscription(
            id=str(item["id"]),
            resource=str(item.get("resource") or ""),
            url=str(item.get("notificationUrl") or ""),
            expires_at=datetime.fromisoformat(str(item["expirationDateTime"])[:19] + "+00:00"),
        )
    except (KeyError, ValueError) as error:
        raise unreadable("subscription", answer) from error


def _body(operation: str, answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise unreadable(operation, answer)
    return body


def _items(operation: str, answer: httpx.Response, body: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = body.get("value")
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        raise unreadable(operation, answer)
    return items


def _ours(ctx: MicrosoftContext, answer: httpx.Response | None, link: str) -> str:
    # The client adds the token to whatever it sends, so a link to another host is never followed.
    if httpx.URL(link).host != httpx.URL(base_url(ctx)).host:
        if answer is not None:
            raise unreadable("link", answer)
        raise CursorLost("The stored place to go on from is at another address.")
    return link


def _last(resource: str) -> str:
    return resource.rstrip("/").rpartition("/")[2]


def _stamp(at: datetime | None) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""
