"""What a request may say about a Slack account, and what a connection knows."""

from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AliasChoices, ConfigDict, Field, field_validator, model_validator

from services.shared.sdk.manifest import Frozen

Role = Literal["member", "guest", "admin"]


class SlackForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    role: Annotated[
        Role,
        Field(
            title="Role",
            description="A guest sees only the channels that they are added to. Guests and administrators are made "
            "by OneClick on Enterprise plans; on other plans somebody is asked to do it.",
            json_schema_extra={"x-labels": {"admin": "Workspace administrator"}},
        ),
    ] = "member"
    guest_expires_on: Annotated[
        date | None,
        Field(
            title="Guest until",
            description="The last day of a guest's access. Without it a guest stays until they leave.",
            validation_alias=AliasChoices("guest_expires_on", "guestExpiresOn"),
            json_schema_extra={"x-when": {"role": ["guest"]}},
        ),
    ] = None
    groups: Annotated[
        tuple[str, ...],
        Field(
            title="User groups",
            description="User groups that the account becomes a member of, by name or ID. Guests cannot be in one.",
            json_schema_extra={"x-options": "groups", "x-when": {"role": ["member", "admin"]}},
        ),
    ] = ()
    channels: Annotated[
        tuple[str, ...],
        Field(
            title="Channels",
            description="Channels to add the account to, by name or ID, besides those that everybody joins.",
            json_schema_extra={"x-options": "channels"},
        ),
    ] = ()
    timezone: Annotated[
        str | None,
        Field(
            title="Time zone",
            description="For example Europe/Berlin. Empty: Slack takes it from the person's device.",
            json_schema_extra={"x-options": "timezones"},
        ),
    ] = None

    @field_validator("groups", "channels", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("groups", "channels")
    @classmethod
    def _cleaned(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = [value.strip().removeprefix("#").removeprefix("@").strip() for value in values]
        if not all(cleaned):
            raise ValueError("A name is empty.")
        return tuple(dict.fromkeys(cleaned))

    @field_validator("timezone", "guest_expires_on", mode="before")
    @classmethod
    def _nothing(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        if value is None:
            return None
        try:
            return ZoneInfo(value.strip()).key
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(f"{value!r} is no time zone such as Europe/Berlin.") from error

    @model_validator(mode="after")
    def _fitting_together(self) -> "SlackForm":
        if self.role == "guest" and self.groups:
            raise ValueError("Guests cannot be members of user groups at Slack.")
        if self.role != "guest" and self.guest_expires_on is not None:
            raise ValueError("Only a guest's access has a last day.")
        return self

    @property
    def expiration(self) -> str | None:
        """The end of the last day as Slack's guest extension takes it."""
        return f"{self.guest_expires_on.isoformat()}T23:59:59Z" if self.guest_expires_on else None


class SlackSettings(Frozen):
    """A connection's non-secret settings."""

    team_id: Annotated[
        str,
        Field(
            title="Workspace ID",
            description="Slack's ID of the workspace (T…); in a browser it follows app.slack.com/client/.",
        ),
    ]
    team_domain: Annotated[
        str | None,
        Field(
            title="Workspace address", description="The part before .slack.com in the workspace's address."
        ),
    ] = None

    def page(self, path: str = "admin") -> str:
        """The address of a page of the workspace, for people."""
        if self.team_domain:
            return f"https://{self.team_domain}.slack.com/{path}"
        return f"https://app.slack.com/client/{self.team_id}"
