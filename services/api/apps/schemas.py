"""Apps and their live choices on the wire."""

from datetime import datetime
from typing import Any

from pydantic import StrictBool

from services.api.requests.schemas import ErrorRead
from services.api.wire import Body, Read
from services.shared.sdk.manifest import ActionKind


class ConnectionRead(Read):
    status: str
    reason: str | None
    display_name: str | None


class CapabilityRead(Read):
    key: str
    title: str
    scopes: list[str]
    destructive: bool


class LimitsRead(Read):
    calls_per_second: float
    concurrency: int
    settle_seconds: int
    source: str


class AppRead(Read):
    """`offered` is the tenant's switch. `enabled`: offered, and its vendor is connected or may be."""

    key: str
    title: str
    vendor: str
    glyph: str
    summary: str
    aliases: list[str]
    form: dict[str, Any]
    options: list[str]
    offered: bool
    offered_by_default: bool
    defaults: dict[str, Any]
    """What the form is filled in with where a request says nothing."""
    enabled: bool
    connection: ConnectionRead | None
    capabilities: list[CapabilityRead]
    actions: list[ActionKind]
    limits: LimitsRead


class AppChange(Body):
    """Whether the app is offered, what its form is filled in with, or both."""

    offered: StrictBool | None = None
    defaults: dict[str, Any] | None = None


class AppPage(Read):
    items: list[AppRead]


class OptionPartRead(Read):
    value: str
    label: str


class OptionRead(Read):
    value: str
    label: str
    detail: str | None
    disabled: bool
    free: int | None
    total: int | None
    parts: list[OptionPartRead]
    """What can be left out of it, such as services of a licence."""


class OptionPage(Read):
    items: list[OptionRead]
    fetched_at: datetime | None
    stale: bool
    error: ErrorRead | None
