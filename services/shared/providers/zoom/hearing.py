"""What Zoom's deliveries say (developers.zoom.us/docs/api/users/events). Whose account it is, the webhook decided."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from services.shared.sdk.optional import Heard

_KINDS: Mapping[str, Literal["activated", "changed", "removed"]] = {
    "user.activated": "activated",
    "user.invitation_accepted": "activated",
    "user.deactivated": "changed",
    "user.updated": "changed",
    "user.deleted": "removed",
    "user.disassociated": "removed",
}


def hear(headers: Mapping[str, str], body: Mapping[str, Any]) -> Sequence[Heard]:  # noqa: ARG001  # the protocol's
    """The person of an event about users; nothing else concerns us."""
    kind = _KINDS.get(str(body.get("event")))
    payload = body.get("payload")
    about = payload.get("object") if isinstance(payload, Mapping) else None
    if kind is None or not isinstance(about, Mapping):
        return ()
    number, email = about.get("id"), about.get("email")
    if not (number or email):
        return ()
    return (
        Heard(
            kind=kind,
            remote_id=str(number) if number else None,
            email=str(email).lower() if email else None,
        ),
    )
