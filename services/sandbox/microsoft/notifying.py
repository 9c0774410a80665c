"""What Graph posts: the handshake, change notifications and lifecycle events, redelivered until they are taken.

learn.microsoft.com/graph/change-notifications-delivery-webhooks, /graph/change-notifications-lifecycle-events. Graph
tries again for four hours; here the first pause is the mode `redelivery` (seconds, `1`), doubled each time.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote_plus

from services.sandbox.delivery import Attempt, Deliveries
from services.sandbox.microsoft.mailbox import Message
from services.sandbox.microsoft.messages import MESSAGE_PROPERTIES, message_view
from services.sandbox.microsoft.mishaps import Mishaps, Post
from services.sandbox.microsoft.outlook import item_view
from services.sandbox.microsoft.sealing import seal, validation_claims
from services.sandbox.microsoft.spoiling import spoilt
from services.sandbox.microsoft.state import Tenant
from services.sandbox.microsoft.watching import Subscription
from services.sandbox.wire.call import json_bytes

TRIES = 8
_HEADERS = {"content-type": "application/json; charset=utf-8"}
_OK = 200


@dataclass(slots=True)
class Notifier:
    """`first_pause` is read when something is posted. Call it on the event loop."""

    sign: Callable[[dict[str, Any]], str]
    """Signs with the identity platform's key."""
    deliveries: Deliveries = field(default_factory=Deliveries)
    first_pause: float = 1.0
    mishaps: Mishaps = field(default_factory=Mishaps)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def clear(self) -> None:
        """Forget the log and whatever would still be posted."""
        for task in self._tasks:
            task.cancel()
        self.deliveries.clear()
        self.mishaps.clear()

    @property
    def waiting(self) -> int:
        """How many posts are not yet taken, and not given up either."""
        return len(self._tasks)

    async def shake_hands(self, urls: Sequence[str], request_id: str) -> str | None:
        """Ask each address for its token back; what was wrong, or None."""
        for url in urls:
            token = f"Validation: Testing client application reachability for subscription Request-Id: {request_id}"
            target = f"{url}{'&' if '?' in url else '?'}validationToken={quote_plus(token)}"
            attempt = await self.deliveries.ask(
                target, b"", {"content-type": "text/plain; charset=utf-8"}, label="handshake"
            )
            wrong = _wrong(attempt, token)
            if wrong is not None:
                return wrong
        return None

    def tell_message(self, tenant: Tenant, owner: str, message: Message, change: str) -> None:
        """Post a change of a message to whom it concerns."""
        for one in tenant.watchers("message", change):
            if one.owner == owner and one.folder in {None, message.folder}:
                self._tell_mail(one, change, message, message.shown_id(immutable=one.immutable))

    def tell_move(self, tenant: Tenant, owner: str, message: Message, folder: str, id: str) -> None:
        """Post a move, from that folder and id.

        It is one thing that changed to whoever watches the whole mailbox by ids that stay, and a deletion and a
        creation to everybody else.
        """
        for one in tenant.watchers("message", "updated"):
            if one.owner == owner and one.folder is None and one.immutable:
                self._tell_mail(one, "updated", message, message.immutable_id)
        for change, place, old in (("deleted", folder, id), ("created", message.folder, message.id)):
            for one in tenant.watchers("message", change):
                if one.owner == owner and (one.folder == place or (one.folder is None and not one.immutable)):
                    self._tell_mail(one, change, message, message.immutable_id if one.immutable else old)

    def _tell_mail(self, one: Subscription, change: str, message: Message, id: str) -> None:
        resource = f"Users/{one.owner}/Messages/{id}"
        sealed = None
        if one.is_rich and change != "deleted":
            names = [name for name in (one.select or "").split(",") if name in MESSAGE_PROPERTIES]
            sealed = seal(one, message_view(message, names, immutable=one.immutable))
        self.tell(one, change, resource, "#Microsoft.Graph.Message", id, message.etag, sealed)

    def tell_item(self, tenant: Tenant, owner: str, item: Message, change: str) -> None:
        """Post a change of an event or a contact."""
        kind = item.folder
        for one in tenant.watchers(kind, change):
            if one.owner != owner:
                continue
            id_ = item.shown_id(immutable=one.immutable)
            sealed = None
            if one.is_rich and change != "deleted":
                sealed = seal(one, item_view(item, one.select, immutable=one.immutable))
            resource = f"Users/{owner}/{kind.title()}s/{id_}"
            self.tell(one, change, resource, f"#Microsoft.Graph.{kind.title()}", id_, item.etag, sealed)

    def tell_object(self, tenant: Tenant, kind: str, id: str, change: str) -> None:
        """Post a change of a user or group."""
        for one in tenant.watchers(kind, change):
            if one.object in {None, id}:
                self.tell(one, change, f"{kind.title()}s/{id}", f"#Microsoft.Graph.{kind.title()}", id, None)

    def tell(
        self,
        one: Subscription,
        change: str,
        resource: str,
        type_name: str,
        id: str,
        etag: str | None,
        sealed: dict[str, Any] | None = None,
    ) -> None:
        data = {"@odata.type": type_name, "@odata.id": resource, "id": id}
        if etag is not None:
            data["@odata.etag"] = etag
        item = {**_head(one), "changeType": change, "resource": resource, "resourceData": data}
        tokens: tuple[str, ...] = ()
        if sealed is not None:
            item["encryptedContent"] = sealed
            tokens = (self.sign(validation_claims(one)),)
        self.post(one.url, item, label=f"{one.kind}.{change}", tokens=tokens)

    def tell_lifecycle(self, one: Subscription, event: str) -> bool:
        """Whether there is an address to tell it to."""
        if one.lifecycle_url is None:
            return False
        self.post(one.lifecycle_url, {**_head(one), "lifecycleEvent": event}, label=f"lifecycle.{event}")
        return True

    def post(self, url: str, item: dict[str, Any], *, label: str, tokens: tuple[str, ...] = ()) -> None:
        """Post it until a 2xx comes or the tries are over, unless it is held back or something befalls it."""
        post = Post(url, item, label, tokens)
        if self.mishaps.held is not None and not post.is_lifecycle:
            self.mishaps.held.append(post)
            return
        mishap = None if post.is_lifecycle else self.mishaps.next()
        match mishap.kind if mishap else None:
            case "drop":
                self.mishaps.lost.append(post)
            case "duplicate" if mishap:
                for _ in range(mishap.copies):
                    self._start(self._insist([post]))
            case "delay" if mishap:
                self._start(self._insist([post], mishap.seconds))
            case "spoil" if mishap:
                self._start(self._insist([spoilt(post, mishap.what, self.sign)]))
            case _:
                self._start(self._insist([post]))

    def post_in_turn(self, posts: Sequence[Post], *, together: bool) -> None:
        """Post each after the one before was taken; or `together`, all for one address in one body."""
        groups = [[post] for post in posts]
        if together:
            groups = [
                [post for post in posts if post.url == url] for url in sorted({one.url for one in posts})
            ]
        self._start(self._each(groups))

    async def _each(self, groups: list[list[Post]]) -> None:
        for group in groups:
            await self._insist(group)

    async def _insist(self, posts: Sequence[Post], pause: float = 0) -> None:
        body: dict[str, Any] = {"value": [post.item for post in posts]}
        tokens = sorted({token for post in posts for token in post.tokens})
        if tokens:
            body["validationTokens"] = tokens
        waits = [self.first_pause * 2**n for n in range(TRIES - 1)]
        await asyncio.sleep(pause)
        await self.deliveries.insist(
            posts[0].url, json_bytes(body), _HEADERS, label=posts[0].label, waits=waits
        )

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _head(one: Subscription) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "subscriptionId": one.id,
        "subscriptionExpirationDateTime": one.expiry,
        "clientState": one.fields.get("clientState"),
        "tenantId": one.tenant_id,
    }


def _wrong(attempt: Attempt, token: str) -> str | None:
    start = "Subscription validation request failed."
    if attempt.status is None:
        return f"{start} Notification endpoint could not be reached or did not answer in time."
    if attempt.status != _OK:
        return f"{start} Notification endpoint must respond with 200 OK to validation request."
    if not attempt.content_type.lower().startswith("text/plain"):
        return f"{start} Response must have the content type text/plain."
    if attempt.reply != token.encode():
        return f"{start} Response must exactly match validationToken query parameter."
    return None
