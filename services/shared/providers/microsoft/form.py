"""What a request may say about a Microsoft 365 account, and what a connection knows."""

import re
from typing import Annotated, Any

from pydantic import AliasChoices, ConfigDict, Field, field_validator, model_validator

from services.shared.providers.microsoft.countries import COUNTRIES
from services.shared.sdk.manifest import Frozen

_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_SKU = re.compile(r"[A-Za-z0-9_()./&-]{1,100}")


def is_guid(value: str) -> bool:
    """Whether the value looks like an object id of Microsoft's."""
    return _GUID.fullmatch(value.lower()) is not None


class LicenseChoice(Frozen):
    """One licence, with the services of it that shall be off."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    sku_id: Annotated[
        str,
        Field(
            title="Licence",
            description="The SKU's id, or its part number such as SPE_E3.",
            validation_alias=AliasChoices("sku_id", "skuId"),
            json_schema_extra={"x-options": "license_skus"},
        ),
    ]
    disabled_plans: Annotated[
        tuple[str, ...],
        Field(
            title="Services switched off",
            description="Ids or names of service plans in this licence that the account shall not have.",
            validation_alias=AliasChoices("disabled_plans", "disabledPlans"),
            json_schema_extra={"x-parts": True},
        ),
    ] = ()

    @field_validator("sku_id")
    @classmethod
    def _known_form(cls, value: str) -> str:
        cleaned = value.strip()
        if not _SKU.fullmatch(cleaned):
            raise ValueError(f"{value!r} is neither a SKU id nor a part number.")
        return cleaned.lower() if is_guid(cleaned) else cleaned

    @field_validator("disabled_plans")
    @classmethod
    def _in_order(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted({value.strip() for value in values if value.strip()}))


class Microsoft365Form(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    usage_location: Annotated[
        str,
        Field(
            title="Usage location",
            description="The country where the person uses the services. Microsoft gives no licence without it.",
            validation_alias=AliasChoices("usage_location", "usageLocation"),
            min_length=2,
            max_length=2,
            json_schema_extra={"x-options": "usage_locations"},
        ),
    ]
    licenses: Annotated[
        tuple[LicenseChoice, ...],
        Field(
            title="Licences",
            description="What the account shall be able to use. The number of free seats is shown beside each.",
            validation_alias=AliasChoices("licenses", "licences"),
            json_schema_extra={"x-options": "license_skus"},
        ),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        Field(
            title="Groups",
            description="Groups that the account becomes a member of. Dynamic groups choose their members themselves.",
            json_schema_extra={"x-options": "groups"},
        ),
    ] = ()
    manager: Annotated[
        str | None,
        Field(
            title="Manager",
            description="The manager's address or id. Left empty: the manager named with the employee, if any.",
            json_schema_extra={"x-options": "managers"},
        ),
    ] = None
    require_password_change: Annotated[
        bool,
        Field(
            title="Change the password at first sign-in",
            description="The person has to choose their own password when they first sign in.",
            validation_alias=AliasChoices("require_password_change", "requirePasswordChange"),
        ),
    ] = True

    @field_validator("usage_location", mode="before")
    @classmethod
    def _upper(cls, value: Any) -> Any:
        return value.strip().upper() if isinstance(value, str) else value

    @field_validator("usage_location")
    @classmethod
    def _country(cls, value: str) -> str:
        if value not in COUNTRIES:
            raise ValueError(f"{value} is not a country's two-letter code (ISO 3166-1), such as DE or US.")
        return value

    @field_validator("licenses", mode="before")
    @classmethod
    def _plain_or_detailed(cls, value: Any) -> Any:
        if value is None:
            return ()
        listed = value if isinstance(value, list | tuple) else [value]
        return tuple({"sku_id": one} if isinstance(one, str) else one for one in listed)

    @field_validator("licenses")
    @classmethod
    def _each_once(cls, values: tuple[LicenseChoice, ...]) -> tuple[LicenseChoice, ...]:
        chosen: dict[str, LicenseChoice] = {}
        for value in values:
            name = value.sku_id.lower()
            if chosen.setdefault(name, value) != value:
                raise ValueError(f"{value.sku_id} is given twice, with different services switched off.")
        return tuple(chosen.values())

    @field_validator("groups", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("groups")
    @classmethod
    def _ids(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = [value.strip().lower() for value in values]
        if wrong := [value for value in cleaned if not is_guid(value)]:
            raise ValueError(f"{wrong[0]!r} is not the id of a group.")
        return tuple(dict.fromkeys(cleaned))

    @field_validator("manager")
    @classmethod
    def _somebody(cls, value: str | None) -> str | None:
        cleaned = (value or "").strip()
        if not cleaned:
            return None
        if not is_guid(cleaned) and "@" not in cleaned:
            raise ValueError("Give the manager's address or id.")
        return cleaned


class Microsoft365Settings(Frozen):
    """A connection's non-secret settings. The broker may tell more than matters here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    directory_id: Annotated[
        str,
        Field(
            title="Directory (tenant) ID",
            description="The GUID of the Microsoft Entra tenant; Microsoft Entra admin center, Overview.",
        ),
    ]
    domain: Annotated[
        str | None,
        Field(title="Primary domain", description="The verified domain that new accounts' addresses end in."),
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _empty_is_none(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("domain") == "":
            return {**data, "domain": None}
        return data
