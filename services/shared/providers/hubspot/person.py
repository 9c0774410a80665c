"""HubSpot's users as this provider reads them, and whose they are."""

from collections.abc import Mapping
from typing import Any, Literal

from services.shared.providers.hubspot.answers import HubSpotAnswer
from services.shared.providers.hubspot.client import FAMILIES, HubSpotContext, Paths, read, results
from services.shared.providers.hubspot.manifest import USERS_PAGE
from services.shared.sdk.contract import Outcome
from services.shared.sdk.errors import ErrorCode, Refused, Transient
from services.shared.sdk.manifest import Frozen

_SOON = 2.0


class HubSpotUser(Frozen):
    """The part of a user that matters here."""

    id: str
    email: str
    first_name: str
    last_name: str
    role: str | None
    primary_team: str | None
    teams: tuple[str, ...]
    seats: tuple[str, ...] | None
    """None where this family of paths does not tell."""
    super_admin: bool

    @property
    def all_teams(self) -> frozenset[str]:
        return frozenset((*self.teams, self.primary_team) if self.primary_team else self.teams)

    def as_outcome(self, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        return Outcome(remote_id=self.id, login=self.email, url=USERS_PAGE, **more)


def parse_user(body: Mapping[str, Any] | None) -> HubSpotUser | None:
    """A user; None when the object is not one."""
    if body is None or not body.get("id") or not isinstance(body.get("email"), str):
        return None
    seats = body.get("seatNames")
    roles = body.get("roleIds") or ()
    role = body.get("roleId") or (roles[0] if roles else None)
    return HubSpotUser(
        id=str(body["id"]),
        email=str(body["email"]).lower(),
        first_name=str(body.get("firstName") or ""),
        last_name=str(body.get("lastName") or ""),
        role=str(role) if role else None,
        primary_team=str(body["primaryTeamId"]) if body.get("primaryTeamId") else None,
        teams=tuple(str(one) for one in body.get("secondaryTeamIds") or ()),
        seats=tuple(str(one) for one in seats) if isinstance(seats, list) else None,
        super_admin=bool(body.get("superAdmin")),
    )


async def find_user(ctx: HubSpotContext, key: str, *, by_email: bool) -> HubSpotUser | None:
    """By id or address (`idProperty`).

    Raises:
        Refused: a success in no language of HubSpot's.
    """
    try:
        body = await read(ctx, Paths(ctx).member(key), params={"idProperty": "EMAIL"} if by_email else None)
    except HubSpotAnswer as answer:
        if answer.is_missing:
            return None
        raise
    user = parse_user(body)
    if user is None:
        raise Refused(
            "HubSpot answered something that OneClick does not know.", vendor_message=str(body)[:300]
        )
    return user


class Found(Frozen):
    """What lives at the person's place. `ours`: by the id in our books. HubSpot keeps no mark of ours."""

    kind: Literal["none", "ours", "foreign"]
    user: HubSpotUser | None = None


async def find_account(ctx: HubSpotContext) -> Found:
    """Find by the stored id, else by the address.

    Raises:
        Refused: HubSpot does not serve users under the connection's path.
    """
    if ctx.known.remote_id:
        user = await find_user(ctx, ctx.known.remote_id, by_email=False)
        if user is not None:
            return Found(kind="ours", user=user)
    user = await find_user(ctx, ctx.person.work_email, by_email=True)
    if user is None:
        await check_path(ctx)
        return Found(kind="none")
    return Found(kind="foreign", user=user)


async def check_path(ctx: HubSpotContext) -> None:
    """A 404 for a person means nobody only where the path itself answers.

    Raises:
        Refused: it does not; the connection's setting names a family that HubSpot has withdrawn.
    """
    try:
        await read(ctx, Paths(ctx).collection, params={"limit": 1})
    except HubSpotAnswer as answer:
        if not answer.is_missing:
            raise
        raise Refused(
            await explain_path(ctx), code=ErrorCode.NOT_FOUND, vendor_message=answer.message
        ) from answer


async def explain_path(ctx: HubSpotContext) -> str:
    """What to say when the connection's path answers nothing: which other one does."""
    said = f"HubSpot does not serve users under {ctx.settings.users_path}. "
    for family in FAMILIES:
        url = ctx.endpoints["hubspot_api"].rstrip("/") + family
        try:
            await read(ctx, url, params={"limit": 1})
        except HubSpotAnswer as answer:
            if not answer.is_missing:
                raise
        else:
            return f"{said}Choose {family} in the connection's settings, which answers."
    return f"{said}Choose another path in the connection's settings."


async def need_user(ctx: HubSpotContext, user_id: str | None) -> HubSpotUser:
    """The account that an action is about: by the planned id, or the books.

    Raises:
        Transient: `settling`, HubSpot does not show it (yet).
    """
    key = user_id or ctx.known.remote_id
    user = await find_user(ctx, key, by_email=False) if key else None
    if user is None:
        raise not_shown()
    return user


def not_shown() -> Transient:
    """What was written is not to be seen yet."""
    return Transient("HubSpot does not show this yet.", code=ErrorCode.SETTLING, retry_after=_SOON)


class Named(Frozen):
    """A permission set or a team: its id and its name."""

    id: str
    name: str


async def roles(ctx: HubSpotContext) -> dict[str, Named]:
    """The portal's permission sets by id."""
    return _named(await results(ctx, f"{Paths(ctx).members}/roles"))


async def teams(ctx: HubSpotContext) -> dict[str, Named]:
    """The portal's teams by id."""
    return _named(await results(ctx, f"{Paths(ctx).members}/teams"))


async def free_seats(ctx: HubSpotContext) -> dict[str, int | None]:
    """Seats by name, with how many are free (None: without limit). Only the beta family tells."""
    items = await results(ctx, f"{Paths(ctx).members}/seats")
    return {str(one["name"]): one.get("remainingSeats") for one in items if one.get("name")}


def _named(items: list[dict[str, Any]]) -> dict[str, Named]:
    return {
        str(one["id"]): Named(id=str(one["id"]), name=str(one.get("name") or one["id"]))
        for one in items
        if one.get("id")
    }
