"""Who may have which licence, in the order in which Zoom checks it."""

from __future__ import annotations

from services.sandbox.zoom.errors import (
    NO_BASIC_SEAT,
    NO_LICENSED_SEAT,
    NO_SEAT_OF_TYPE,
    ZoomError,
    no_right,
    refused,
)
from services.sandbox.zoom.operations import Context
from services.sandbox.zoom.state import BASIC, LICENSED, User

_LICENCE_TYPES = {"MEETING", "ZOOM_WORKPLACE_BUNDLE"}
_TYPE_NAMES = {BASIC: "basic", LICENSED: "licensed"}


def no_paid_seat(what: str = "licensed", *, verb: str = "add") -> ZoomError:
    """Code 2034 as `POST /users` and `PATCH /users/{id}` document it."""
    request = f"add a new {what} user" if verb == "add" else f"convert the plan type of this user to {what}"
    return ZoomError(
        400,
        NO_LICENSED_SEAT,
        f"Your request to {request} could not be approved at this time because your account has reached the"
        f" permitted maximum number of {what} users. Please purchase additional licenses or contact the Zoom"
        " support team to provision additional users in your account.",
    )


def need_seat(context: Context, user_type: int, *, user: User | None = None) -> None:
    """Refuse when no seat of the type is left. Modes `basic_limit_code` (2033, 3412), `paid_limit_code` (2034, 3412)."""
    sku = _TYPE_NAMES.get(user_type)
    account = context.account
    if sku is None or (user is not None and user.type == user_type) or account.free_seats(sku) > 0:
        return
    if user_type == LICENSED:
        if context.mode("paid_limit_code", "2034") == "2034":
            raise no_paid_seat(verb="add" if user is None else "convert")
        raise _type_limit(account.skus["licensed"].seats, "paying")
    if context.mode("basic_limit_code", "2033") == "3412":
        raise _type_limit(account.skus["basic"].seats, "basic")
    raise ZoomError(
        400,
        NO_BASIC_SEAT,
        "Your request to add a basic user was not approved because you have already reached the maximum basic"
        " user limit allowed in your account. For additional help regarding this issue, contact the Zoom"
        " Customer Support team.",
    )


def _type_limit(seats: int, what: str) -> ZoomError:
    return ZoomError(
        400,
        NO_SEAT_OF_TYPE,
        "Your request was not approved at this time because your account has reached the permitted maximum"
        f" number of {seats} {what} users. Please remove existing {what} user(s) from your Users list or the"
        " Pending Users list.",
    )


def need_united(context: Context, plan: str, user: User | None) -> None:
    """Refuse a bundle that the account does not have (300) or that is used up (2034)."""
    sku = f"united{plan}"
    if sku not in context.account.skus:
        raise refused(
            "The value provided for plan_united_type parameter is invalid. Try again with a valid value."
        )
    if (user is None or user.united != plan) and context.account.free_seats(sku) <= 0:
        raise no_paid_seat(f"Zoom United ({plan})")


def need_add_on(context: Context, sku_id: str, user: User) -> None:
    """Refuse when the add-on is used up: code 200 with the number bought."""
    account = context.account
    if sku_id in user.features or account.free_seats(sku_id) > 0:
        return
    sku = account.skus.get(sku_id)
    name = "Large" if sku_id.startswith("large") else "Webinar"
    capacity = sku_id.removeprefix("large").removeprefix("webinar")
    raise no_right(f"You can add max {sku.seats if sku else 0} {name} {capacity} users.")


def check_license_list(items: list[dict[str, object]] | None) -> None:
    for item in items or []:
        if item.get("license_type") not in _LICENCE_TYPES or not item.get("license_option"):
            raise refused("The value provided for license_info_list parameter is invalid.")
