"""Graph's messages and other objects as the core keeps them. A property that is odd is left out, never a failure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from services.shared.sdk.notifying import Correspondent, Mail, Recipient, Seen

MESSAGE_SELECT = (
    "id,changeKey,internetMessageId,conversationId,from,sender,toRecipients,ccRecipients,subject,bodyPreview,"
    "hasAttachments,isRead,sentDateTime,receivedDateTime"
)
EVENT_SELECT = "id,subject,start,end,isAllDay,isCancelled"
LONGEST_SUBJECT = 1000
LONGEST_PREVIEW = 1000
LONGEST_NAME = 320
MOST_RECIPIENTS = 500
_FACTS = (
    "displayName",
    "mail",
    "userPrincipalName",
    "accountEnabled",
    "subject",
    "isAllDay",
    "isCancelled",
)


def read_object(kind: str, body: Mapping[str, Any], fallback: str = "") -> Seen:
    """A message normalised; of anything else its main facts."""
    remote_id = _text(body.get("id"), LONGEST_SUBJECT) or fallback
    if kind == "message":
        return Seen(remote_id=remote_id, mail=read_mail(body, remote_id))
    facts = {name: body[name] for name in _FACTS if isinstance(body.get(name), str | bool)}
    for name in ("start", "end"):  # learn.microsoft.com/graph/api/resources/datetimetimezone
        at = body.get(name)
        if isinstance(at, dict) and isinstance(at.get("dateTime"), str):
            facts[name] = f"{at['dateTime'][:19]} {at.get('timeZone') or 'UTC'}"
    return Seen(
        remote_id=remote_id,
        facts={k: _text(v, LONGEST_NAME) if isinstance(v, str) else v for k, v in facts.items()},
    )


def read_mail(body: Mapping[str, Any], remote_id: str) -> Mail:
    """learn.microsoft.com/graph/api/resources/message."""
    return Mail(
        remote_id=remote_id,
        internet_message_id=_text(body.get("internetMessageId"), LONGEST_SUBJECT),
        conversation_id=_text(body.get("conversationId"), LONGEST_SUBJECT),
        sender=_correspondent(body.get("from")) or _correspondent(body.get("sender")),
        recipients=tuple(_recipients(body))[:MOST_RECIPIENTS],
        subject=_text(body.get("subject"), LONGEST_SUBJECT),
        body_preview=_text(body.get("bodyPreview"), LONGEST_PREVIEW),
        has_attachments=body.get("hasAttachments") is True,
        is_read=body["isRead"] if isinstance(body.get("isRead"), bool) else None,
        sent_at=_moment(body.get("sentDateTime")),
        received_at=_moment(body.get("receivedDateTime")),
        change_key=_text(body.get("changeKey"), LONGEST_SUBJECT),
    )


def _recipients(body: Mapping[str, Any]) -> Iterator[Recipient]:
    for kind, name in (("to", "toRecipients"), ("cc", "ccRecipients")):
        given = body.get(name)
        for item in given if isinstance(given, list) else ():
            found = _correspondent(item)
            if found is not None:
                yield Recipient(kind="to" if kind == "to" else "cc", address=found.address, name=found.name)


def _correspondent(value: Any) -> Correspondent | None:
    inner = value.get("emailAddress") if isinstance(value, dict) else None
    address = _text(inner.get("address"), LONGEST_NAME) if isinstance(inner, dict) else None
    if not isinstance(inner, dict) or not address:
        return None
    return Correspondent(address=address, name=_text(inner.get("name"), LONGEST_NAME))


def _text(value: Any, longest: int) -> str | None:
    if not isinstance(value, str):
        return None
    kept = value.replace("\0", "").encode("utf-8", "replace").decode()
    return kept[:longest]


def _moment(value: Any) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
