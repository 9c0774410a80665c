"""What can be watched at Microsoft, and how long a subscription to it may live.

Lifetimes: learn.microsoft.com/graph/change-notifications-overview#subscription-lifetime. They change, so these are
what we ask for at first; what the vendor grants is read from its reply.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from services.shared.kit.errors import FieldError, InvalidInput

SHORTEST_MINUTES = 45
"""Microsoft raises whatever is shorter to this."""
OUTLOOK_MINUTES = 10_070
OUTLOOK_RICH_MINUTES = 1_430
DIRECTORY_MINUTES = 41_750
LONGEST_RESOURCE = 500
_ID = r"[^/?#()\s]{1,200}"
_FOLDER = rf"mailFolders(?:/{_ID}|\('{_ID}'\))"


class ResourceKind(StrEnum):
    MESSAGE = "message"
    EVENT = "event"
    CONTACT = "contact"
    USER = "user"
    GROUP = "group"


OUTLOOK = frozenset({ResourceKind.MESSAGE, ResourceKind.EVENT, ResourceKind.CONTACT})
PERMISSIONS = {
    ResourceKind.MESSAGE: "Mail.Read",
    ResourceKind.EVENT: "Calendars.Read",
    ResourceKind.CONTACT: "Contacts.Read",
    ResourceKind.USER: "User.Read.All",
    ResourceKind.GROUP: "Group.Read.All",
}
"""What watching and reading it needs at least: learn.microsoft.com/graph/api/subscription-post-subscriptions."""
_SHAPES: tuple[tuple[re.Pattern[str], ResourceKind], ...] = (
    (re.compile(rf"users/{_ID}/(?:{_FOLDER}/)?messages", re.IGNORECASE), ResourceKind.MESSAGE),
    (re.compile(rf"users/{_ID}/events", re.IGNORECASE), ResourceKind.EVENT),
    (re.compile(rf"users/{_ID}/contacts", re.IGNORECASE), ResourceKind.CONTACT),
    (re.compile(rf"users(?:/{_ID})?", re.IGNORECASE), ResourceKind.USER),
    (re.compile(rf"groups(?:/{_ID})?", re.IGNORECASE), ResourceKind.GROUP),
)
_CHANGES = ("created", "deleted", "updated")


@dataclass(frozen=True, slots=True)
class Watched:
    """A resource as the vendor takes it, what kind of thing it is, and the changes to be told of."""

    resource: str
    kind: ResourceKind
    change_types: str
    rich: bool
    life_minutes: int


def read_wish(resource: str, change_types: list[str], *, rich: bool, life_minutes: int | None) -> Watched:
    """What somebody wants to be told of.

    Raises:
        InvalidInput: it cannot be watched so; each field is named.
    """
    path = resource.strip().strip("/")
    kind = _kind_of(path)
    if kind is None:
        raise InvalidInput(
            [
                FieldError(
                    "resource",
                    "Write one of users/<address>/messages, users/<address>/mailFolders/<folder>/messages, "
                    "users/<address>/events, users/<address>/contacts, users or groups.",
                )
            ]
        )
    wanted = sorted(set(change_types))
    errors = [*_wrong_changes(kind, wanted), *_wrong_life(kind, life_minutes, rich=rich)]
    if rich and kind not in OUTLOOK:
        errors.append(
            FieldError("include_resource_data", "Microsoft sends users and groups without their data.")
        )
    if errors:
        raise InvalidInput(errors)
    return Watched(path, kind, ",".join(wanted), rich, life_minutes or longest_minutes(kind, rich=rich))


def longest_minutes(kind: ResourceKind, *, rich: bool) -> int:
    """What Microsoft grants at most, with a margin."""
    if kind not in OUTLOOK:
        return DIRECTORY_MINUTES
    return OUTLOOK_RICH_MINUTES if rich else OUTLOOK_MINUTES


def _kind_of(path: str) -> ResourceKind | None:
    if len(path) > LONGEST_RESOURCE:
        return None
    return next((kind for shape, kind in _SHAPES if shape.fullmatch(path)), None)


def _wrong_changes(kind: ResourceKind, wanted: list[str]) -> list[FieldError]:
    if not wanted or set(wanted) - set(_CHANGES):
        return [FieldError("change_types", "Choose from created, updated and deleted.")]
    if kind not in OUTLOOK and "created" in wanted:
        return [
            FieldError(
                "change_types",
                "Microsoft tells a new user or group as updated: choose updated and deleted.",
            )
        ]
    return []


def _wrong_life(kind: ResourceKind, life: int | None, *, rich: bool) -> list[FieldError]:
    longest = longest_minutes(kind, rich=rich)
    if life is None or SHORTEST_MINUTES <= life <= longest:
        return []
    return [FieldError("life_minutes", f"Choose between {SHORTEST_MINUTES} and {longest} minutes.")]
