"""Zoom's users as this provider reads them, and whose they are.

Zoom keeps no mark of ours: `POST /users` takes none, `cms_user_id` of `PATCH` is Kaltura's, custom attributes need an
administrator to set them up, and a pending person's record shows neither. The id in our books decides.
"""

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from services.shared.providers.zoom.answers import ZoomAnswer
from services.shared.providers.zoom.client import ZoomContext, path, read
from services.shared.sdk.contract import Outcome
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused, Transient
from services.shared.sdk.manifest import Frozen

LICENSED_TYPE = 2
MEMBER_ROLE, OWNER_ROLE = "2", "0"
CONSOLE = "https://zoom.us/account/user#/"
_SOON = 2.0
_SHOWN_NAMES = ("first_name", "last_name", "dept", "job_title")


class ZoomUser(Frozen):
    """The part of a user that matters here. Of a pending person Zoom may show nothing but the id."""

    id: str
    email: str
    status: Literal["active", "inactive", "pending"]
    type: int | None
    profile: Mapping[str, str]
    """What is shown of first_name, last_name, dept, job_title."""
    role_id: str | None
    group_ids: tuple[str, ...]

    @property
    def is_pending(self) -> bool:
        return self.status == "pending"

    @property
    def is_licensed(self) -> bool:
        return self.type == LICENSED_TYPE

    def as_outcome(self, **more: Any) -> Outcome:
        """An outcome that tells which account this is."""
        return Outcome(remote_id=self.id, login=self.email, url=CONSOLE, **more)


def _parse(ctx: ZoomContext, body: Mapping[str, Any]) -> ZoomUser | None:
    """A user; None when the object is not one.

    `GET /users/{id}` answers of pending people `id` and `created_at` alone (specification, the operation's note).
    """
    if not isinstance(body.get("id"), str):
        return None
    status = body.get("status") or ("active" if "email" in body else "pending")
    if status not in {"active", "inactive", "pending"}:
        return None
    kind = body.get("type")
    return ZoomUser(
        id=body["id"],
        email=str(body.get("email") or ctx.known.login or ctx.person.work_email).lower(),
        status=status,
        type=kind if isinstance(kind, int) else None,
        profile={name: str(body.get(name) or "") for name in _SHOWN_NAMES} if "first_name" in body else {},
        role_id=str(body["role_id"]) if body.get("role_id") is not None else None,
        group_ids=tuple(str(one) for one in body.get("group_ids") or ()),
    )


class Looked(NamedTuple):
    """What an id or an address leads to. `lapsed`: to an invitation that ran out, hence to nobody."""

    user: ZoomUser | None
    lapsed: bool = False


async def look_up(ctx: ZoomContext, key: str) -> Looked:
    """By id or address.

    Raises:
        Refused: a success in no language of Zoom's.
        ZoomAnswer: as Zoom answers.
    """
    try:
        body = await read(ctx, path("users", key))
    except ZoomAnswer as answer:
        if answer.is_missing or answer.has_lapsed:
            return Looked(None, lapsed=answer.has_lapsed)
        raise
    user = _parse(ctx, body)
    if user is None:
        raise Refused("Zoom answered something that OneClick does not know.", vendor_message=str(body)[:300])
    return Looked(user)


class Found(Frozen):
    """What lives at the person's place. `ours`: by the id in our books."""

    kind: Literal["none", "ours", "foreign"]
    user: ZoomUser | None = None
    lapsed: bool = False


async def find_account(ctx: ZoomContext) -> Found:
    """Find by the stored id, else by the address."""
    lapsed = False
    if ctx.known.remote_id:
        ours = await look_up(ctx, ctx.known.remote_id)
        if ours.user is not None:
            return Found(kind="ours", user=ours.user)
        lapsed = ours.lapsed
    there = await look_up(ctx, ctx.person.work_email)
    if there.user is None:
        return Found(kind="none", lapsed=lapsed or there.lapsed)
    return Found(kind="foreign", user=there.user)


async def find_known(ctx: ZoomContext, user_id: str | None) -> Looked:
    """The account that an action is about: by the planned id, or the books."""
    key = user_id or ctx.known.remote_id
    return await look_up(ctx, key) if key else Looked(None)


async def need_user(ctx: ZoomContext, user_id: str | None) -> ZoomUser:
    """The account that an action is about.

    Raises:
        Transient: `settling`, Zoom does not show it (yet).
        Refused: its invitation ran out.
    """
    looked = await find_known(ctx, user_id)
    if looked.user is None:
        raise gone_or_settling(lapsed=looked.lapsed)
    return looked.user


def gone_or_settling(*, lapsed: bool) -> ProviderError:
    """Why there is nobody: the invitation ran out, or Zoom does not show the user yet."""
    if lapsed:
        return Refused("The invitation ran out: plan again to invite anew.", code=ErrorCode.NOT_FOUND)
    return Transient("Zoom does not show the user yet.", code=ErrorCode.SETTLING, retry_after=_SOON)


def must_be_active(user: ZoomUser) -> None:
    """Licences, add-ons and roles do not stick while a person is pending.

    Raises:
        Refused: the person is pending or deactivated.
    """
    if user.status != "active":
        raise Refused(f"The user is {user.status} at Zoom: plan again.", code=ErrorCode.CONFLICT)
