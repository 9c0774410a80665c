"""What a vendor offers that tells of changes by itself and can be asked what changed since.

The core subscribes, renews and reads by this; so far Microsoft alone offers it.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal, Protocol, runtime_checkable

from pydantic import SecretStr

from services.shared.sdk.contract import Context
from services.shared.sdk.errors import Refused
from services.shared.sdk.manifest import Frozen


class CursorLost(Refused):
    """The vendor no longer knows where we were: read everything again (HTTP 410)."""


class SubscriptionGone(Refused):
    """The vendor has no such subscription any more."""


class AddressUnreachable(Refused):
    """The vendor asked at our address whether we want this, and did not get the answer that it expects."""


class SubscriptionTaken(Refused):
    """The vendor allows one subscription to this, and has one that is none of ours."""


class LifeTooLong(Refused):
    """The vendor does not grant so long a life. `minutes` is what it says that it grants, if it says so."""

    def __init__(self, message: str, *, minutes: int | None, vendor_message: str | None = None) -> None:
        super().__init__(message, vendor_message=vendor_message)
        self.minutes = minutes


class Certificate(Frozen):
    """What rich notifications are sealed for: X.509 in base64 of DER."""

    id: str
    x509: str


class SubscriptionOrder(Frozen):
    """`url` is where notifications and lifecycle events are posted; `client_state` comes back in each of them."""

    resource: str
    kind: str
    change_types: str
    url: str
    client_state: SecretStr
    expires_at: datetime
    certificate: Certificate | None = None


class RemoteSubscription(Frozen):
    """A subscription as the vendor has it. `expires_at` is what was granted."""

    id: str
    resource: str
    url: str
    expires_at: datetime


class Correspondent(Frozen):
    address: str
    name: str | None = None


class Recipient(Correspondent):
    kind: Literal["to", "cc"]


class Mail(Frozen):
    """A message, normalised."""

    remote_id: str
    internet_message_id: str | None = None
    conversation_id: str | None = None
    sender: Correspondent | None = None
    recipients: tuple[Recipient, ...] = ()
    subject: str | None = None
    body_preview: str | None = None
    has_attachments: bool = False
    is_read: bool | None = None
    sent_at: datetime | None = None
    received_at: datetime | None = None
    change_key: str | None = None


class Seen(Frozen):
    """One changed object: a mail, or the main facts of something else. `gone` when it is no longer there."""

    remote_id: str
    gone: bool = False
    mail: Mail | None = None
    facts: dict[str, Any] | None = None


class Changes(Frozen):
    """One page of what changed. `link` goes on: to the next page, or (`ended`) to the next round."""

    items: tuple[Seen, ...]
    link: str
    ended: bool


@runtime_checkable
class Notifies(Protocol):
    """Subscriptions, and reading what they tell of. All of it may raise ProviderError, as the vendor answers."""

    async def create_subscription(self, ctx: Context[Any], order: SubscriptionOrder) -> RemoteSubscription:
        """Make one. Not safe to repeat: read back by `list_subscriptions` first.

        Raises:
            LifeTooLong: ask for less.
            AddressUnreachable: our receiver must be reachable first.
            SubscriptionTaken: there is one already.
        """
        ...

    async def list_subscriptions(self, ctx: Context[Any]) -> Sequence[RemoteSubscription]:
        """Every subscription of our app."""
        ...

    async def renew_subscription(
        self,
        ctx: Context[Any],
        remote_id: str,
        expires_at: datetime,
        certificate: Certificate | None = None,
    ) -> RemoteSubscription:
        """Move its end; with `certificate`, what it brings along is sealed for that one from now on.

        Raises:
            SubscriptionGone: make it anew.
            LifeTooLong: ask for less.
        """
        ...

    async def reauthorize_subscription(self, ctx: Context[Any], remote_id: str) -> None:
        """Say that we may still watch.

        Raises:
            SubscriptionGone: make it anew.
        """
        ...

    async def delete_subscription(self, ctx: Context[Any], remote_id: str) -> None:
        """End it. One that is gone is fine."""
        ...

    async def read_changed(self, ctx: Context[Any], kind: str, resource: str) -> Seen:
        """The object that a notification names, as it is now."""
        ...

    def read_sealed(self, kind: str, body: dict[str, Any]) -> Seen:
        """The object that a rich notification brought along."""
        ...

    async def list_roots(self, ctx: Context[Any], kind: str, resource: str) -> Sequence[str]:
        """What to read by delta for this resource, such as every folder of a mailbox. Empty where there is no delta."""
        ...

    async def read_changes(self, ctx: Context[Any], kind: str, at: str, since: datetime | None) -> Changes:
        """A page: `at` is a root (a round begins, with what is newer than `since`) or the link of the page before.

        Raises:
            CursorLost: begin the round anew.
        """
        ...
