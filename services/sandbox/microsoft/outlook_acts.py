"""What people do with their calendars and contacts: `POST /control/microsoft/act/{verb}`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.microsoft.mailbox import Mailbox, Message
from services.sandbox.microsoft.notifying import Notifier
from services.sandbox.microsoft.outlook import make_contact, make_event
from services.sandbox.microsoft.state import Tenant, User

_VERBS = {
    f"{verb}{kind}": (verb.rstrip("_"), kind)
    for verb in ("", "change_", "delete_")
    for kind in ("event", "contact")
}


class OutlookActs:
    def __init__(self, tenants: dict[str, Tenant], notifier: Notifier) -> None:
        self._tenants = tenants
        self._notifier = notifier

    def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any] | None:
        """`event`, `change_event`, `delete_event` and the same of `contact`; None for a verb that is not of these.

        `to` says whose; `subject`, `start`, `end` or `name`, `address` and `fields` what; `id` which one.
        """
        if verb not in _VERBS:
            return None
        what, kind = _VERBS[verb]
        tenant, user, mailbox = self._mailbox(body["to"])
        if what:
            item = mailbox.find_item(kind, body["id"])
            if item is None:
                raise UnknownNameError(f"no {kind} {body['id']}")
        else:
            item = Message(kind, {**_made(kind, user, body), **body.get("fields", {})})
            mailbox.items[item.immutable_id] = item
        if what == "change":
            item.fields |= body.get("fields", {})
            item.touch()
        elif what == "delete":
            del mailbox.items[item.immutable_id]
        change = {"": "created", "change": "updated", "delete": "deleted"}[what]
        self._notifier.tell_item(tenant, user.id, item, change)
        return {"id": item.id, "immutable_id": item.immutable_id, "change_key": item.change_key}

    def _mailbox(self, address: str) -> tuple[Tenant, User, Mailbox]:
        for tenant in self._tenants.values():
            user = tenant.find_user(address)
            if user is not None:
                return tenant, user, tenant.mailbox(user.id)
        raise UnknownNameError(f"no mailbox {address}")


def _made(kind: str, user: User, body: dict[str, Any]) -> dict[str, Any]:
    if kind == "contact":
        return make_contact(body.get("name", "Bea Berg"), body.get("address", "bea@globex.example"))
    start = (
        datetime.fromisoformat(body["start"]) if "start" in body else datetime.now(UTC) + timedelta(days=1)
    )
    end = datetime.fromisoformat(body["end"]) if "end" in body else start + timedelta(hours=1)
    shown = (one.strftime("%Y-%m-%dT%H:%M:%S") for one in (start, end))
    return make_event(body.get("subject", "Meeting"), user.upn, *shown)
