"""The Workspace's people as this provider reads them, and whose they are.

ClickUp has no lookup by address: the Workspace's list of people is read, and compared without case.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from services.shared.providers.clickup.answers import ClickUpAnswer
from services.shared.providers.clickup.client import ClickUpContext, call, need, team
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Outcome, OutcomeState
from services.shared.sdk.errors import ConsentLost, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import Frozen

OWNER, ADMIN, MEMBER, GUEST = 1, 2, 3, 4
"""The numbers of ClickUp's roles."""
RIGHTS = ("edit_tags", "see_time_spent", "see_time_estimated", "create_views", "see_points_estimated")
_SOON = 2.0


class Person(Frozen):
    """Somebody in the Workspace, invited or joined. None is what this answer did not tell."""

    id: str
    email: str
    username: str | None
    role: int | None
    custom_role: str | None
    joined: bool | None
    """False while the invitation waits."""
    invited_at: datetime | None
    rights: frozenset[str] | None = None
    """A guest's."""
    shares: Mapping[str, str | None] | None = None
    """`list:901` or `folder:902` to the permission level, as far as that is told."""

    @property
    def is_guest(self) -> bool:
        return self.role == GUEST

    @property
    def is_pending(self) -> bool:
        return self.joined is False

    def as_outcome(self, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        return Outcome(remote_id=self.id, login=self.email, **more)

    def waiting(self, ctx: ClickUpContext, **more: Any) -> Outcome:
        """The invitation is out. ClickUp does not say how long it holds."""
        link = f"https://app.clickup.com/{ctx.settings.team_id}/settings/users"
        return self.as_outcome(state=OutcomeState.AWAITING_ACCEPTANCE, url=link, **more)


def parse_person(operation: str, entry: Mapping[str, Any]) -> Person:
    """Read `{"user": {…}, …}`, as lists, members and guests have it.

    Raises:
        ClickUpAnswer: the object is not one.
    """
    user = entry.get("user")
    if not isinstance(user, Mapping) or not isinstance(user.get("id"), int):
        raise ClickUpAnswer(operation, 200, UNREADABLE, str(dict(entry))[:500])
    custom = user.get("custom_role")
    role = user.get("role")
    rights = {name: entry[f"can_{name}"] for name in RIGHTS if f"can_{name}" in entry}
    return Person(
        id=str(user["id"]),
        email=str(user.get("email") or "").lower(),
        username=str(user["username"]) if user.get("username") else None,
        role=role if isinstance(role, int) else None,
        custom_role=str(custom["id"]) if isinstance(custom, Mapping) and custom.get("id") else None,
        joined=user.get("date_joined") is not None if "date_joined" in user else None,
        invited_at=_moment(user.get("date_invited")),
        rights=frozenset(name for name, given in rights.items() if given) if rights else None,
        shares=_shares(entry.get("shared")),
    )


def _moment(value: object) -> datetime | None:
    """Milliseconds, as text or number."""
    try:
        return datetime.fromtimestamp(int(str(value)) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _shares(shared: object) -> dict[str, str | None] | None:
    """What is shared: the specification has bare ids in one place and objects in another."""
    if not isinstance(shared, Mapping):
        return None
    found: dict[str, str | None] = {}
    for kind in ("list", "folder"):
        listed = shared.get(f"{kind}s")
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping):
                found[f"{kind}:{one.get('id')}"] = one.get("permission_level")
            else:
                found[f"{kind}:{one}"] = None
    return found


async def list_people(ctx: ClickUpContext) -> list[Person]:
    """Everybody in the Workspace: members, guests, and who is invited.

    Raises:
        ConsentLost: the token does not open the Workspace.
        ClickUpAnswer: as ClickUp answers.
    """
    operation = "GET /team"
    teams = need(await call(ctx, "GET", "/team"), operation, "teams", list)
    for one in teams:
        if isinstance(one, Mapping) and str(one.get("id")) == ctx.settings.team_id:
            members = need(one, operation, "members", list)
            return [parse_person(operation, entry) for entry in members if isinstance(entry, Mapping)]
    raise ConsentLost(
        f"OneClick's token does not open the Workspace {ctx.settings.team_id}.", code=ErrorCode.MISSING_SCOPE
    )


async def find_by_id(ctx: ClickUpContext, remote_id: str) -> Person | None:
    """Somebody by their id, as the list shows them."""
    return next((one for one in await list_people(ctx) if one.id == remote_id), None)


def by_address(people: list[Person], address: str) -> Person | None:
    """Somebody by their address, in any case."""
    return next((one for one in people if one.email == address.lower()), None)


async def look_closer(ctx: ClickUpContext, person: Person) -> Person:
    """Role, acceptance and what a guest is shown: Enterprise tells it of each person alone.

    Raises:
        Transient: `settling`, ClickUp does not show the person there yet.
        ClickUpAnswer: as ClickUp answers.
    """
    if not person.is_guest:
        person = await _look(ctx, person, "user", "member")
    return await _look(ctx, person, "guest", "guest") if person.is_guest else person


async def _look(ctx: ClickUpContext, person: Person, kind: str, name: str) -> Person:
    operation = f"GET /team/{kind}"
    try:
        answered = await call(ctx, "GET", team(ctx, f"/{kind}/{person.id}"))
    except ClickUpAnswer as answer:
        if answer.is_missing and not answer.is_not_entitled:
            raise not_shown() from answer
        raise
    seen = parse_person(operation, need(answered, operation, name, dict))
    # Neither answer has to tell everything: what the closer one leaves out, the list may have told.
    told = {key: value for key, value in seen if value is not None}
    return person.model_copy(update={**told, "custom_role": seen.custom_role})


def not_shown() -> Transient:
    """What was written is not to be seen yet."""
    return Transient("ClickUp does not show the new person yet.", code=ErrorCode.SETTLING, retry_after=_SOON)


class Found(Frozen):
    """Who is at the person's place. `ours`: by the id in our books. ClickUp keeps no mark of ours."""

    kind: Literal["none", "ours", "foreign"]
    person: Person | None = None
    tells_acceptance: bool
    """Whether the Workspace's list says who has joined; the specification's does not."""


async def find_account(ctx: ClickUpContext) -> Found:
    """Find by the stored id, else by the address."""
    people = await list_people(ctx)
    tells = any(one.joined is not None for one in people)
    known = next((one for one in people if one.id == ctx.known.remote_id), None)
    person = known or by_address(people, ctx.person.work_email)
    kind: Literal["ours", "foreign"] = "ours" if known else "foreign"
    return Found(kind=kind if person else "none", person=person, tells_acceptance=tells)


async def need_person(ctx: ClickUpContext, planned_id: str | None) -> Person:
    """The person that an action is about: by the planned id, or the books.

    Raises:
        Transient: `settling`, ClickUp does not show them yet.
        Refused: they are gone.
    """
    key = planned_id or ctx.known.remote_id
    person = await find_by_id(ctx, key) if key else None
    if person is not None:
        return person
    if planned_id:
        raise Refused("The person is no longer in the ClickUp Workspace.", code=ErrorCode.NOT_FOUND)
    raise not_shown()


async def is_enterprise(ctx: ClickUpContext) -> bool:
    """Whether the Workspace's plan has calls for people. A plan that is not told is tried.

    Raises:
        ClickUpAnswer: as ClickUp answers.
    """
    try:
        answered = await call(ctx, "GET", team(ctx, "/plan"))
    except ClickUpAnswer as answer:
        if answer.is_missing:
            return True
        raise
    name = answered.get("plan_name")
    if not isinstance(name, str):
        raise ClickUpAnswer("GET /team/plan", 200, UNREADABLE, str(answered)[:500])
    return "enterprise" in name.lower()


class Seats(Frozen):
    """Free seats; None where there is no end of them."""

    members: int | None
    guests: int | None


async def free_seats(ctx: ClickUpContext) -> Seats | None:
    """What is left; None where ClickUp does not tell."""
    try:
        answered = await call(ctx, "GET", team(ctx, "/seats"))
    except ClickUpAnswer as answer:
        if answer.is_missing or answer.is_not_entitled:
            return None
        raise
    return Seats(
        members=_number(answered.get("members"), "empty_member_seats"),
        guests=_number(answered.get("guests"), "empty_guest_seats"),
    )


def _number(part: object, name: str) -> int | None:
    value = part.get(name) if isinstance(part, Mapping) else None
    return value if isinstance(value, int) else None
