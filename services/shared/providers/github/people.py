"""Logins, memberships and invitations of an organisation as GitHub shows them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from services.shared.providers.github.client import GitHubContext, org_path, pages, read, strange
from services.shared.sdk.contract import Outcome, OutcomeState
from services.shared.sdk.manifest import Frozen

LIFETIME = timedelta(days=7)
"""Invitations lapse after seven days (docs.github.com, inviting users to join your organization)."""
_PREFIX = "invitation:"
_SHOWN_ROLES = {"direct_member": "member"}
SENT_ROLES = {"member": "direct_member", "admin": "admin", "billing_manager": "billing_manager"}


class Profile(Frozen):
    """A login. `id` is for ever, `login` may be changed by its owner and then belongs to anybody."""

    id: int
    login: str
    email: str | None = None
    """Shown by its owner, and verified by GitHub; most people show none."""


class Member(Frozen):
    id: int
    login: str
    role: str
    is_pending: bool
    is_direct: bool = True
    via: tuple[str, ...] = ()
    """Enterprise teams that make this login a member as well."""

    def as_outcome(self, ctx: GitHubContext, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        url = f"https://github.com/orgs/{ctx.settings.org}/people/{self.login}"
        return Outcome(remote_id=str(self.id), login=self.login, url=url, **more)


class Invitation(Frozen):
    id: int
    login: str | None
    email: str | None
    role: str
    created_at: datetime

    @property
    def expires_at(self) -> datetime:
        return self.created_at + LIFETIME

    def key(self, ctx: GitHubContext) -> str:
        """How our books name an invitation until GitHub tells whose login accepted it."""
        return f"{_PREFIX}{self.id}@{ctx.settings.org}"

    def as_outcome(self, ctx: GitHubContext, **more: Any) -> Outcome:
        """An invitation that waits."""
        return Outcome(
            state=OutcomeState.AWAITING_ACCEPTANCE,
            remote_id=self.key(ctx),
            url=f"https://github.com/orgs/{ctx.settings.org}/people/pending_invitations",
            expires_at=self.expires_at,
            **more,
        )


def known_invitation(ctx: GitHubContext) -> int | None:
    """The number of the invitation that our books hold in place of an account."""
    remote_id = ctx.known.remote_id or ""
    number = remote_id.removeprefix(_PREFIX).partition("@")[0]
    return int(number) if remote_id.startswith(_PREFIX) and number.isdigit() else None


def known_account(ctx: GitHubContext) -> int | None:
    """The number of the account in our books."""
    remote_id = ctx.known.remote_id or ""
    return int(remote_id) if remote_id.isdigit() else None


def parse_profile(operation: str, body: dict[str, Any]) -> Profile:
    """Raises GitHubAnswer where the object is no user."""
    try:
        return Profile(id=int(body["id"]), login=str(body["login"]), email=body.get("email") or None)
    except (KeyError, TypeError, ValueError) as error:
        raise strange(operation, body) from error


def parse_member(operation: str, body: Any) -> Member:
    """Raises GitHubAnswer where the object is no membership."""
    try:
        teams = body.get("enterprise_teams_providing_indirect_membership") or ()
        return Member(
            id=int(body["user"]["id"]),
            login=str(body["user"]["login"]),
            role=str(body["role"]),
            is_pending=body["state"] != "active",
            is_direct=body.get("direct_membership") is not False,
            via=tuple(str(one) for one in teams),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise strange(operation, body) from error


def parse_invitation(operation: str, body: Any) -> Invitation:
    """Raises GitHubAnswer where the object is no invitation."""
    try:
        created = datetime.fromisoformat(str(body["created_at"]))
        role = str(body["role"])
        return Invitation(
            id=int(body["id"]),
            login=body.get("login") or None,
            email=body.get("email") or None,
            role=_SHOWN_ROLES.get(role, role),
            created_at=created if created.tzinfo else created.replace(tzinfo=UTC),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise strange(operation, body) from error


async def find_profile(ctx: GitHubContext, login: str) -> Profile | None:
    """The login's public profile."""
    body = await read(ctx, f"/users/{quote(login, safe='')}")
    return None if body is None else parse_profile("GET /users", body)


async def find_membership(ctx: GitHubContext, login: str) -> Member | None:
    """The login's membership, active or pending."""
    body = await read(ctx, org_path(ctx, "memberships", login))
    return None if body is None else parse_member("GET memberships", body)


async def find_linked(ctx: GitHubContext) -> Member | None:
    """The active membership of the account in our books, under whatever login it has now."""
    number = known_account(ctx)
    if number is None:
        return None
    if ctx.known.login:
        member = await find_membership(ctx, ctx.known.login)
        if member is not None and member.id == number:
            return None if member.is_pending else member
    # The login is another one now, or nobody's: the number is what counts.
    async for item in pages(ctx, org_path(ctx, "members")):
        if item.get("id") == number and item.get("login") != ctx.known.login:
            member = await find_membership(ctx, str(item["login"]))
            return None if member is None or member.is_pending else member
    return None


async def find_by_address(ctx: GitHubContext) -> Member | None:
    """The member who shows the work address on the public profile.

    That is the only way from an address to a login: GitHub verifies an address before it may be shown, and
    tells nobody the others. Who shows none is not found, and is never guessed at.
    """
    wanted = ctx.person.work_email.lower()
    body = await read(ctx, "/search/users", query={"q": f"{wanted} in:email", "per_page": 5})
    items = (body or {}).get("items")
    if not isinstance(items, list):
        raise strange("GET /search/users", body)
    for item in items:
        profile = await find_profile(ctx, str(item.get("login")))
        if profile is None or (profile.email or "").lower() != wanted:
            continue
        member = await find_membership(ctx, profile.login)
        if member is not None and member.id == profile.id and not member.is_pending:
            return member
    return None


async def find_invitation(
    ctx: GitHubContext, *, number: int | None = None, login: str | None = None, address: str | None = None
) -> Invitation | None:
    """The pending invitation with this number, else to this login or address."""
    found: Invitation | None = None
    async for item in pages(ctx, org_path(ctx, "invitations")):
        invitation = parse_invitation("GET invitations", item)
        if number is not None and invitation.id == number:
            return invitation
        to_login = login is not None and (invitation.login or "").lower() == login.lower()
        to_address = address is not None and (invitation.email or "").lower() == address.lower()
        if to_login or to_address:
            found = found or invitation
    return found


async def has_failed(ctx: GitHubContext, number: int) -> bool:
    """Whether this invitation is among those that lapsed or could not be delivered."""
    async for item in pages(ctx, org_path(ctx, "failed_invitations")):
        if item.get("id") == number:
            return True
    return False


async def invited_teams(ctx: GitHubContext, invitation: Invitation) -> frozenset[int]:
    """The numbers of the teams that the invitation leads into."""
    path = org_path(ctx, "invitations", invitation.id, "teams")
    return frozenset([int(item["id"]) async for item in pages(ctx, path) if "id" in item])
