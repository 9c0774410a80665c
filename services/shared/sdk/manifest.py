"""What a provider says about itself, as data. The web app renders its form from exactly this."""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema, model_validator

from services.shared.sdk.errors import ErrorCode


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


def _to_json_schema(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(by_alias=False)


Form = Annotated[
    type[Frozen], PlainSerializer(_to_json_schema), WithJsonSchema({"type": "object"}, mode="serialization")
]
"""A pydantic class in Python; a JSON Schema, hence a form, on the wire."""


class ActionKind(StrEnum):
    CREATE = "create"
    ADOPT = "adopt"
    UPDATE = "update"
    INVITE = "invite"
    ASSIGN_LICENSE = "assign_license"
    REMOVE_LICENSE = "remove_license"
    ADD_TO_GROUP = "add_to_group"
    REMOVE_FROM_GROUP = "remove_from_group"
    GRANT_ROLE = "grant_role"
    REVOKE_SESSIONS = "revoke_sessions"
    SUSPEND = "suspend"
    TRANSFER_DATA = "transfer_data"
    DELETE = "delete"
    MANUAL_TASK = "manual_task"
    NOOP = "noop"


DESTRUCTIVE = frozenset(
    {
        ActionKind.REMOVE_LICENSE,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.REVOKE_SESSIONS,
        ActionKind.SUSPEND,
        ActionKind.DELETE,
    }
)


class Capability(Frozen):
    """One thing a provider can do: declared, never discovered by failing."""

    key: str = Field(pattern=r"^[a-z]+\.[a-z_]+$")
    title: str
    scopes: tuple[str, ...] = ()
    destructive: bool = False


class Budget(Frozen):
    """One published rate beside the general one. A call draws from every budget that it fits."""

    key: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    calls: float = Field(gt=0)
    per_seconds: float = Field(default=1.0, gt=0)
    burst: float | None = Field(default=None, ge=1)
    """How many calls may come at once; one second's worth, at least one, when not said."""
    methods: tuple[str, ...] = ()
    """Empty: every method."""
    path: str | None = None
    """A regular expression searched in the path; None: every path."""

    def fits(self, method: str, path: str) -> bool:
        """Whether a call draws from this budget."""
        return (not self.methods or method in self.methods) and (
            self.path is None or re.search(self.path, path) is not None
        )


class Limits(Frozen):
    """The vendor's published rates; `source` names the page or specification.

    They hold for one connection, over all workers.
    """

    calls_per_second: float = Field(gt=0)
    burst: float | None = Field(default=None, ge=1)
    concurrency: int = Field(ge=1)
    """Calls under way at once."""
    budgets: tuple[Budget, ...] = ()
    one_write_per: str | None = None
    """A regular expression searched in the path of each write; what its first group matches is one object,
    which takes one write at a time, e.g. `/Groups/([^/]+)`. None: the vendor does not mind."""
    settle_seconds: int = 0
    """How long the vendor may need to show a new object, at most."""
    acceptance_poll_seconds: int = Field(default=900, ge=10)
    """How often an invitation that waits is looked at, where no event tells."""
    source: str

    @model_validator(mode="after")
    def _readable(self) -> Self:
        for pattern in (self.one_write_per, *(budget.path for budget in self.budgets)):
            if pattern is not None:
                re.compile(pattern)
        keys = [budget.key for budget in self.budgets]
        if len(set(keys)) != len(keys):
            raise ValueError("two budgets have one key")
        return self


class Remedy(Frozen):
    """This vendor's own words for a catalogue code: what to do, and where."""

    message: str | None = None
    remedy: str
    link_label: str | None = None
    link_url: str | None = None


class Manifest(Frozen):
    key: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    title: str
    vendor: str = Field(pattern=r"^[a-z]+$")
    summary: str
    aliases: tuple[str, ...] = ()
    """Other keys accepted on the wire for this app."""
    form: Form
    settings: Form
    """The connection's non-secret settings, as the token broker hands them out."""
    offered: bool = True
    """Whether a tenant finds it switched on; otherwise it must switch it on first."""
    endpoints: tuple[str, ...] = ()
    """Names of the base URLs that the installation sets, e.g. `google_api`."""
    base_urls: tuple[str, ...] = ()
    """Names of connection settings that hold base URLs of this tenant's own, e.g. `site_url`."""
    credentials: Mapping[str, str] = {}
    """Which of the connection's credentials opens which endpoint or base URL, where there are several.
    Unnamed ones take `default`; an address whose credential the connection lacks is not in `ctx.endpoints`. The longest base URL that a call's address begins with decides; no token
    is sent anywhere else."""
    capabilities: tuple[Capability, ...]
    actions: tuple[ActionKind, ...]
    options: tuple[str, ...] = ()
    limits: Limits
    remedies: dict[ErrorCode, Remedy] = {}
    """Words that are better than the catalogue's for this vendor."""
