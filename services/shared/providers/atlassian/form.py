"""What a request may say about access to Jira and Confluence, and what a connection knows."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, ConfigDict, Field, field_validator

from services.shared.sdk.manifest import Frozen

JiraProduct = Literal["jira-software", "jira-servicedesk", "jira-product-discovery", "jira-core"]
"""Keys of Jira's products, as `POST /rest/api/3/user` and `GET /rest/api/3/applicationrole` name them."""
CONFLUENCE = "confluence"
_PRODUCTS = {
    "jira-software": "Jira",
    "jira-servicedesk": "Jira Service Management",
    "jira-product-discovery": "Jira Product Discovery",
    "jira-core": "Jira Work Management",
}


class AtlassianForm(Frozen):
    """What both apps ask; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    access_groups: Annotated[
        tuple[str, ...],
        Field(
            title="Access through",
            description="Names of groups that give access to the product. Left empty, OneClick takes the group "
            "that the site gives to new people.",
            validation_alias=AliasChoices("access_groups", "accessGroups", "accessGroup", "access_group"),
            json_schema_extra={"x-options": "access_groups"},
        ),
    ] = ()
    groups: Annotated[
        tuple[str, ...],
        Field(
            title="Further groups",
            description="Names of groups that give roles in projects or spaces. "
            "Jira and Confluence share their groups: name each group in one of the two.",
            json_schema_extra={"x-options": "groups"},
        ),
    ] = ()

    @field_validator("access_groups", "groups", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("access_groups", "groups")
    @classmethod
    def _names(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        cleaned = [value.strip() for value in values]
        if not all(cleaned):
            raise ValueError("A group's name is empty.")
        return tuple({name.lower(): name for name in cleaned}.values())

    @property
    def wished_products(self) -> tuple[str, ...]:
        """Keys of the products that the person is to use."""
        raise NotImplementedError


class JiraForm(AtlassianForm):
    products: Annotated[
        tuple[JiraProduct, ...],
        Field(
            title="Products",
            description="Which Jira the person uses: Jira, Jira Service Management, Jira Product Discovery or "
            "Jira Work Management.",
            min_length=1,
            json_schema_extra={"x-labels": _PRODUCTS},
        ),
    ] = ("jira-software",)

    @field_validator("products", mode="before")
    @classmethod
    def _one_product(cls, value: Any) -> Any:
        return (value,) if isinstance(value, str) else value

    @field_validator("products")
    @classmethod
    def _each_once(cls, values: tuple[JiraProduct, ...]) -> tuple[JiraProduct, ...]:
        return tuple(dict.fromkeys(values))

    @property
    def wished_products(self) -> tuple[str, ...]:
        return self.products


class ConfluenceForm(AtlassianForm):
    @property
    def wished_products(self) -> tuple[str, ...]:
        return (CONFLUENCE,)


class AtlassianSettings(Frozen):
    """A connection's non-secret settings."""

    org_id: Annotated[
        str | None,
        Field(
            title="Organisation ID",
            description="Atlassian's id of the organisation: the part of admin.atlassian.com/o/… after /o/.",
        ),
    ] = None
    directory_id: Annotated[
        str | None,
        Field(
            title="Directory ID",
            description="The identity provider directory that OneClick fills by SCIM. Empty: there is none, and "
            "OneClick works through the site.",
        ),
    ] = None
    site_url: Annotated[
        str | None,
        Field(title="Site", description="The site's address, such as https://your-company.atlassian.net."),
    ] = None
    site_name: Annotated[
        str | None, Field(title="Site name", description="What people call the site, such as your-company.")
    ] = None
