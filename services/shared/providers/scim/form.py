"""What a request may say about an account in a SCIM application, and what a connection knows."""

from typing import Annotated, Any, Literal

from pydantic import AliasChoices, ConfigDict, Field, field_validator

from services.shared.providers.scim.paths import ENTERPRISE_USER, PathNotUnderstood, parse_path
from services.shared.sdk.contract import Person
from services.shared.sdk.manifest import Frozen

PersonAttribute = Literal[
    "work_email",
    "full_name",
    "given_name",
    "family_name",
    "personal_email",
    "external_id",
    "employee_id",
    "department",
    "job_title",
    "location",
    "manager_email",
    "manager",
]
"""`manager` is the manager's own id in the application, looked up by their address as user name."""

NO_PASSWORD: Literal["none"] = "none"  # noqa: S105  # the word for not having one
_RESERVED = frozenset(
    {"id", "externalid", "active", "meta", "schemas", "password", "groups", "roles", "entitlements"}
)


class AttributeMapping(Frozen):
    """One thing known of a person, and where it goes."""

    person: Annotated[
        PersonAttribute,
        Field(
            title="Of the person",
            description="What is sent. `manager` is the manager's id in the application.",
        ),
    ]
    path: Annotated[
        str,
        Field(
            title="SCIM attribute",
            description='Where it goes, such as title, name.givenName, emails[type eq "work"].value or '
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department.",
            max_length=300,
        ),
    ]

    @field_validator("path")
    @classmethod
    def _understood(cls, value: str) -> str:
        try:
            path = parse_path(value)
        except PathNotUnderstood as error:
            raise ValueError(str(error)) from error
        if path.urn is None and path.name.lower() in _RESERVED:
            raise ValueError(f"{value} is set by OneClick itself and cannot be mapped.")
        return path.text

    def value_of(self, person: Person) -> str | None:
        """The person's value, None when nobody said; for `manager` the manager's address."""
        name = "manager_email" if self.person == "manager" else self.person
        value = getattr(person, name)
        return str(value).strip() or None if value is not None else None


def _map(person: PersonAttribute, path: str) -> AttributeMapping:
    return AttributeMapping(person=person, path=path)


USER_NAME = "userName"
DEFAULT_MAPPING = (
    _map("work_email", USER_NAME),
    _map("full_name", "displayName"),
    _map("full_name", "name.formatted"),
    _map("given_name", "name.givenName"),
    _map("family_name", "name.familyName"),
    _map("work_email", 'emails[type eq "work"].value'),
    _map("job_title", "title"),
    _map("department", f"{ENTERPRISE_USER}:department"),
    _map("external_id", f"{ENTERPRISE_USER}:employeeNumber"),
    _map("manager", f"{ENTERPRISE_USER}:manager"),
)


class ScimForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    groups: Annotated[
        tuple[str, ...],
        Field(
            title="Groups",
            description="Groups that the account becomes a member of, by id or name.",
            json_schema_extra={"x-options": "groups"},
        ),
    ] = ()
    roles: Annotated[
        tuple[str, ...],
        Field(title="Roles", description="Values of the attribute `roles`, as the application names them."),
    ] = ()
    entitlements: Annotated[
        tuple[str, ...],
        Field(
            title="Entitlements",
            description="Values of the attribute `entitlements`, as the application names them: licences, editions.",
        ),
    ] = ()
    user_type: Annotated[
        str | None,
        Field(
            title="User type",
            description="The attribute `userType`, such as Employee or Contractor. Left empty: not sent.",
            validation_alias=AliasChoices("user_type", "userType"),
            max_length=100,
        ),
    ] = None
    password_mode: Annotated[
        Literal["none", "generate"],
        Field(
            title="First password",
            description="None where people sign in through an identity provider. Otherwise OneClick makes one and "
            "shows it once.",
            validation_alias=AliasChoices("password_mode", "passwordMode"),
            json_schema_extra={"x-labels": {"generate": "Make one and show it once"}},
        ),
    ] = NO_PASSWORD

    @field_validator("groups", "roles", "entitlements", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("groups", "roles", "entitlements")
    @classmethod
    def _each_once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(value.strip() for value in values if value.strip()))

    @field_validator("user_type")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return (value or "").strip() or None


class ScimSettings(Frozen):
    """A connection's non-secret settings. The broker may tell more than matters here."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    base_url: Annotated[
        str,
        Field(
            title="SCIM base URL",
            description="The address that ends before /Users, as the application's administrator is shown it.",
            pattern=r"^https?://",
        ),
    ]
    title: Annotated[
        str, Field(title="Name of the application", description="How people know it.", max_length=100)
    ] = "The application"
    keeps_external_id: Annotated[
        bool,
        Field(
            title="Keeps externalId",
            description="Whether the application stores the attribute externalId, OneClick's mark on its accounts.",
        ),
    ] = True
    attributes: Annotated[
        tuple[AttributeMapping, ...],
        Field(
            title="Attribute mapping",
            description="What is sent of a person, and where it goes. What the application's schema does not have is "
            "left out.",
        ),
    ] = DEFAULT_MAPPING

    @field_validator("attributes")
    @classmethod
    def _each_path_once(cls, values: tuple[AttributeMapping, ...]) -> tuple[AttributeMapping, ...]:
        paths = [one.path.lower() for one in values]
        twice = {path for path in paths if paths.count(path) > 1}
        if twice:
            raise ValueError(f"{', '.join(sorted(twice))} is mapped twice.")
        if USER_NAME.lower() not in paths:
            return (_map("work_email", USER_NAME), *values)
        return values
