"""Groups: looked up by id or name, and who is in them."""

from collections.abc import Iterable, Mapping
from typing import Any

from services.shared.providers.scim.accounts import ScimUser, find_user
from services.shared.providers.scim.answers import ScimAnswer
from services.shared.providers.scim.client import GROUPS, ScimContext, call, equals, list_all, resource
from services.shared.providers.scim.discovery import Features
from services.shared.providers.scim.paths import member
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen

_BAD_REQUEST = 400


class ScimGroup(Frozen):
    """A group by its immutable id."""

    id: str
    name: str

    @property
    def grant(self) -> Grant:
        """Membership as something that OneClick gave."""
        return Grant(kind="group", key=self.id, label=self.name)


def parse_group(body: Mapping[str, Any]) -> ScimGroup:
    """Read a group.

    Raises:
        ScimAnswer: the object is not one.
    """
    remote_id = member(body, "id")
    if not isinstance(remote_id, str | int):
        raise ScimAnswer("GET /Groups", 200, UNREADABLE, str(dict(body))[:500])
    return ScimGroup(id=str(remote_id), name=str(member(body, "displayName") or remote_id))


async def read_group(ctx: ScimContext, group_id: str) -> dict[str, Any] | None:
    """The whole group; None when there is none."""
    try:
        body = await call(ctx, "GET", resource(GROUPS, group_id))
    except ScimAnswer as answer:
        if answer.is_missing:
            return None
        raise
    parse_group(body)
    return body


async def wished_groups(ctx: ScimContext, wished: Iterable[str], features: Features) -> list[ScimGroup]:
    """The groups of a wish, by id or by name.

    Raises:
        Refused: the application has no such group.
    """
    found: dict[str, ScimGroup] = {}
    for text in wished:
        body = await _read_maybe(ctx, text)
        group = parse_group(body) if body else await _find_by_name(ctx, text, features)
        if group is None:
            raise Refused(
                f"{ctx.settings.title} has no group {text}.", code=ErrorCode.INVALID_FIELD, field="groups"
            )
        found[group.id] = group
    return list(found.values())


async def _read_maybe(ctx: ScimContext, text: str) -> dict[str, Any] | None:
    """A group by what may be its id. A name is no id, which some applications call a bad request."""
    try:
        return await read_group(ctx, text)
    except ScimAnswer as answer:
        if answer.status == _BAD_REQUEST:
            return None
        raise


async def _find_by_name(ctx: ScimContext, name: str, features: Features) -> ScimGroup | None:
    wanted = name.lower()
    if features.filter:
        try:
            async for body in list_all(
                ctx, GROUPS, filter_text=equals("displayName", name), page=10, most=10
            ):
                if parse_group(body).name.lower() == wanted:
                    return parse_group(body)
        except ScimAnswer as answer:
            if not answer.dislikes_the_filter:
                raise
        else:
            return None
    async for body in list_all(ctx, GROUPS, page=features.page):
        if parse_group(body).name.lower() == wanted:
            return parse_group(body)
    return None


def has_member(body: Mapping[str, Any], user_id: str) -> bool | None:
    """Whether the group shows the user; None when it shows no members at all."""
    listed = member(body, "members")
    if not isinstance(listed, list):
        return None
    return any(str(member(one, "value")) == user_id for one in listed if isinstance(one, Mapping))


async def is_member(ctx: ScimContext, body: Mapping[str, Any], user_id: str) -> bool:
    """By the group, or by the user where groups do not tell their members."""
    told = has_member(body, user_id)
    if told is not None:
        return told
    user = await find_user(ctx, user_id)
    return user is not None and parse_group(body).id in (user.groups or {})


async def groups_of(ctx: ScimContext, user: ScimUser, wished: Iterable[ScimGroup]) -> dict[str, ScimGroup]:
    """The groups that the user is in: as the user shows them, else those that are wished or that we gave."""
    if user.groups is not None:
        return {key: ScimGroup(id=key, name=name) for key, name in user.groups.items()}
    given = {
        grant.key: ScimGroup(id=grant.key, name=grant.label)
        for grant in ctx.known.grants
        if grant.kind == "group"
    }
    found = {}
    for group in {**given, **{one.id: one for one in wished}}.values():
        body = await read_group(ctx, group.id)
        if body is not None and has_member(body, user.id):
            found[group.id] = parse_group(body)
    return found
