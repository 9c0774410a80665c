"""The enterprise's SCIM groups. Teams that are linked to one get its members."""

from collections.abc import Iterable
from typing import Any

from services.shared.providers.github.client import GitHubContext, read, strange
from services.shared.providers.github.managed.client import groups_path, resources
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen


class ManagedGroup(Frozen):
    id: str
    name: str
    members: frozenset[str] = frozenset()

    @property
    def grant(self) -> Grant:
        """The membership as something that OneClick gave."""
        return Grant(kind="group", key=self.id, label=self.name)


def _parse(body: Any) -> ManagedGroup:
    try:
        members = frozenset(str(one["value"]) for one in body.get("members") or ())
        return ManagedGroup(id=str(body["id"]), name=str(body["displayName"]), members=members)
    except (KeyError, TypeError, AttributeError) as error:
        raise strange("GET Groups", body) from error


async def list_groups(ctx: GitHubContext, *, with_members: bool = False) -> list[ManagedGroup]:
    """Every group."""
    query = None if with_members else {"excludedAttributes": "members"}
    return [_parse(item) async for item in resources(ctx, groups_path(ctx), query=query)]


def wished_groups(names: Iterable[str], every: Iterable[ManagedGroup]) -> tuple[ManagedGroup, ...]:
    """The groups of the wish, by name or id.

    Raises:
        Refused: `teams` names one that is not there.
    """
    by_name: dict[str, ManagedGroup] = {}
    for group in every:
        by_name |= {group.id: group, group.name.lower(): group}
    found: dict[str, ManagedGroup] = {}
    for name in names:
        wished = by_name.get(name) or by_name.get(name.lower())
        if wished is None:
            message = f"There is no group {name} in the enterprise."
            raise Refused(message, code=ErrorCode.INVALID_FIELD, field="teams")
        found[wished.id] = wished
    return tuple(found.values())


async def is_member(ctx: GitHubContext, group_id: str, user_id: str) -> bool | None:
    """Whether the user is in the group; None where the group is gone."""
    body = await read(ctx, groups_path(ctx, group_id))
    return None if body is None else user_id in _parse(body).members
