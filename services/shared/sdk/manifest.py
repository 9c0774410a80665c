"""What a provider says about itself, as data. The web app renders its form from exactly this."""

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, WithJsonSchema

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


class Limits(Frozen):
    """The vendor's published rates; `source` names the page or specification."""

    calls_per_second: float
    concurrency: int
    settle_seconds: int = 0
    """How long the vendor may need to show a new object, at most."""
    source: str


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
    endpoints: tuple[str, ...]
    """Names of the base URLs that the provider needs, e.g. `google_api`."""
    capabilities: tuple[Capability, ...]
    actions: tuple[ActionKind, ...]
    options: tuple[str, ...] = ()
    limits: Limits
    remedies: dict[ErrorCode, Remedy] = {}
    """Words that are better than the catalogue's for this vendor."""
