"""The application's users as this provider reads them, and whose they are."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from services.shared.providers.scim.answers import ScimAnswer, explain_answer
from services.shared.providers.scim.client import USERS, ScimContext, call, equals, list_all, resource
from services.shared.providers.scim.discovery import Features
from services.shared.providers.scim.form import USER_NAME
from services.shared.providers.scim.paths import member
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Outcome
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient
from services.shared.sdk.manifest import Frozen

_FEW = 10


class ScimUser(Frozen):
    """The part of a user that matters here; `raw` is all of it."""

    id: str
    user_name: str
    external_id: str
    active: bool
    roles: tuple[str, ...]
    entitlements: tuple[str, ...]
    groups: Mapping[str, str] | None
    """Ids and names of the groups, None when the application does not tell."""
    version: str | None
    raw: Mapping[str, Any]

    @property
    def url(self) -> str | None:
        meta = member(self.raw, "meta")
        found = member(meta, "location") if isinstance(meta, Mapping) else None
        return str(found) if found else None

    def as_outcome(self, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        return Outcome(remote_id=self.id, login=self.user_name, **more)


def parse_user(operation: str, body: Mapping[str, Any]) -> ScimUser:
    """Read a user.

    Raises:
        ScimAnswer: the object is not one.
    """
    remote_id, user_name = member(body, "id"), member(body, USER_NAME)
    if not isinstance(remote_id, str | int) or not isinstance(user_name, str):
        raise ScimAnswer(operation, 200, UNREADABLE, str(dict(body))[:500])
    meta = member(body, "meta")
    version = member(meta, "version") if isinstance(meta, Mapping) else None
    active = member(body, "active")
    return ScimUser(
        id=str(remote_id),
        user_name=user_name,
        external_id=str(member(body, "externalId") or ""),
        # Some answer the word, some leave the attribute out while an account is active.
        active=str(active).lower() == "true" if active is not None else True,
        roles=read_values(body, "roles"),
        entitlements=read_values(body, "entitlements"),
        groups=_groups(member(body, "groups")),
        version=str(version) if version else None,
        raw=dict(body),
    )


def read_values(body: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """The values of a multi-valued attribute, in objects or bare."""
    listed = member(body, name)
    found = [
        member(one, "value") if isinstance(one, Mapping) else one
        for one in (listed if isinstance(listed, list) else ())
    ]
    return tuple(str(one) for one in found if one is not None)


def _groups(listed: Any) -> dict[str, str] | None:
    """Direct memberships alone: the others follow from them."""
    if not isinstance(listed, list):
        return None
    return {
        str(member(one, "value")): str(member(one, "display") or member(one, "value"))
        for one in listed
        if isinstance(one, Mapping) and member(one, "value") and member(one, "type") != "indirect"
    }


async def find_user(ctx: ScimContext, remote_id: str) -> ScimUser | None:
    """By the application's own id."""
    try:
        body = await call(ctx, "GET", resource(USERS, remote_id))
    except ScimAnswer as answer:
        if answer.is_missing:
            return None
        raise
    return parse_user("GET /Users", body)


class Found(Frozen):
    """What lives at the person's place. `ours`: by the id in our books, by our mark, or by both."""

    kind: Literal["none", "ours", "foreign"]
    user: ScimUser | None = None
    linked: bool = False
    """Our books know its id."""


async def find_account(ctx: ScimContext, features: Features) -> Found:
    """By the stored id, else by user name, else by our mark, else by address.

    Raises:
        ScimAnswer: as the application answers.
    """
    if ctx.known.remote_id and (user := await find_user(ctx, ctx.known.remote_id)) is not None:
        return Found(kind="ours", user=user, linked=True)
    user = await find_by_name(ctx, features)
    if user is None:
        return Found(kind="none")
    return Found(kind="ours" if is_marked(ctx, user) else "foreign", user=user)


def is_marked(ctx: ScimContext, user: ScimUser) -> bool:
    """Whether our mark is on it."""
    return user.external_id == ctx.mark


def wished_name(ctx: ScimContext) -> str:
    """The user name that the mapping makes of the person.

    Raises:
        Refused: the person lacks what it is made of.
    """
    mapping = next(one for one in ctx.settings.attributes if one.path.lower() == USER_NAME.lower())
    name = mapping.value_of(ctx.person)
    if name is None:
        raise Refused(
            f"The application's user name is made of {mapping.person}, which this person does not have.",
            code=ErrorCode.INVALID_FIELD,
            field=f"employee.{mapping.person}",
        )
    return name


