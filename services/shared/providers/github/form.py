"""What a request may say about somebody at GitHub, and what a connection knows."""

import re
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, ConfigDict, Field, field_validator

from services.shared.sdk.manifest import Frozen

_LOGIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9]|-(?=[A-Za-z0-9])){0,38}(?:_[A-Za-z0-9]{1,16})?")
_PROFILE = re.compile(r"^(?:https?://)?(?:www\.)?github\.com/", re.IGNORECASE)

Role = Literal["member", "admin", "billing_manager"]


class GitHubForm(Frozen):
    """The form's fields; names in camelCase are accepted too."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    username: Annotated[
        str | None,
        Field(
            title="GitHub username",
            description="The person's own login, if you know it. Without one the work e-mail is invited, and GitHub "
            "does not tell who accepted unless the person shows that address. Not for managed users.",
            validation_alias=AliasChoices("username", "login", "githubUsername", "github_username"),
        ),
    ] = None
    role: Annotated[
        Role,
        Field(
            title="Role",
            description="Owners may do everything in the organisation; billing managers see invoices and no code.",
            json_schema_extra={"x-labels": {"admin": "Owner", "billing_manager": "Billing manager"}},
        ),
    ] = "member"
    teams: Annotated[
        tuple[str, ...],
        Field(
            title="Teams",
            description="Short names of teams. For managed users the enterprise's groups, which fill its teams.",
            validation_alias=AliasChoices("teams", "groups"),
            json_schema_extra={"x-options": "teams"},
        ),
    ] = ()
    copilot: Annotated[
        bool,
        Field(title="GitHub Copilot", description="Buys a Copilot seat for the person in the organisation."),
    ] = False
    sso: Annotated[
        bool,
        Field(
            title="Single sign-on is enforced",
            description="The organisation asks for single sign-on: the plan says so, and the person is a member only "
            "after signing in that way.",
            validation_alias=AliasChoices("sso", "requireSso", "require_sso"),
        ),
    ] = False

    @field_validator("username", mode="before")
    @classmethod
    def _plain_login(cls, value: Any) -> Any:
        """`@grace`, `github.com/grace` and nothing at all are what people write."""
        if not isinstance(value, str):
            return value
        login = _PROFILE.sub("", value.strip()).removeprefix("@").strip("/")
        if login and not _LOGIN.fullmatch(login):
            raise ValueError(f"{value!r} is no GitHub username.")
        return login or None

    @field_validator("teams", mode="before")
    @classmethod
    def _one_or_many(cls, value: Any) -> Any:
        if value is None:
            return ()
        return (value,) if isinstance(value, str) else value

    @field_validator("teams")
    @classmethod
    def _each_once(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(cleaned for value in values if (cleaned := value.strip())))


class GitHubSettings(Frozen):
    """A connection's non-secret settings."""

    org: Annotated[
        str,
        Field(
            title="Organisation",
            description="The organisation's login, as in github.com/<login>.",
            min_length=1,
        ),
    ]
    enterprise: Annotated[
        str | None,
        Field(
            title="Enterprise",
            description="The enterprise's short name, as in github.com/enterprises/<name>; for managed users only.",
        ),
    ] = None
    mode: Annotated[
        Literal["organization", "managed_users"],
        Field(
            title="Accounts",
            description="Whose the logins are: people's own, which are invited, or the enterprise's, made by SCIM.",
        ),
    ] = "organization"
    installation_id: Annotated[
        str | None,
        Field(
            title="Installation",
            description="The number of the GitHub App's installation in the organisation.",
        ),
    ] = None

    @field_validator("installation_id", mode="before")
    @classmethod
    def _as_text(cls, value: Any) -> Any:
        return str(value) if isinstance(value, int) else value
