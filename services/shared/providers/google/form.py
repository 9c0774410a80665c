"""What a request may say about a Google Workspace account, and what a connection knows."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, ConfigDict, Field, field_validator, model_validator

from services.shared.providers.google.skus import Sku, SkuNotUnderstood, parse_sku
from services.shared.sdk.manifest import Frozen


class GoogleForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    primary_org_unit: Annotated[
        str,
        Field(
            title="Organisational unit",
            description="Where the account lives in the directory. It decides which policies apply.",
            validation_alias=AliasChoices("primary_org_unit", "primaryOrgUnit"),
            json_schema_extra={"x-options": "org_units"},
        ),
    ] = "/"
    license_skus: Annotated[
        tuple[str, ...],
        Field(
            title="Licences",
            description="At most one edition of each product. Google does not tell how many seats are free.",
            validation_alias=AliasChoices("license_skus", "licenseSkus", "licenseSku", "license_sku"),
            json_schema_extra={"x-options": "license_skus"},
        ),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        Field(
            title="Groups",
            description="Addresses of the groups that the account becomes a member of.",
            json_schema_extra={"x-options": "groups"},
        ),
    ] = ()
    password_mode: Annotated[
        Literal["generate"],
        Field(
            title="First password",
            description="OneClick makes a password and shows it once, through a sealed link.",
            validation_alias=AliasChoices("password_mode", "passwordMode"),
        ),
    ] = "generate"  # noqa: S105  # a mode's name
    require_password_change: Annotated[
        bool,
        Field(
            title="Change the password at first sign-in",
            description="The person has to choose their own password when they first sign in.",
            validation_alias=AliasChoices("require_password_change", "requirePasswordChange"),
        ),
    ] = True

    @field_validator("primary_org_unit")
    @classmethod
    def _path(cls, value: str) -> str:
        return "/" + value.strip().strip("/")

    @field_validator("license_skus", "groups", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("license_skus")
    @classmethod
    def _known_form(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        skus: dict[str, Sku] = {}
        for value in values:
            try:
                sku = parse_sku(value)
            except SkuNotUnderstood as error:
                raise ValueError(str(error)) from error
            other = skus.get(sku.product_id)
            if other is not None and other.sku_id != sku.sku_id:
                raise ValueError(
                    f"{other.label} and {sku.label} exclude each other: an account has one of them."
                )
            skus[sku.product_id] = sku
        return tuple(sku.key for sku in skus.values())

    @field_validator("groups")
    @classmethod
    def _addresses(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = [value.strip().lower() for value in values]
        if wrong := [value for value in cleaned if "@" not in value]:
            raise ValueError(f"{wrong[0]!r} is not the address of a group.")
        return tuple(dict.fromkeys(cleaned))

    @property
    def skus(self) -> tuple[Sku, ...]:
        """The wished licences."""
        return tuple(parse_sku(value) for value in self.license_skus)


class GoogleSettings(Frozen):
    """A connection's non-secret settings."""

    customer_id: Annotated[
        str,
        Field(
            title="Customer ID",
            description="Google's id of the company, C and eight letters or digits; Admin console, Account settings.",
        ),
    ] = "my_customer"
    admin_subject: Annotated[
        str | None,
        Field(title="Administrator", description="The address of the administrator that OneClick acts as."),
    ] = None
    domain: Annotated[
        str | None, Field(title="Primary domain", description="The company's primary domain at Google.")
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _nothing_is_a_default(cls, data: Any) -> Any:
        """An empty customer id means "the caller's own", as the broker may not know it yet."""
        if isinstance(data, dict) and not data.get("customer_id", "my_customer"):
            return {key: value for key, value in data.items() if key != "customer_id"}
        return data

    @property
    def licensing_customer(self) -> str:
        """How the License Manager wants the customer named: id or primary domain."""
        if self.customer_id == "my_customer" and self.domain:
            return self.domain
        return self.customer_id
