"""Google's users as this provider reads them, and whose they are."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from services.shared.providers.google.answers import GoogleAnswer, explain_answer
from services.shared.providers.google.client import GoogleContext, call
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.contract import Outcome
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient
from services.shared.sdk.manifest import Frozen

USER_FIELDS = (
    "id,primaryEmail,name(givenName,familyName),suspended,archived,orgUnitPath,externalIds,isAdmin,"
    "creationTime,deletionTime"
)
MARK_TYPE = "oneclick"
CONSOLE = "https://admin.google.com/ac/users/"
_FRESH = timedelta(minutes=10)


class GoogleUser(Frozen):
    """The part of a user that matters here. `marks` are employee ids that OneClick wrote on it."""

    id: str
    address: str
    given_name: str
    family_name: str
    org_unit: str
    suspended: bool
    archived: bool
    is_admin: bool
    is_fresh: bool
    """Made in the last ten minutes: what Google does not show of it yet may still come."""
    external_ids: tuple[Mapping[str, Any], ...]

    @property
    def marks(self) -> frozenset[str]:
        return frozenset(str(one.get("value")) for one in self.external_ids if _is_mark(one))

    @property
    def url(self) -> str:
        """The account's page in Google's Admin console."""
        return CONSOLE + self.id

    def as_outcome(self, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        return Outcome(remote_id=self.id, login=self.address, url=self.url, **more)

    def external_ids_with(self, mark: str) -> list[dict[str, Any]]:
        """The list to write: Google replaces arrays as a whole, so what others wrote is kept."""
        return [dict(one) for one in self.external_ids if not _is_mark(one)] + [mark_entry(mark)]

    def shown(self) -> dict[str, Any]:
        """What a plan says of it, in the words of `update`."""
        return {
            "given_name": self.given_name,
            "family_name": self.family_name,
            "org_unit": self.org_unit,
            "suspended": self.suspended or self.archived,
        }


def mark_entry(mark: str) -> dict[str, str]:
    """Our ownership mark as an entry of `externalIds`."""
    return {"type": "custom", "customType": MARK_TYPE, "value": mark}


def _is_mark(entry: Mapping[str, Any]) -> bool:
    return entry.get("type") == "custom" and entry.get("customType") == MARK_TYPE


def parse_user(operation: str, body: Mapping[str, Any]) -> GoogleUser:
    """Read a user.

    Raises:
        GoogleAnswer: the object is not one.
    """
    try:
        name = body.get("name") or {}
        return GoogleUser(
            id=str(body["id"]),
            address=str(body["primaryEmail"]).lower(),
            given_name=str(name.get("givenName") or ""),
            family_name=str(name.get("familyName") or ""),
            org_unit=str(body.get("orgUnitPath") or "/"),
            suspended=bool(body.get("suspended")),
            archived=bool(body.get("archived")),
            is_admin=bool(body.get("isAdmin")),
            is_fresh=_is_fresh(body.get("creationTime")),
            external_ids=tuple(one for one in body.get("externalIds") or () if isinstance(one, dict)),
        )
    except (KeyError, TypeError, AttributeError) as error:
        raise GoogleAnswer(operation, 200, UNREADABLE, str(dict(body))[:500]) from error


def unmarked(operation: str, user: GoogleUser | None) -> GoogleAnswer:
    """A success that does not show the account as we asked for it."""
    shown = f"{user.id} without OneClick's mark" if user else "no account"
    return GoogleAnswer(operation, 200, UNREADABLE, shown)


def _is_fresh(created: object) -> bool:
    try:
        moment = datetime.fromisoformat(str(created))
    except ValueError:
        return False
    return datetime.now(UTC) - moment < _FRESH


async def find_user(ctx: GoogleContext, key: str) -> GoogleUser | None:
    """By id, primary address or alias: compare `address` before believing an address."""
    try:
        body = await call(ctx, "users.get", userKey=key, fields=USER_FIELDS)
    except GoogleAnswer as answer:
        if answer.is_missing:
            return None
        raise
    # The id of a deleted account may go on answering for the 20 days in which it can be restored.
    return None if body.get("deletionTime") else parse_user("users.get", body)


class Found(Frozen):
    """What lives at the person's place.

    `ours`: by the id in our books or by our mark. `foreign`: an account with this very address that
    is not ours. `alias`: another account that has the address as an alias.
    """

    kind: Literal["none", "ours", "foreign", "alias"]
    user: GoogleUser | None = None
    linked: bool = False
    """Our books know its id."""


async def find_account(ctx: GoogleContext) -> Found:
    """Find by the stored id, else by the address.

    Raises:
        Refused: the address belongs to a domain that this Google customer does not have.
        GoogleAnswer: as Google answers.
    """
    if ctx.known.remote_id:
        user = await find_user(ctx, ctx.known.remote_id)
        if user is not None:
            return Found(kind="ours", user=user, linked=True)
    user = await find_by_address(ctx)
    if user is None:
        return Found(kind="none")
    if ctx.mark in user.marks:
        return Found(kind="ours", user=user)
    if user.address != ctx.person.work_email.lower():
        return Found(kind="alias", user=user)
    return Found(kind="foreign", user=user)


async def find_by_address(ctx: GoogleContext) -> GoogleUser | None:
    """Whoever answers to the work address, as primary address or alias."""
    try:
        return await find_user(ctx, ctx.person.work_email)
    except GoogleAnswer as answer:
        if answer.is_plain_forbidden and await _may_read_users(ctx):
            # Google says "forbidden" of addresses in domains that are not the customer's.
            domain = ctx.person.work_email.rpartition("@")[2]
            raise Refused(
                f"{domain} is not a domain of this Google customer.",
                code=ErrorCode.DOMAIN_NOT_VERIFIED,
                field="employee.work_email",
                vendor_message=answer.message,
            ) from answer
        raise


async def _may_read_users(ctx: GoogleContext) -> bool:
    try:
        await call(ctx, "users.list", customer=ctx.settings.customer_id, maxResults=1, fields="users(id)")
    except GoogleAnswer as answer:
        if answer.is_plain_forbidden:
            return False
        raise
    return True


async def find_deleted(ctx: GoogleContext) -> dict[str, Any] | None:
    """The account with this address that was deleted in the last 20 days, with `id` and `deletionTime`."""
    address = ctx.person.work_email
    if "'" in address or "\\" in address:
        return None
    body = await call(
        ctx,
        "users.list",
        customer=ctx.settings.customer_id,
        showDeleted="true",
        query=f"email='{address}'",
        maxResults=5,
        fields="users(id,primaryEmail,deletionTime)",
    )
    users = [
        one for one in body.get("users") or () if str(one.get("primaryEmail")).lower() == address.lower()
    ]
    return max(users, key=lambda one: str(one.get("deletionTime")), default=None)


async def need_account(ctx: GoogleContext, user_id: str | None) -> GoogleUser:
    """The account that an action is about: by the planned id, the books, or our mark at the address.

    Raises:
        Transient: `settling`, Google does not show it yet.
        Refused: it is gone, or what is there is not ours.
    """
    user_id = user_id or ctx.known.remote_id
    if user_id:
        user = await find_user(ctx, user_id)
        if user is not None:
            return user
        raise await explain_missing(ctx, user_id)
    user = await find_by_address(ctx)
    if user is not None and ctx.mark in user.marks:
        return user
    if user is None:
        raise Transient("Google does not show the account yet.", code=ErrorCode.SETTLING)
    raise Refused("The account at this address is not OneClick's.", code=ErrorCode.ALREADY_EXISTS)


async def explain_missing(ctx: GoogleContext, user_id: str) -> ProviderError:
    """Why Google answers 404 for this account: not yet (a 404 lasts seconds after a create), or no more."""
    deleted = await find_deleted(ctx)
    if deleted is not None and deleted.get("id") == user_id:
        return Refused(
            "The account was deleted at Google.", code=ErrorCode.NOT_FOUND, vendor_message=str(deleted)
        )
    return Transient("Google does not show the account yet.", code=ErrorCode.SETTLING)


async def explain_write(ctx: GoogleContext, answer: GoogleAnswer, user_id: str | None) -> ProviderError:
    """Our error for a write on an account: what Google means depends on the account."""
    key = user_id or ctx.known.remote_id or ctx.person.work_email
    if answer.is_missing and not answer.says("domain not found"):
        user = await find_user(ctx, key)
        if user is None:
            return await explain_missing(ctx, key)
        if user.is_fresh:
            return Transient(
                "Google does not show the new account everywhere yet.",
                code=ErrorCode.SETTLING,
                vendor_message=answer.message,
            )
    if answer.is_plain_forbidden:
        user = await find_user(ctx, key)
        if user is not None and user.is_admin:
            return Refused(
                "The account is an administrator's: only a super administrator may change it.",
                code=ErrorCode.MISSING_SCOPE,
                vendor_message=answer.message,
            )
    return explain_answer(answer)
