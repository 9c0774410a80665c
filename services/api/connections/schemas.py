"""Connected accounts on the wire. What is secret comes in and never goes out."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, SecretStr, StrictBool, StringConstraints

from services.api.wire import Body, OptionalText, Read, Text

MAX_FIELDS = 40
MAX_VALUE = 32_000
"""A service account's JSON file or a private key is a few thousand characters."""

Title = Annotated[Text, StringConstraints(max_length=100)]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
FieldValue = Annotated[SecretStr, Field(max_length=MAX_VALUE)]
MethodKey = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class ConnectionState(StrEnum):
    ACTIVE = "active"
    EXPIRING = "expiring"
    NEEDS_REAUTH = "needs_reauth"
    ERROR = "error"
    DISCONNECTED = "disconnected"


class ConnectedByRead(Read):
    id: str
    address: str


class MissingScopeRead(Read):
    """A permission that OneClick needs and the vendor has not granted; `why` says what does not work without."""

    name: str
    why: str


class ConnectionTestRead(Read):
    """What came of the newest test that has ended."""

    at: datetime
    ok: bool
    message: str


class ConnectionDetail(Read):
    """One connected account.

    `reason` says what is wrong and `remedy` what to do about it; both are null while all is well. `link` leads to
    the vendor's own page where that helps. `connected_by` is null for what came from the environment. `testing`: a
    test is underway, whose outcome will be `last_test`.
    """

    id: UUID
    vendor: str
    title: str
    account: str | None
    apps: list[str]
    method: str
    state: ConnectionState
    reason: str | None
    remedy: str | None
    link: str | None
    connected_at: datetime
    connected_by: ConnectedByRead | None
    last_refresh_at: datetime | None
    expires_at: datetime | None
    scopes_granted: list[str]
    scopes_missing: list[MissingScopeRead]
    last_test: ConnectionTestRead | None
    testing: bool


class ConnectionList(Read):
    items: list[ConnectionDetail]


class DependantsRead(Read):
    """What stops when the account is disconnected: open requests, schedules that name one of `apps`, subscriptions."""

    apps: list[str]
    waiting_requests: int
    schedules: int
    subscriptions: int


class ScopeRead(Read):
    name: str
    why: str


class ConnectionFieldRead(Read):
    """One thing to type in."""

    name: str
    label: str
    help: str
    secret: bool
    multiline: bool
    required: bool


class ConnectionMethodRead(Read):
    """One way to connect. A `redirect` goes to the vendor's page, what is `typed_in` is checked and stored.

    `preparation` are the steps to take at the vendor first. `unavailable_reason` says why it is not `available`.
    """

    key: str
    title: str
    kind: Literal["redirect", "typed_in"]
    explanation: str
    preparation: list[str]
    scopes: list[ScopeRead]
    fields: list[ConnectionFieldRead]
    available: bool
    unavailable_reason: str | None


class VendorMethodsRead(Read):
    vendor: str
    title: str
    apps: list[str]
    methods: list[ConnectionMethodRead]


class ConnectionMethodList(Read):
    items: list[VendorMethodsRead]


class ConnectionCreate(Body):
    """Typed-in credentials. With `connection_id` that account is reconnected in place."""

    method: MethodKey
    title: OptionalText = None
    fields: dict[FieldName, FieldValue] = Field(max_length=MAX_FIELDS)
    connection_id: UUID | None = None


class ConnectionUpdate(Body):
    title: Title


class DisconnectOrder(Body):
    confirm: StrictBool = False
    """True, once somebody has seen what depends on the account."""