async def find_by_name(ctx: ScimContext, features: Features) -> ScimUser | None:
    """Whoever has the wished user name, else our mark, else the work address as theirs."""
    name, address = wished_name(ctx), ctx.person.work_email
    named = await _filtered(ctx, features, USER_NAME, name)
    if named is None:
        return await _find_in_list(ctx, features, name)
    if fitting := _named(named, name):
        return fitting
    for attribute, value in (("externalId", ctx.mark), ("emails.value", address)):
        for user in await _filtered(ctx, features, attribute, value) or ():
            if is_marked(ctx, user) or _has_address(user, address):
                return user
    return None


async def find_by_user_name(ctx: ScimContext, name: str, features: Features) -> ScimUser | None:
    """Whoever has this user name."""
    found = await _filtered(ctx, features, USER_NAME, name)
    if found is not None:
        return _named(found, name)
    async for body in list_all(ctx, USERS, page=features.page):
        user = parse_user("GET /Users", body)
        if user.user_name.lower() == name.lower():
            return user
    return None


def _named(users: Iterable[ScimUser], name: str) -> ScimUser | None:
    return next((user for user in users if user.user_name.lower() == name.lower()), None)


async def _find_in_list(ctx: ScimContext, features: Features, name: str) -> ScimUser | None:
    """Read everybody: the only way where there is no filter."""
    by_address: ScimUser | None = None
    by_name: ScimUser | None = None
    async for body in list_all(ctx, USERS, page=features.page):
        user = parse_user("GET /Users", body)
        if is_marked(ctx, user):
            return user
        if user.user_name.lower() == name.lower():
            by_name = user
        elif _has_address(user, ctx.person.work_email):
            by_address = by_address or user
    return by_name or by_address


async def _filtered(
    ctx: ScimContext, features: Features, attribute: str, value: str
) -> list[ScimUser] | None:
    """Whom a filter for one value finds; None where the application has no such filter, or does not listen to it."""
    if not features.filter:
        return None
    page = min(features.page, _FEW)
    items = list_all(ctx, USERS, filter_text=equals(attribute, value), page=page, most=_FEW)
    try:
        users = [parse_user("GET /Users", body) async for body in items]
    except ScimAnswer as answer:
        if answer.dislikes_the_filter:
            return None
        raise
    place = attribute.partition(".")[0]
    unasked = [user for user in users if value.lower() not in _texts(member(user.raw, place))]
    return None if unasked else users


def _texts(value: object) -> set[str]:
    """A value, or the values of a list, in lower case."""
    listed = value if isinstance(value, list) else [value]
    return {str(member(one, "value") if isinstance(one, Mapping) else one).lower() for one in listed}


def _has_address(user: ScimUser, address: str) -> bool:
    addresses = {user.user_name.lower(), *(one.lower() for one in read_values(user.raw, "emails"))}
    return address.lower() in addresses


async def need_account(ctx: ScimContext, user_id: str | None, features: Features) -> ScimUser:
    """The account that an action is about: by the planned id, the books, or our mark.

    Raises:
        Transient: `settling`, the application does not show it yet.
        Refused: it is gone, or what is there is not ours.
    """
    known = user_id or ctx.known.remote_id
    if known:
        user = await find_user(ctx, known)
        if user is None:
            raise explain_missing(user_id)
        return user
    user = await find_by_name(ctx, features)
    if user is None:
        raise explain_missing(None)
    if not is_marked(ctx, user):
        raise Refused("The account with this user name is not OneClick's.", code=ErrorCode.ALREADY_EXISTS)
    return user


def explain_missing(planned_id: str | None) -> ProviderError:
    """Why there is no such account: gone since the plan, or made by it a moment ago."""
    if planned_id:
        return Refused("The account is no longer there.", code=ErrorCode.NOT_FOUND)
    return Transient("The application does not show the new account yet.", code=ErrorCode.SETTLING)


async def explain_write(ctx: ScimContext, answer: ScimAnswer, planned_id: str | None) -> ProviderError:
    """Our error for a write on an account: what a 404 means depends on whether it is there."""
    key = planned_id or ctx.known.remote_id
    if answer.is_missing and key and await find_user(ctx, key) is None:
        return explain_missing(planned_id)
    return explain_answer(answer)
