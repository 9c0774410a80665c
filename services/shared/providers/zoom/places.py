"""Groups and roles of the account: which there are, and who is in."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.zoom.client import ZoomContext, pages, path, read
from services.shared.providers.zoom.people import MEMBER_ROLE, OWNER_ROLE, ZoomUser
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen


class Named(Frozen):
    """A group or a role: its id and its name."""

    id: str
    name: str


def group_grant(group: Named) -> Grant:
    return Grant(kind="group", key=group.id, label=group.name)


def role_grant(role: Named) -> Grant:
    return Grant(kind="role", key=role.id, label=role.name)


async def list_groups(ctx: ZoomContext) -> dict[str, Named]:
    """The account's groups by id; the operation has no pages."""
    return _named((await read(ctx, "/groups")).get("groups"))


async def list_roles(ctx: ZoomContext) -> dict[str, Named]:
    """The account's roles by id, Owner and Member among them."""
    return _named((await read(ctx, "/roles")).get("roles"))


def _named(items: Any) -> dict[str, Named]:
    if not isinstance(items, list):
        raise Refused("Zoom answered something that OneClick does not know.", vendor_message=str(items)[:300])
    found = [one for one in items if isinstance(one, dict) and one.get("id") is not None]
    return {str(one["id"]): Named(id=str(one["id"]), name=str(one.get("name") or one["id"])) for one in found}


def pick(known: Mapping[str, Named], wanted: str, *, field: str, word: str) -> Named:
    """The one with this id, or with this name in any case.

    Raises:
        Refused: there is none.
    """
    if wanted in known:
        return known[wanted]
    named = [one for one in known.values() if one.name.lower() == wanted.lower()]
    if len(named) != 1:
        raise Refused(f"There is no {word} {wanted} at Zoom.", code=ErrorCode.INVALID_FIELD, field=field)
    return named[0]


def pick_role(known: Mapping[str, Named], wanted: str) -> Named | None:
    """The role that is wished; None for Member, which everybody is.

    Raises:
        Refused: there is none, or it is the owner's.
    """
    role = pick(known, wanted, field="role", word="role")
    if role.id == OWNER_ROLE:
        raise Refused(
            "An account has one owner, whom only they can change.", code=ErrorCode.INVALID_FIELD, field="role"
        )
    return None if role.id == MEMBER_ROLE else role


async def is_in(ctx: ZoomContext, group_id: str, user: ZoomUser) -> bool:
    """Whether somebody is in the group. A pending person's record does not tell, the group's list may."""
    if not user.is_pending:
        return group_id in user.group_ids
    async for member in pages(ctx, path("groups", group_id, "members"), "members"):
        if member.get("id") == user.id or str(member.get("email") or "").lower() == user.email:
            return True
    return False
