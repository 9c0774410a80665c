"""User groups, which ClickUp's pages call Teams, and custom roles."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.shared.providers.clickup.answers import ClickUpAnswer
from services.shared.providers.clickup.client import ClickUpContext, call, need, team
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen


class Group(Frozen):
    """A user group, with the ids of who is in it."""

    id: str
    name: str
    members: frozenset[str] = frozenset()

    @property
    def grant(self) -> Grant:
        """Membership as something that OneClick gave."""
        return Grant(kind="group", key=self.id, label=self.name)


class CustomRole(Frozen):
    id: str
    name: str


def parse_group(operation: str, body: Mapping[str, Any]) -> Group:
    """Read a group.

    Raises:
        ClickUpAnswer: the object is not one.
    """
    remote_id, members = body.get("id"), body.get("members")
    if not isinstance(remote_id, str) or not isinstance(members, list):
        raise ClickUpAnswer(operation, 200, UNREADABLE, str(dict(body))[:500])
    ids = frozenset(str(one["id"]) for one in members if isinstance(one, Mapping) and "id" in one)
    return Group(id=remote_id, name=str(body.get("name") or remote_id), members=ids)


async def list_groups(ctx: ClickUpContext) -> dict[str, Group]:
    """Every user group of the Workspace, by id."""
    operation = "GET /group"
    answered = await call(ctx, "GET", "/group", query={"team_id": ctx.settings.team_id})
    groups = need(answered, operation, "groups", list)
    found = [parse_group(operation, one) for one in groups if isinstance(one, Mapping)]
    return {one.id: one for one in found}


def wished_groups(groups: Mapping[str, Group], wished: Iterable[str]) -> dict[str, Group]:
    """The groups of a wish, by id or name.

    Raises:
        Refused: the Workspace has no such group.
    """
    by_name = {one.name.lower(): one for one in groups.values()}
    found = {}
    for text in wished:
        group = groups.get(text) or by_name.get(text.lower())
        if group is None:
            raise Refused(f"The Workspace has no Team {text}.", code=ErrorCode.INVALID_FIELD, field="groups")
        found[group.id] = group
    return found


async def list_roles(ctx: ClickUpContext) -> list[CustomRole]:
    """The Workspace's custom roles; none where its plan has none."""
    operation = "GET /team/customroles"
    try:
        answered = await call(ctx, "GET", team(ctx, "/customroles"))
    except ClickUpAnswer as answer:
        if answer.is_missing or answer.is_not_entitled:
            return []
        raise
    roles = need(answered, operation, "custom_roles", list)
    return [
        CustomRole(id=str(one["id"]), name=str(one.get("name") or one["id"]))
        for one in roles
        if isinstance(one, Mapping) and "id" in one
    ]


async def wished_role(ctx: ClickUpContext, wished: str | None) -> CustomRole | None:
    """The custom role of a wish, by id or name.

    Raises:
        Refused: the Workspace has no such role.
    """
    if wished is None:
        return None
    for role in await list_roles(ctx):
        if wished in {role.id, role.name} or wished.lower() == role.name.lower():
            return role
    raise Refused(
        f"The Workspace has no custom role {wished}.", code=ErrorCode.INVALID_FIELD, field="custom_role"
    )
