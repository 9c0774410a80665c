"""Bodies of the control surface."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field


class AccountCreate(BaseModel):
    """An account that somebody else made. Names of licences and groups are the vendor's ids or plain names."""

    model_config = ConfigDict(extra="forbid")

    address: str
    given_name: str = "Foreign"
    family_name: str = "Account"
    tenant: str | None = None
    password: str = "Foreign-account-1"  # noqa: S105 - of an imitated account
    aliases: list[str] = []
    admin: bool = False
    enabled: bool = True
    deleted: bool = False
    org_unit: str = "/"
    usage_location: str | None = None
    manager: str | None = None
    licenses: list[str] = []
    groups: list[str] = []
    fields: dict[str, Any] = {}
    """Further properties in the vendor's own words, e.g. externalIds or onPremisesExtensionAttributes."""


class LicensePatch(BaseModel):
    """`enabled` is how many seats were bought; without `tenant` every tenant that has the SKU is changed."""

    model_config = ConfigDict(extra="forbid")

    enabled: Annotated[int, Field(ge=0)] | None = None
    status: str | None = None
    automatic: bool | None = None
    tenant: str | None = None


class PasswordCheck(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: str
    password: str
    tenant: str | None = None


class ResetBody(BaseModel):
    """`tokens` also forgets the access tokens that were issued."""

    model_config = ConfigDict(extra="forbid")

    vendor: str | None = None
    tokens: bool = False
