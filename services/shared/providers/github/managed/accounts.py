"""Managed users as the enterprise's SCIM shows them, and whose they are."""

from typing import Any, Literal

from services.shared.providers.github.client import GitHubContext, read, strange
from services.shared.providers.github.managed.client import resources, users_path
from services.shared.sdk.contract import Outcome
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen


class ManagedUser(Frozen):
    """The part of a user that matters here. `mark` is what OneClick wrote into `externalId`."""

    id: str
    mark: str
    user_name: str
    display_name: str
    given_name: str
    family_name: str
    is_active: bool
    role: str

    def as_outcome(self, ctx: GitHubContext, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        url = f"https://github.com/enterprises/{ctx.settings.enterprise}/people"
        return Outcome(remote_id=self.id, login=self.user_name, url=url, **more)

    def shown(self) -> dict[str, Any]:
        """What a plan says of it, in the words of `update`."""
        return {
            "display_name": self.display_name,
            "given_name": self.given_name,
            "family_name": self.family_name,
            "suspended": not self.is_active,
        }


def parse_user(operation: str, body: Any) -> ManagedUser:
    """Raises GitHubAnswer where the object is no user."""
    try:
        name = body.get("name") or {}
        roles = [one.get("value") for one in body.get("roles") or () if isinstance(one, dict)]
        return ManagedUser(
            id=str(body["id"]),
            mark=str(body.get("externalId") or ""),
            user_name=str(body["userName"]),
            display_name=str(body.get("displayName") or ""),
            given_name=str(name.get("givenName") or ""),
            family_name=str(name.get("familyName") or ""),
            is_active=bool(body["active"]),
            role=str(roles[0]) if roles else "user",
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise strange(operation, body) from error


class FoundUser(Frozen):
    """`ours`: by the id in our books or by our mark. `foreign`: somebody else made it with this address."""

    kind: Literal["none", "ours", "foreign"]
    user: ManagedUser | None = None
    linked: bool = False


async def find_user(ctx: GitHubContext, user_id: str) -> ManagedUser | None:
    """By SCIM's id."""
    body = await read(ctx, users_path(ctx, user_id))
    return None if body is None else parse_user("GET Users", body)


async def find_by(ctx: GitHubContext, attribute: str, value: str) -> ManagedUser | None:
    """By `userName` or `externalId`: GitHub filters by one of a few attributes, never by address."""
    query = {"filter": f'{attribute} eq "{value}"'}
    async for item in resources(ctx, users_path(ctx), query=query):
        user = parse_user("GET Users", item)
        held = user.mark if attribute == "externalId" else user.user_name
        if held.lower() == value.lower():
            return user
    return None


def user_name(ctx: GitHubContext) -> str:
    """The name that the identity provider signs the person in under: the work address.

    Raises:
        Refused: the address would end the quoted value of a filter.
    """
    address = ctx.person.work_email.lower()
    if '"' in address or "\\" in address:
        raise Refused(
            f"GitHub cannot look for {address}.", code=ErrorCode.INVALID_FIELD, field="employee.work_email"
        )
    return address


async def find_account(ctx: GitHubContext) -> FoundUser:
    """By the id in our books, by our mark, else by the address."""
    if ctx.known.remote_id:
        user = await find_user(ctx, ctx.known.remote_id)
        if user is not None:
            return FoundUser(kind="ours", user=user, linked=True)
    marked = await find_by(ctx, "externalId", ctx.mark)
    if marked is not None:
        return FoundUser(kind="ours", user=marked)
    user = await find_by(ctx, "userName", user_name(ctx))
    return FoundUser(kind="foreign", user=user) if user else FoundUser(kind="none")
