"""Calendar events and contacts of a person's mailbox: read one, and what changed.

learn.microsoft.com/graph/api/event-get, /graph/api/event-delta, /graph/api/contact-get, /graph/api/contact-delta. The window
of time of a calendar's delta is frozen in its links, and nothing can be selected or filtered there.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.sandbox.microsoft.delta import Source, answer
from services.sandbox.microsoft.errors import GraphError, bad_request
from services.sandbox.microsoft.mailbox import Mailbox, Message
from services.sandbox.microsoft.messages import message_view, need_mailbox
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.rounds import Sight
from services.sandbox.wire.call import Reply

_COMMON = ("id", "createdDateTime", "lastModifiedDateTime", "changeKey", "categories")
DEFAULTS: dict[str, tuple[str, ...]] = {
    "event": (
        *_COMMON,
        "transactionId",
        "originalStartTimeZone",
        "originalEndTimeZone",
        "iCalUId",
        "reminderMinutesBeforeStart",
        "isReminderOn",
        "hasAttachments",
        "subject",
        "bodyPreview",
        "importance",
        "sensitivity",
        "isAllDay",
        "isCancelled",
        "isOrganizer",
        "responseRequested",
        "seriesMasterId",
        "showAs",
        "type",
        "webLink",
        "isOnlineMeeting",
        "body",
        "start",
        "end",
        "attendees",
        "organizer",
    ),
    "contact": (
        *_COMMON,
        "displayName",
        "givenName",
        "surname",
        "companyName",
        "jobTitle",
        "emailAddresses",
        "mobilePhone",
        "businessPhones",
    ),
}
READ = {
    "event": ("Calendars.Read", "Calendars.ReadWrite"),
    "contact": ("Contacts.Read", "Contacts.ReadWrite"),
}
_LOST = ("SyncStateNotFound", "The sync state generation is not found; continue with a full sync.")
_LINKS = ("$deltatoken", "$skiptoken")


def make_event(subject: str, organizer: str, start: str, end: str) -> dict[str, Any]:
    """An event's properties; `start` and `end` as `2026-11-21T10:00:00`, in UTC."""
    return {
        "categories": [],
        "transactionId": None,
        "originalStartTimeZone": "UTC",
        "originalEndTimeZone": "UTC",
        "iCalUId": uuid.uuid4().hex.upper(),
        "reminderMinutesBeforeStart": 15,
        "isReminderOn": True,
        "hasAttachments": False,
        "subject": subject,
        "bodyPreview": "",
        "importance": "normal",
        "sensitivity": "normal",
        "isAllDay": False,
        "isCancelled": False,
        "isOrganizer": True,
        "responseRequested": True,
        "seriesMasterId": None,
        "showAs": "busy",
        "type": "singleInstance",
        "webLink": "https://outlook.office365.com/owa/",
        "isOnlineMeeting": False,
        "body": {"contentType": "text", "content": ""},
        "start": {"dateTime": f"{start}.0000000", "timeZone": "UTC"},
        "end": {"dateTime": f"{end}.0000000", "timeZone": "UTC"},
        "attendees": [],
        "organizer": {"emailAddress": {"name": organizer.partition("@")[0], "address": organizer}},
    }


def make_contact(name: str, address: str) -> dict[str, Any]:
    """A contact's properties."""
    given, _, family = name.partition(" ")
    return {
        "categories": [],
        "displayName": name,
        "givenName": given,
        "surname": family or None,
        "companyName": None,
        "jobTitle": None,
        "emailAddresses": [{"name": name, "address": address}],
        "mobilePhone": None,
        "businessPhones": [],
    }


def item_view(item: Message, select: str | None, *, immutable: bool) -> dict[str, Any]:
    """An event or a contact with the selected properties.

    Raises:
        GraphError: one of them does not exist.
    """
    default = DEFAULTS[item.folder]
    return message_view(
        item, Context.chosen(select, frozenset(default), default, item.folder), immutable=immutable
    )


