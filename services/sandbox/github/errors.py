"""GitHub's error envelopes: the REST API's, and SCIM's."""

from __future__ import annotations

from typing import Any

from services.sandbox.wire.call import Headers, Reply, json_bytes

JSON_HEADERS: Headers = (
    ("content-type", "application/json; charset=utf-8"),
    ("x-github-media-type", "github.v3; format=json"),
)
SCIM_HEADERS: Headers = (("content-type", "application/scim+json; charset=utf-8"),)
DOCUMENTATION = "https://docs.github.com/rest"
SCIM_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


class GitHubError(Exception):
    """An answer other than 2xx; `errors` are the items of a failed validation."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        documentation: str = DOCUMENTATION,
        headers: Headers = (),
        note: str | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.documentation = documentation
        self.headers = headers
        self.note = note

    def reply(self) -> Reply:
        body: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            body["errors"] = self.errors
        body |= {"documentation_url": self.documentation, "status": str(self.status)}
        headers = JSON_HEADERS + self.headers
        if self.note:
            headers += (("x-sandbox-note", self.note),)
        return Reply(self.status, json_bytes(body), headers)


class ScimError(GitHubError):
    """The same in SCIM's words; GitHub sends the status as a number here."""

    def __init__(self, status: int, detail: str, *, scim_type: str | None = None) -> None:
        super().__init__(status, detail)
        self.scim_type = scim_type

    def reply(self) -> Reply:
        body: dict[str, Any] = {"schemas": [SCIM_ERROR], "detail": self.message, "status": self.status}
        if self.scim_type:
            body["scimType"] = self.scim_type
        return Reply(self.status, json_bytes(body), SCIM_HEADERS + self.headers)


def not_found(note: str | None = None) -> GitHubError:
    return GitHubError(404, "Not Found", note=note)


def bad_credentials() -> GitHubError:
    return GitHubError(401, "Bad credentials")


def requires_authentication() -> GitHubError:
    return GitHubError(401, "Requires authentication")


def not_accessible() -> GitHubError:
    """The app lacks the permission, or the token was narrowed below it."""
    return GitHubError(403, "Resource not accessible by integration")


def invalid_request(detail: str) -> GitHubError:
    return GitHubError(422, f"Invalid request.\n\n{detail}")


def unprocessable(message: str) -> GitHubError:
    """The answer to an invitation that cannot be; several meanings share it, told apart by the words alone.

    The text for addresses has three s, as the vendor's has (github/rest-api-description issue 4109).
    """
    item = {
        "resource": "OrganizationInvitation",
        "code": "unprocessable",
        "field": "data",
        "message": message,
    }
    return GitHubError(
        422,
        "Validation Failed",
        errors=[item],
        documentation=f"{DOCUMENTATION}/orgs/members#create-an-organization-invitation",
    )


ALREADY_MEMBER = "Invitee is already a part of this organization"
ADDRESS_ALREADY_MEMBER = "A user with this email addresss is already a part of this organization"
ALREADY_INVITED = "A user with this email address has already been invited to this organization"
OVER_INVITATION_LIMIT = "You have exceeded the organization's invitation rate limit"


def no_seat(org: str) -> GitHubError:
    """All seats are filled (probot/invite issue 8)."""
    return GitHubError(
        422,
        "You must purchase at least one more seat to add this user as a member.",
        errors=[{"resource": "", "field": "user", "code": "no_seat"}],
        documentation=f"https://github.com/organizations/{org}/settings/billing/seats",
    )


def synced_team(org: str) -> GitHubError:
    """The team's members come from an identity provider (terraform-provider-github issue 2079)."""
    return GitHubError(
        403,
        f"You cannot create or update members for an external group backed team since they are managed by {org}",
    )
