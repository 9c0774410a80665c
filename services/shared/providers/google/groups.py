"""Groups and memberships. A group's address may change; its id is the key."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import GoogleContext, call, pages
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen
from services.shared.sdk.together import all_of

_FIELDS = "id,email,name"


class GoogleGroup(Frozen):
    id: str
    address: str
    name: str

    @property
    def grant(self) -> Grant:
        """The membership as something that OneClick gave."""
        return Grant(kind="group", key=self.id, label=self.name)


def _parse(operation: str, body: Mapping[str, Any]) -> GoogleGroup:
    try:
        address = str(body["email"]).lower()
        return GoogleGroup(id=str(body["id"]), address=address, name=str(body.get("name") or address))
    except (KeyError, TypeError) as error:
        raise GoogleAnswer(operation, 200, UNREADABLE, str(body)[:500]) from error


async def find_group(ctx: GoogleContext, key: str) -> GoogleGroup | None:
    """By id, address or alias."""
    try:
        return _parse("groups.get", await call(ctx, "groups.get", groupKey=key, fields=_FIELDS))
    except GoogleAnswer as answer:
        if answer.is_missing:
            return None
        raise


async def groups_of(ctx: GoogleContext, user_id: str) -> dict[str, GoogleGroup]:
    """The groups that the account is a direct member of, by id."""
    items = pages(
        ctx,
        "groups.list",
        "groups",
        userKey=user_id,
        maxResults=200,
        fields=f"nextPageToken,groups({_FIELDS})",
    )
    found = [_parse("groups.list", item) async for item in items]
    return {group.id: group for group in found}


async def wished_groups(
    ctx: GoogleContext, addresses: Iterable[str], held: Mapping[str, GoogleGroup]
) -> tuple[GoogleGroup, ...]:
    """The groups of the wish.

    Raises:
        Refused: `groups` names one that is not there.
    """
    by_address = {group.address: group for group in held.values()}

    async def one(address: str) -> GoogleGroup:
        group = by_address.get(address) or await find_group(ctx, address)
        if group is None:
            raise Refused(
                f"There is no group {address} at Google.", code=ErrorCode.INVALID_FIELD, field="groups"
            )
        return group

    found = await all_of(one(address) for address in addresses)
    return tuple({group.id: group for group in found}.values())


async def is_member(ctx: GoogleContext, group_id: str, user_key: str) -> bool:
    """Whether the account is a direct member; `hasMember` would count membership through other groups too."""
    try:
        await call(ctx, "members.get", groupKey=group_id, memberKey=user_key, fields="id,email")
    except GoogleAnswer as answer:
        if answer.is_missing:
            return False
        raise
    return True
