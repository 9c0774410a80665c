"""What is wrong with watching something, in words that say what to do."""

from typing import Any

from services.shared.domain.notification.resources import OUTLOOK, PERMISSIONS, ResourceKind
from services.shared.sdk.catalogue import Explained
from services.shared.sdk.errors import ErrorCode, Transient
from services.shared.sdk.notifying import AddressUnreachable, SubscriptionTaken
from services.worker.notifier import explain_to_people

RENEW, REPLAY = "Then renew this subscription.", "Then replay this notification."
_REMEDIES = {
    ErrorCode.AUTH_EXPIRED: "Reconnect Microsoft under Connected accounts.",
    ErrorCode.NOT_FOUND: "Look whether the mailbox, the folder or the object is still there. If it is not, delete this "
    "subscription and make another one.",
}


class NotConfigured(Exception):
    """The worker does not know where notifications are to be posted."""


def problem_of(error: Exception, kind: str, then: str = RENEW) -> dict[str, Any]:
    """What a subscription to this kind of thing, or a notification of it, says about its trouble.

    `then` is what to do once a person has mended it.
    """
    if isinstance(error, NotConfigured):
        return _problem(
            "not_configured",
            "OneClick does not know under which public address Microsoft can reach it.",
            "Set NOTIFICATIONS_URL for the worker to https://<your address>/api/ms365/webhook and restart it.",
        )
    told = explain_to_people(error)
    if isinstance(error, AddressUnreachable):
        return _problem(
            "address_unreachable",
            told.message,
            "Open the address in NOTIFICATIONS_URL from outside your network: it must be https with a valid certificate "
            "and answer that OneClick listens there. It is tried again by itself.",
            told,
        )
    if isinstance(error, SubscriptionTaken):
        return _problem(
            "subscription_taken",
            told.message,
            "Look whether another installation of OneClick uses the same app registration, and end its subscription or "
            f"make an app registration for each. {then}",
            told,
        )
    if told.code == ErrorCode.MISSING_SCOPE:
        return _problem(told.code, told.message, f"{_remedy_of_permission(kind)} {then}", told)
    mine = _REMEDIES.get(told.code)
    return _problem(told.code, told.message, f"{mine} {then}" if mine else told.remedy, told)


def passes_by_itself(error: Exception, problem: dict[str, Any]) -> bool:
    """Whether it is worth another try soon, without anybody doing something about it."""
    return (
        isinstance(error, Transient | TimeoutError | OSError | AddressUnreachable)
        or problem["code"] == ErrorCode.UNAVAILABLE
    )


def _remedy_of_permission(kind: str) -> str:
    known = ResourceKind(kind)
    own = " A connection by signing in reads that person's own mailbox alone." if known in OUTLOOK else ""
    return (
        f"In Microsoft Entra give the app registration the permission {PERMISSIONS[known]} and grant admin consent."
        f"{own}"
    )


def _problem(code: str, message: str, remedy: str, told: Explained | None = None) -> dict[str, Any]:
    return {
        "code": str(code),
        "message": message,
        "remedy": remedy,
        "link": told.link_url if told else None,
        "vendor_message": told.vendor_message if told else None,
    }