def _get(context: Context, kind: str) -> Reply:
    user_id, mailbox = need_mailbox(context)
    item = mailbox.find_item(kind, context.args["item"])
    if item is None:
        raise GraphError(404, "ErrorItemNotFound", "The specified object was not found in the store.")
    body = item_view(item, context.query.get("$select"), immutable=context.wants_immutable_ids)
    return context.entity(body, f"users('{user_id}')/{kind}s/$entity")


@operation("GET", "users/{user}/events/{item}", permissions=READ["event"], query=("$select",))
def get_event(context: Context) -> Reply:
    return _get(context, "event")


@operation("GET", "users/{user}/contacts/{item}", permissions=READ["contact"], query=("$select",))
def get_contact(context: Context) -> Reply:
    return _get(context, "contact")


_WINDOW = ("startDateTime", "endDateTime", *_LINKS)


@operation("GET", "users/{user}/calendarView/delta", permissions=READ["event"], query=_WINDOW)
@operation(
    "GET", "users/{user}/calendarView/microsoft.graph.delta()", permissions=READ["event"], query=_WINDOW
)
def calendar_delta(context: Context) -> Reply:
    """What overlaps the window. The round remembers it as others remember a filter."""
    given = [context.query.pop(name, None) for name in ("startDateTime", "endDateTime")]
    is_continued = any(name in context.query for name in _LINKS)
    if given != [None, None] or not is_continued:
        if None in given:
            raise bad_request(
                "This request requires a time window specified by the query string parameters StartDateTime and"
                " EndDateTime.",
                code="ErrorInvalidParameter",
            )
        context.query["$filter"] = "/".join(str(one) for one in given)
    _, mailbox = need_mailbox(context)
    return _delta(context, mailbox, "event")


@operation("GET", "users/{user}/contacts/delta", permissions=READ["contact"], query=("$select", *_LINKS))
@operation(
    "GET",
    "users/{user}/contacts/microsoft.graph.delta()",
    permissions=READ["contact"],
    query=("$select", *_LINKS),
)
def contacts_delta(context: Context) -> Reply:
    """The folder that everybody has."""
    _, mailbox = need_mailbox(context)
    return _delta(context, mailbox, "contact")


def _delta(context: Context, mailbox: Mailbox, kind: str) -> Reply:
    immutable = context.wants_immutable_ids

    def look(text: str | None) -> Mapping[str, Sight]:
        window = _window(text) if text else None
        return {
            key: Sight(one.change_key, one.shown_id(immutable=immutable))
            for key, one in mailbox.items.items()
            if one.folder == kind and (window is None or _overlaps(one, window))
        }

    def show(key: str, select: str | None) -> dict[str, Any] | None:
        one = mailbox.items.get(key)
        if one is None:
            Context.chosen(select, frozenset(DEFAULTS[kind]), DEFAULTS[kind], kind)
            return None
        view = item_view(one, select, immutable=immutable)
        return {"@odata.type": f"#microsoft.graph.{kind}", **view}

    place = f"{context.args['user'].lower()}/{kind}/{immutable}"
    return answer(
        context, Source(place, f"Collection({kind})", look, show, lambda _key: "deleted", _LOST, 10)
    )


def _window(text: str) -> tuple[datetime, datetime]:
    first, _, last = text.partition("/")
    try:
        start, end = (_moment(part) for part in (first, last))
    except ValueError:
        raise bad_request("The value of a parameter is not a date and time.", code="ErrorInvalidParameter") from None  # fmt: skip
    if end <= start:
        raise bad_request("The end of the window is not after its start.", code="ErrorInvalidParameter")
    return start, end


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text[:19]) if "." in text else datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _overlaps(event: Message, window: tuple[datetime, datetime]) -> bool:
    start, end = (_moment(event.fields[name]["dateTime"]) for name in ("start", "end"))
    return start < window[1] and end > window[0]
