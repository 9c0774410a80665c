"""User groups (SCIM groups). A group's name may change; its id is the key."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from services.shared.providers.slack.answers import SlackAnswer, unreadable
from services.shared.providers.slack.client import SlackContext, pages, path_of, scim
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen

_ID = re.compile(r"S[A-Z0-9]{6,}")
_PAGE = 200


class SlackGroup(Frozen):
    id: str
    name: str

    @property
    def grant(self) -> Grant:
        """The membership as something that OneClick gave."""
        return Grant(kind="group", key=self.id, label=self.name)


def parse_group(operation: str, body: Mapping[str, Any]) -> SlackGroup:
    """Read a group.

    Raises:
        SlackAnswer: the object is not one.
    """
    try:
        return SlackGroup(id=str(body["id"]), name=str(body["displayName"] or body["id"]))
    except (KeyError, TypeError) as error:
        raise unreadable(operation, 200, body) from error


def holds_member(body: Mapping[str, Any], user_id: str) -> bool:
    """Whether a group that Slack showed names the user."""
    members = body.get("members")
    return isinstance(members, list) and any(
        isinstance(one, dict) and one.get("value") == user_id for one in members
    )


async def find_group(ctx: SlackContext, group_id: str) -> SlackGroup | None:
    """By Slack's id."""
    try:
        return parse_group("GET Groups", await scim(ctx, "GET", path_of("Groups", group_id)))
    except SlackAnswer as answer:
        if answer.is_missing:
            return None
        raise


async def wished_groups(
    ctx: SlackContext, names: Iterable[str], held: Mapping[str, str]
) -> tuple[SlackGroup, ...]:
    """The groups of the wish, by id or name; those that the account is in need no look at Slack.

    Raises:
        Refused: `groups` names one that is not there, or a name that several have.
    """
    found: dict[str, SlackGroup] = {}
    listed: list[SlackGroup] | None = None
    for name in names:
        known = [SlackGroup(id=key, name=label or key) for key, label in held.items() if name == key]
        by_id = await find_group(ctx, name) if not known and _ID.fullmatch(name) else None
        group = known[0] if known else by_id
        if group is None:
            if listed is None:
                listed = [parse_group("GET Groups", one) async for one in pages(ctx, "Groups", count=_PAGE)]
            group = _the_one(name, listed)
        found[group.id] = group
    return tuple(found.values())


def _the_one(name: str, groups: Iterable[SlackGroup]) -> SlackGroup:
    fitting = [group for group in groups if group.name.casefold() == name.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    why = f"There is no user group {name}" if not fitting else f"Several user groups are called {name}"
    raise Refused(f"{why} at Slack.", code=ErrorCode.INVALID_FIELD, field="groups")
