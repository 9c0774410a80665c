"""What a request may say about a HubSpot user, and what a connection knows."""

from typing import Annotated, Any

from pydantic import AliasChoices, ConfigDict, Field, field_validator, model_validator

from services.shared.sdk.manifest import Frozen


class HubSpotForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    permission_set: Annotated[
        str | None,
        Field(
            title="Permission set",
            description="What the person may do. Without one they have HubSpot's least rights.",
            validation_alias=AliasChoices("permission_set", "permissionSet", "role_id", "roleId"),
            json_schema_extra={"x-options": "permission_sets"},
        ),
    ] = None
    primary_team: Annotated[
        str | None,
        Field(
            title="Main team",
            description="The team that the person's records belong to.",
            validation_alias=AliasChoices("primary_team", "primaryTeam", "primary_team_id", "primaryTeamId"),
            json_schema_extra={"x-options": "teams"},
        ),
    ] = None
    teams: Annotated[
        tuple[str, ...],
        Field(
            title="Further teams",
            description="Teams beside the main one.",
            validation_alias=AliasChoices("teams", "secondary_teams", "secondaryTeams", "secondaryTeamIds"),
            json_schema_extra={"x-options": "teams"},
        ),
    ] = ()
    seats: Annotated[
        tuple[str, ...],
        Field(
            title="Seats",
            description="Paid or view-only seats, by their names in HubSpot.",
            validation_alias=AliasChoices("seats", "seat", "seat_names", "seatNames"),
            json_schema_extra={"x-options": "seats"},
        ),
    ] = ()
    send_welcome_email: Annotated[
        bool,
        Field(
            title="Send HubSpot's welcome mail",
            description="The mail lets the person choose a password. Leave it out where people sign in by SSO.",
            validation_alias=AliasChoices("send_welcome_email", "sendWelcomeEmail"),
        ),
    ] = True

    @field_validator("teams", "seats", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("teams", "seats")
    @classmethod
    def _each_once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = tuple(dict.fromkeys(value.strip() for value in values))
        if "" in cleaned:
            raise ValueError("An empty name is none.")
        return cleaned

    @model_validator(mode="after")
    def _main_team_is_not_a_further_one(self) -> "HubSpotForm":
        if self.primary_team is not None and self.primary_team in self.teams:
            others = tuple(team for team in self.teams if team != self.primary_team)
            return self.model_copy(update={"teams": others})
        return self


class HubSpotSettings(Frozen):
    """A connection's non-secret settings."""

    portal_id: Annotated[
        str, Field(title="Hub ID", description="The number of the HubSpot account (portal).")
    ]
    users_path: Annotated[
        str,
        Field(
            title="Path of the users API",
            description="HubSpot serves users under several paths: /settings/v3/users, /settings/users/v3, "
            "/settings/users/2026-03, and /settings/users/2026-09-beta, which alone tells free seats.",
            pattern=r"^/settings/[a-z0-9/-]+[a-z0-9]$",
        ),
    ] = "/settings/v3/users"

    @field_validator("portal_id", mode="before")
    @classmethod
    def _number_or_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value
