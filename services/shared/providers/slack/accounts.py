"""Slack's users, and whose the account at an address is."""

from collections.abc import Mapping
from typing import Any, Literal

from services.shared.providers.slack.answers import SlackAnswer, unreadable
from services.shared.providers.slack.client import SlackContext, pages, path_of, read_list, scim, web
from services.shared.sdk.contract import Outcome
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GUEST = "urn:ietf:params:scim:schemas:extension:slack:guest:2.0:User"
_FOUND = 20


class SlackUser(Frozen):
    """What OneClick reads of a SCIM user."""

    id: str
    user_name: str
    addresses: tuple[str, ...]
    """Lower case, the primary one first."""
    given_name: str
    family_name: str
    title: str
    department: str
    timezone: str
    active: bool
    external_id: str
    is_guest: bool
    guest_until: str | None
    """The day, `YYYY-MM-DD`."""
    groups: Mapping[str, str]
    """Names of the user groups by id."""

    @property
    def address(self) -> str:
        return self.addresses[0]

    def shown(self) -> dict[str, Any]:
        """What a plan says of it, in the words of `update`."""
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "title": self.title,
            "department": self.department,
            "timezone": self.timezone,
            "active": self.active,
            "type": "guest" if self.is_guest else "member",
            "guest_until": self.guest_until,
        }

    def as_outcome(self, ctx: SlackContext, **more: Any) -> Outcome:
        """Done, with what our books need."""
        url = ctx.settings.page(f"team/{self.id}") if ctx.settings.team_domain else None
        return Outcome(remote_id=self.id, login=self.address, url=url, **more)


def parse_user(operation: str, body: Mapping[str, Any]) -> SlackUser:
    """Read a user. Slack shows unset fields as null and `externalId` as an empty text.

    Raises:
        SlackAnswer: the object is not one.
    """
    try:
        name, work, guest = body.get("name") or {}, body.get(ENTERPRISE) or {}, body.get(GUEST)
        emails = sorted(body["emails"], key=lambda one: not one.get("primary"))
        return SlackUser(
            id=str(body["id"]),
            user_name=str(body["userName"]),
            addresses=tuple(str(one["value"]).lower() for one in emails if one.get("value")) or ("",),
            given_name=str(name.get("givenName") or ""),
            family_name=str(name.get("familyName") or ""),
            title=str(body.get("title") or ""),
            department=str(work.get("department") or ""),
            timezone=str(body.get("timezone") or ""),
            active=bool(body["active"]),
            external_id=str(body.get("externalId") or ""),
            is_guest=bool(guest),
            guest_until=str(guest.get("expiration") or "")[:10] or None if guest else None,
            groups={str(one["value"]): str(one.get("display") or "") for one in body.get("groups") or ()},
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise unreadable(operation, 200, body) from error


async def find_user(ctx: SlackContext, user_id: str) -> SlackUser | None:
    """By Slack's id. Deactivated people are found as well: Slack deletes nobody."""
    try:
        body = await scim(ctx, "GET", path_of("Users", user_id))
    except SlackAnswer as answer:
        if answer.is_missing:
            return None
        raise
    return parse_user("GET Users", body)


class Found(Frozen):
    """What lives at the person's place.

    `ours`: by the id in our books or by our mark. `foreign`: an account with this very address that
    is not ours. `alias`: another account that has the address as its second one.
    """

    kind: Literal["none", "ours", "foreign", "alias"]
    user: SlackUser | None = None
    linked: bool = False
    """Our books know its id."""


async def find_account(ctx: SlackContext) -> Found:
    """Find by the stored id, else by the address."""
    if ctx.known.remote_id:
        user = await find_user(ctx, ctx.known.remote_id)
        if user is not None:
            return Found(kind="ours", user=user, linked=True)
    user = await find_by_address(ctx)
    if user is None:
        return Found(kind="none")
    if user.external_id == ctx.mark:
        return Found(kind="ours", user=user)
    if user.address != ctx.person.work_email.lower():
        return Found(kind="alias", user=user)
    return Found(kind="foreign", user=user)


async def find_by_address(ctx: SlackContext) -> SlackUser | None:
    """Whoever has the work address, as first or second one, deactivated people included.

    Slack documents filters for SCIM v1.1 alone; v2 takes them, refuses them or passes over them. So what comes
    back is looked at, and without filters the Web API is asked, then the whole list is read.
    """
    address = ctx.person.work_email.lower()
    filtered = await _by_filter(ctx, address)
    if filtered is not None:
        return filtered[0] if filtered else None
    active = await _by_web(ctx, address)
    if active is not None:
        return active
    # The Web API does not find deactivated people, whose address is taken all the same.
    async for item in pages(ctx, "Users"):
        user = parse_user("GET Users", item)
        if address in user.addresses:
            return user
    return None


async def _by_filter(ctx: SlackContext, address: str) -> list[SlackUser] | None:
    """Everybody with the address; None where Slack does not filter."""
    if '"' in address or "\\" in address:
        return None
    query = {"filter": f'email eq "{address}"', "count": str(_FOUND)}
    try:
        items, _ = read_list("Users", await scim(ctx, "GET", "Users", query=query))
    except SlackAnswer as answer:
        if answer.refuses_filter:
            return None
        raise
    users = [parse_user("GET Users", item) for item in items]
    fitting = [user for user in users if address in user.addresses]
    return fitting if fitting or not users else None


async def _by_web(ctx: SlackContext, address: str) -> SlackUser | None:
    """The active account with the address, where the token may look it up."""
    try:
        reply = await web(ctx, "users.lookupByEmail", email=address)
    except SlackAnswer as answer:
        if answer.is_final:
            return None
        raise
    found = (reply.body.get("user") or {}).get("id")
    return await find_user(ctx, str(found)) if found else None


async def need_account(ctx: SlackContext, user_id: str | None) -> SlackUser:
    """The account that an action is about: by the planned id, the books, or our mark at the address.

    Raises:
        Refused: it is gone, or what is there is not ours.
    """
    user_id = user_id or ctx.known.remote_id
    user = await find_user(ctx, user_id) if user_id else await find_by_address(ctx)
    if user is None:
        raise Refused("The account is no longer there.", code=ErrorCode.NOT_FOUND)
    if not user_id and user.external_id != ctx.mark:
        raise Refused("The account at this address is not OneClick's.", code=ErrorCode.ALREADY_EXISTS)
    return user
