"""What a request may say about a Zoom user, and what a connection knows."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AliasChoices, ConfigDict, Field, field_validator, model_validator

from services.shared.sdk.manifest import Frozen

ADD_ON = re.compile(r"(webinar|large)(\d{3,5})")
"""Keys of add-ons: `webinar500`, `large1000`."""

_CREATIONS = {
    "create": "By invitation (create)",
    "autoCreate": "At once, in a managed domain (autoCreate)",
    "ssoCreate": "At once, by single sign-on (ssoCreate)",
}


class ZoomForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    license_type: Annotated[
        Literal["basic", "licensed", "none"],
        Field(
            title="Licence",
            description="Basic is free, Licensed takes a paid seat, None can only be had with single sign-on.",
            validation_alias=AliasChoices("license_type", "licenseType", "license", "type"),
        ),
    ] = "basic"
    add_ons: Annotated[
        tuple[str, ...],
        Field(
            title="Add-ons",
            description="At most one size each of webinars and large meetings; they need a Licensed user.",
            validation_alias=AliasChoices("add_ons", "addOns", "addons"),
            json_schema_extra={"x-options": "add_ons", "x-when": {"license_type": ["licensed"]}},
        ),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        Field(
            title="Groups",
            description="Groups of the account, by id or name.",
            validation_alias=AliasChoices("groups", "group"),
            json_schema_extra={"x-options": "groups"},
        ),
    ] = ()
    role: Annotated[
        str | None,
        Field(
            title="Role",
            description="An administrative role, by id or name. Without one the person is a Member.",
            validation_alias=AliasChoices("role", "role_id", "roleId"),
            json_schema_extra={"x-options": "roles"},
        ),
    ] = None
    creation: Annotated[
        Literal["create", "autoCreate", "ssoCreate"],
        Field(
            title="How the user is made",
            description="create: Zoom mails an invitation that has to be accepted. autoCreate and ssoCreate make a "
            "usable user at once; Zoom has to enable them, for a managed domain or for single sign-on.",
            validation_alias=AliasChoices("creation", "create_action", "createAction"),
            json_schema_extra={"x-labels": _CREATIONS},
        ),
    ] = "create"

    @field_validator("add_ons", "groups", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("groups")
    @classmethod
    def _each_once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = tuple(dict.fromkeys(value.strip() for value in values))
        if "" in cleaned:
            raise ValueError("An empty name is none.")
        return cleaned

    @field_validator("role", mode="before")
    @classmethod
    def _blank_is_none(cls, value: Any) -> Any:
        return (value.strip() or None) if isinstance(value, str) else value

    @field_validator("add_ons")
    @classmethod
    def _one_of_each_kind(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        kinds: dict[str, str] = {}
        for value in dict.fromkeys(one.strip().lower() for one in values):
            match = ADD_ON.fullmatch(value)
            if match is None:
                raise ValueError(f"{value!r} is no add-on: they look like webinar500 or large1000.")
            if match[1] in kinds:
                raise ValueError(f"{kinds[match[1]]} and {value} exclude each other.")
            kinds[match[1]] = value
        return tuple(kinds.values())

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.add_ons and self.license_type != "licensed":
            raise ValueError("Add-ons need a Licensed user.")
        if self.license_type == "none" and self.creation != "ssoCreate":
            raise ValueError("The licence None can only be had with ssoCreate.")
        return self


class ZoomSettings(Frozen):
    """A connection's non-secret settings."""

    account_id: Annotated[
        str,
        Field(title="Account ID", description="Zoom's id of the account, from the app's credentials page."),
    ]
    domain: Annotated[str | None, Field(title="Domain", description="The company's domain at Zoom.")] = None
    on_delete: Annotated[
        Literal["delete", "disassociate"],
        Field(
            title="When an account is to be deleted",
            description="delete removes the user with recordings and all; disassociate hands the user over to the "
            "person as a free account of their own, with what is in it.",
        ),
    ] = "delete"
