"""What GitHub's deliveries say. Whose organisation they are about was decided by the connection's webhook."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from services.shared.sdk.optional import Heard

_KINDS: Mapping[str, Literal["activated", "changed", "removed"]] = {
    "member_added": "activated",
    "member_invited": "changed",
    "member_removed": "removed",
}


def hear(headers: Mapping[str, str], body: Mapping[str, Any]) -> Sequence[Heard]:
    """The `organization` event: somebody was invited, joined or left. Nothing else concerns us.

    Who joined is told by login, though the invitation may have gone to an address (docs.github.com, webhook
    events and payloads). That an invitation was declined or lapsed is not told.
    """
    kind = _KINDS.get(str(body.get("action")))
    if headers.get("x-github-event") != "organization" or kind is None:
        return ()
    membership, invitation = _dict(body, "membership"), _dict(body, "invitation")
    user = _dict(membership, "user") or _dict(body, "user")
    number, login = user.get("id"), user.get("login") or invitation.get("login")
    email = invitation.get("email")
    if not any((number, login, email)):
        return ()
    return (
        Heard(
            kind=kind,
            remote_id=str(number) if number else None,
            login=str(login) if login else None,
            email=str(email) if email else None,
        ),
    )


def _dict(body: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = body.get(name)
    return value if isinstance(value, Mapping) else {}
