"""What happens to mailboxes and subscriptions without an API call: `POST /control/microsoft/act/{verb}`."""

from __future__ import annotations

import time
from typing import Any

from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.microsoft.mailbox import Mailbox, Message, make_fields, make_id
from services.sandbox.microsoft.mishaps import KINDS, ORDERS, Mishap
from services.sandbox.microsoft.notifying import Notifier
from services.sandbox.microsoft.spoiling import SPOILS
from services.sandbox.microsoft.state import Tenant, User
from services.sandbox.microsoft.views import stamp
from services.sandbox.microsoft.watching import Subscription

LIFECYCLE = frozenset({"reauthorizationRequired", "subscriptionRemoved", "missed"})


class MailActs:
    def __init__(self, tenants: dict[str, Tenant], notifier: Notifier) -> None:
        self._tenants = tenants
        self._notifier = notifier

    def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """Do it; None for a verb that is not of these. Raise UnknownNameError for a name nobody has."""
        verbs = {
            "mail": self._mail,
            "change_mail": self._change_mail,
            "delete_mail": self._delete_mail,
            "mailbox": self._show_mailbox,
            "notifications": self._notifications,
            "redeliver": self._redeliver,
            "lifecycle": self._lifecycle,
            "expire_subscriptions": self._expire,
            "forget_delta": self._forget_delta,
            "misdeliver": self._misdeliver,
            "hold": self._hold,
            "release": self._release,
        }
        return verbs[verb](body) if verb in verbs else None

    def _mailbox(self, address: str) -> tuple[Tenant, User, Mailbox]:
        for tenant in self._tenants.values():
            user = tenant.find_user(address)
            if user is not None:
                return tenant, user, tenant.mailbox(user.id)
        raise UnknownNameError(f"no mailbox {address}")

    def _mail(self, body: dict[str, Any]) -> dict[str, Any]:
        """`to`, `subject`, `from`, `body`, `folder`, `received`, `count`, `fields`."""
        tenant, user, mailbox = self._mailbox(body["to"])
        folder = mailbox.find_folder(body.get("folder", "inbox"))
        if folder is None:
            raise UnknownNameError(f"no folder {body['folder']}")
        made = []
        for number in range(int(body.get("count", 1))):
            subject = body.get("subject", "Hello") + (f" {number + 1}" if body.get("count") else "")
            received = body.get("received") or stamp(time.time())
            text = body.get("body", f"About {subject}.")
            sender = body.get("from", "bob@globex.example")
            fields = {**make_fields(subject, sender, user.upn, text, received), **body.get("fields", {})}
            message = Message(folder.id, fields)
            mailbox.messages[message.immutable_id] = message
            self._notifier.tell_message(tenant, user.id, message, "created")
            made.append(_shown(message))
        return {"messages": made}

    def _show_mailbox(self, body: dict[str, Any]) -> dict[str, Any]:
        """What is in the mailbox of `to` now."""
        _, _, mailbox = self._mailbox(body["to"])
        return {"messages": [_shown(message) for message in mailbox.messages.values()]}

    def _message(self, body: dict[str, Any]) -> tuple[Tenant, User, Mailbox, Message]:
        tenant, user, mailbox = self._mailbox(body["to"])
        message = mailbox.find(body["id"])
        if message is None:
            raise UnknownNameError(f"no message {body['id']}")
        return tenant, user, mailbox, message

    def _change_mail(self, body: dict[str, Any]) -> dict[str, Any]:
        """`to`, `id` and what becomes different: `fields`, or `folder` to move it there."""
        tenant, user, mailbox, message = self._message(body)
        message.fields |= body.get("fields", {})
        message.touch()
        if "folder" not in body:
            self._notifier.tell_message(tenant, user.id, message, "updated")
            return _shown(message)
        folder = mailbox.find_folder(body["folder"])
        if folder is None:
            raise UnknownNameError(f"no folder {body['folder']}")
        old_folder, old_id = message.folder, message.id
        message.folder, message.id = folder.id, make_id("AAMk")
        self._notifier.tell_move(tenant, user.id, message, old_folder, old_id)
        return _shown(message)

    def _delete_mail(self, body: dict[str, Any]) -> dict[str, Any]:
        tenant, user, mailbox, message = self._message(body)
        del mailbox.messages[message.immutable_id]
        self._notifier.tell_message(tenant, user.id, message, "deleted")
        return _shown(message)

    def _notifications(self, _body: dict[str, Any]) -> dict[str, Any]:
        return {
            "deliveries": self._notifier.deliveries.list_deliveries(),
            "waiting": self._notifier.waiting,
            "held": len(self._notifier.mishaps.held or []),
            "lost": [post.item for post in self._notifier.mishaps.lost],
        }

    def _redeliver(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post the last notification, or the one with `id`, again: the very same bytes."""
        delivery = self._notifier.deliveries.last(label=body.get("label"), id=body.get("id"))
        if delivery is None:
            raise UnknownNameError("nothing was delivered yet")
        self._notifier.deliveries.resend(delivery, int(body.get("times", 1)))
        return delivery.as_json()

    def _misdeliver(self, body: dict[str, Any]) -> dict[str, Any]:
        """`kind` (drop, duplicate, delay, spoil) befalls the next `times` notifications; `copies`, `seconds`, `what`."""
        if body["kind"] not in KINDS:
            raise UnknownNameError(f"no mishap {body['kind']}")
        if body["kind"] == "spoil" and body.get("what") not in SPOILS:
            raise UnknownNameError(f"nothing to spoil: {body.get('what')}")
        mishap = Mishap(
            body["kind"],
            left=int(body.get("times", 1)),
            copies=int(body.get("copies", 2)),
            seconds=float(body.get("seconds", 1)),
            what=body.get("what", ""),
        )
        self._notifier.mishaps.armed.append(mishap)
        return {"armed": len(self._notifier.mishaps.armed)}

    def _hold(self, _body: dict[str, Any]) -> dict[str, Any]:
        """Keep change notifications back until `release`; lifecycle events still go out."""
        self._notifier.mishaps.held = self._notifier.mishaps.held or []
        return {"held": len(self._notifier.mishaps.held)}

    def _release(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post what is held back: `order` (given, reverse, shuffle with `seed`), without the positions `lose`."""
        order = body.get("order", "given")
        if order not in ORDERS:
            raise UnknownNameError(f"no order {order}")
        posts = self._notifier.mishaps.release(order, body.get("lose", []), int(body.get("seed", 0)))
        self._notifier.post_in_turn(posts, together=bool(body.get("together")))
        return {"posted": len(posts)}

    def _chosen(self, body: dict[str, Any]) -> list[tuple[Tenant, Subscription]]:
        """`subscription` or `tenant` narrow it down."""
        found = [
            (tenant, one)
            for tenant in self._tenants.values()
            for one in tenant.subscriptions.values()
            if body.get("subscription") in {None, one.id} and body.get("tenant") in {None, tenant.label}
        ]
        if not found:
            raise UnknownNameError("no such subscription")
        return found

    def _lifecycle(self, body: dict[str, Any]) -> dict[str, Any]:
        """Post `event`.

        After `reauthorizationRequired` nothing is told until somebody says that they may still watch; after
        `subscriptionRemoved` it is gone.
        """
        event = body["event"]
        if event not in LIFECYCLE:
            raise UnknownNameError(f"no lifecycle event {event}")
        told = 0
        for tenant, one in self._chosen(body):
            told += self._notifier.tell_lifecycle(one, event)
            if event == "reauthorizationRequired":
                one.is_paused = True
            elif event == "subscriptionRemoved":
                del tenant.subscriptions[one.id]
        return {"told": told}

    def _forget_delta(self, body: dict[str, Any]) -> dict[str, Any]:
        """Answer 410 to every link that was given out so far, in `tenant` or everywhere."""
        tenants = [one for one in self._tenants.values() if body.get("tenant") in {None, one.label}]
        return {"forgotten": sum(one.rounds.forget() for one in tenants)}

    def _expire(self, body: dict[str, Any]) -> dict[str, Any]:
        chosen = self._chosen(body)
        for _, one in chosen:
            one.expires_at = time.time()
        return {"expired": len(chosen)}


def _shown(message: Message) -> dict[str, Any]:
    return {
        "id": message.id,
        "immutable_id": message.immutable_id,
        "subject": message.fields["subject"],
        "change_key": message.change_key,
        "folder": message.folder,
        "created_at": message.created_at,
    }
