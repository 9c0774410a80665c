"""A mailbox: folders, messages, and the two ids that each message has."""

from __future__ import annotations

import base64
import secrets
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

WELL_KNOWN = {
    "inbox": "Inbox",
    "sentitems": "Sent Items",
    "deleteditems": "Deleted Items",
    "archive": "Archive",
}
"""learn.microsoft.com/graph/api/resources/mailfolder: names that stand for ids, in any language."""


def make_id(prefix: str) -> str:
    """An id as Outlook makes them: base64 that is safe in a URL, padded."""
    return prefix + base64.urlsafe_b64encode(secrets.token_bytes(40)).decode()


@dataclass(slots=True, eq=False)
class Folder:
    id: str
    name: str
    well_known: str | None = None


@dataclass(slots=True, eq=False)
class Message:
    """`id` changes when it moves to another folder, `immutable_id` never (/graph/outlook-immutable-id)."""

    folder: str
    fields: dict[str, Any]
    id: str = field(default_factory=lambda: make_id("AAMk"))
    immutable_id: str = field(default_factory=lambda: make_id("AAkA"))
    change_key: str = field(default_factory=lambda: make_id("CQAA")[:32])
    created_at: float = field(default_factory=time.time)
    changed_at: float = field(default_factory=time.time)

    @property
    def etag(self) -> str:
        return f'W/"{self.change_key}"'

    def shown_id(self, *, immutable: bool) -> str:
        return self.immutable_id if immutable else self.id

    def touch(self) -> None:
        """Another change key, as after every change."""
        self.change_key = make_id("CQAA")[:32]
        self.changed_at = time.time()


@dataclass(slots=True, eq=False)
class Mailbox:
    folders: dict[str, Folder] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    """By immutable id."""
    items: dict[str, Message] = field(default_factory=dict)
    """Calendar events and contacts, by immutable id; `folder` is `event` or `contact`."""

    def __post_init__(self) -> None:
        for known, name in WELL_KNOWN.items():
            folder = Folder(make_id("AQMk"), name, known)
            self.folders[folder.id] = folder

    def find_folder(self, key: str) -> Folder | None:
        """By id or well-known name."""
        found = self.folders.get(key)
        if found is not None:
            return found
        return next((one for one in self.folders.values() if one.well_known == key.lower()), None)

    def find(self, key: str) -> Message | None:
        """By either id."""
        found = self.messages.get(key)
        return found or next((one for one in self.messages.values() if one.id == key), None)

    def find_item(self, kind: str, key: str) -> Message | None:
        """An event or a contact, by either id."""
        return next(
            (one for one in self.items.values() if one.folder == kind and key in {one.id, one.immutable_id}),
            None,
        )

    def count(self, folder: Folder, *, unread: bool = False) -> int:
        return sum(
            one.folder == folder.id and not (unread and one.fields["isRead"])
            for one in self.messages.values()
        )


def make_fields(subject: str, sender: str, to: str, body: str, received: str) -> dict[str, Any]:
    """A message's properties as they arrive; the caller changes what should be different."""

    def person(address: str) -> dict[str, Any]:
        name = address.partition("@")[0].replace(".", " ").title()
        return {"emailAddress": {"name": name, "address": address}}

    return {
        "internetMessageId": f"<{uuid.uuid4()}@{sender.rpartition('@')[2]}>",
        "conversationId": make_id("AAQk"),
        "subject": subject,
        "bodyPreview": body[:255],
        "body": {"contentType": "text", "content": body},
        "importance": "normal",
        "sender": person(sender),
        "from": person(sender),
        "toRecipients": [person(to)],
        "ccRecipients": [],
        "bccRecipients": [],
        "replyTo": [],
        "hasAttachments": False,
        "isRead": False,
        "isDraft": False,
        "inferenceClassification": "focused",
        "isReadReceiptRequested": False,
        "isDeliveryReceiptRequested": None,
        "categories": [],
        "receivedDateTime": received,
        "sentDateTime": received,
        "webLink": "https://outlook.office365.com/owa/",
        "flag": {"flagStatus": "notFlagged"},
    }
