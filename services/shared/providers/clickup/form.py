"""What a request may say about a person in a ClickUp Workspace, and what a connection knows."""

from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, field_validator, model_validator

from services.shared.sdk.manifest import Frozen

Role = Literal["member", "admin", "guest"]
Permission = Literal["read", "comment", "edit", "create"]
"""`permission_level` of the API: view, comment, edit, full."""
Right = Literal["edit_tags", "see_time_spent", "see_time_estimated", "create_views", "see_points_estimated"]

_RIGHTS = {
    "edit_tags": "Edit tags",
    "see_time_spent": "See the time spent",
    "see_time_estimated": "See time estimates",
    "create_views": "Create views",
    "see_points_estimated": "See sprint points",
}


class ClickUpForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    role: Annotated[
        Role,
        Field(
            title="Role",
            description="Members see the Workspace, admins manage it, guests see what is shared with them.",
        ),
    ] = "member"
    custom_role: Annotated[
        str | None,
        Field(
            title="Custom role",
            description="A role that the Workspace has defined itself. Left empty: none is given.",
            validation_alias=AliasChoices("custom_role", "customRole", "custom_role_id", "customRoleId"),
            json_schema_extra={"x-options": "custom_roles"},
        ),
    ] = None
    groups: Annotated[
        tuple[str, ...],
        Field(
            title="Teams",
            description="User groups, which ClickUp calls Teams. A guest who may only view becomes a paid guest there.",
            validation_alias=AliasChoices("groups", "teams", "user_groups", "userGroups"),
            json_schema_extra={"x-options": "groups"},
        ),
    ] = ()
    lists: Annotated[
        tuple[str, ...],
        Field(
            title="Lists",
            description="Lists that are shared with a guest.",
            json_schema_extra={"x-options": "lists", "x-when": {"role": ["guest"]}},
        ),
    ] = ()
    folders: Annotated[
        tuple[str, ...],
        Field(
            title="Folders",
            description="Folders that are shared with a guest.",
            json_schema_extra={"x-options": "folders", "x-when": {"role": ["guest"]}},
        ),
    ] = ()
    permission: Annotated[
        Permission,
        Field(
            title="Guest may",
            description="What a guest may do in the shared lists and folders.",
            validation_alias=AliasChoices("permission", "permission_level", "permissionLevel"),
            json_schema_extra={
                "x-when": {"role": ["guest"]},
                "x-labels": {"read": "View", "comment": "View and comment", "create": "Everything"},
            },
        ),
    ] = "read"
    guest_rights: Annotated[
        tuple[Right, ...],
        Field(
            title="Guest's further rights",
            description="What a guest may see and do beside that, in the whole Workspace.",
            validation_alias=AliasChoices("guest_rights", "guestRights"),
            json_schema_extra={"x-when": {"role": ["guest"]}, "x-labels": _RIGHTS},
        ),
    ] = ()

    @field_validator("custom_role", mode="before")
    @classmethod
    def _number_or_text(cls, value: Any) -> Any:
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        return value.strip() or None if isinstance(value, str) else value

    @field_validator("groups", "lists", "folders", "guest_rights", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        listed = value if isinstance(value, list | tuple) else (value,)
        return tuple(str(one).strip() if isinstance(one, int | str) else one for one in listed)

    @field_validator("groups", "lists", "folders", "guest_rights")
    @classmethod
    def _each_once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value for value in values if value))

    @field_validator("lists", "folders")
    @classmethod
    def _numbers(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [value for value in values if not value.isdecimal()]:
            raise ValueError(f"{wrong[0]!r} is no number of a list or folder.")
        return values

    @model_validator(mode="after")
    def _guests_alone(self) -> Self:
        if self.role != "guest" and (self.lists or self.folders or self.guest_rights):
            raise ValueError(
                "Lists, folders and further rights are for guests: members see what the Workspace shows them."
            )
        return self


class ClickUpSettings(Frozen):
    """A connection's non-secret settings. The broker may tell more than matters here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    team_id: Annotated[
        str,
        Field(
            title="Workspace ID",
            description="The number in the Workspace's address: app.clickup.com/{number}. The API calls it a team.",
            pattern=r"^\d+$",
        ),
    ]
    team_name: Annotated[str | None, Field(title="Workspace", description="The Workspace's name.")] = None

    @field_validator("team_id", mode="before")
    @classmethod
    def _number_or_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value

    @property
    def name(self) -> str:
        return self.team_name or "the ClickUp Workspace"
