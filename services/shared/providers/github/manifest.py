"""What this provider says about itself."""

from services.shared.providers.github.form import GitHubForm, GitHubSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Budget, Capability, Limits, Manifest, Remedy

MEMBERS = "members:write"
PLAN = "organization_plan:read"
COPILOT = "organization_copilot_seat_management:write"
ADMINISTRATION = "organization_administration:read"
SCIM = "scim:enterprise"

_APPS_PAGE = "https://github.com/settings/installations"

MANIFEST = Manifest(
    key="github",
    title="GitHub",
    vendor="github",
    summary="Membership, teams and Copilot in a GitHub organisation, or managed users of an enterprise.",
    form=GitHubForm,
    settings=GitHubSettings,
    endpoints=("github_api",),
    capabilities=(
        Capability(
            key="account.invite",
            title="Invite people and see who is in",
            scopes=(MEMBERS, PLAN, ADMINISTRATION),
        ),
        Capability(key="role.grant", title="Make owners, and members again", scopes=(MEMBERS,)),
        Capability(key="team.join", title="Add to teams", scopes=(MEMBERS,)),
        Capability(
            key="team.leave",
            title="Remove from teams that OneClick added to",
            scopes=(MEMBERS,),
            destructive=True,
        ),
        Capability(key="license.assign", title="Buy Copilot seats", scopes=(COPILOT,)),
        Capability(
            key="license.remove",
            title="End Copilot seats that OneClick bought",
            scopes=(COPILOT,),
            destructive=True,
        ),
        Capability(
            key="account.remove",
            title="Remove from the organisation, withdraw invitations",
            scopes=(MEMBERS,),
            destructive=True,
        ),
        Capability(
            key="managed.provision",
            title="Create managed users and fill the enterprise's groups",
            scopes=(SCIM,),
        ),
        Capability(
            key="managed.deprovision",
            title="Suspend and delete managed users, take them out of groups",
            scopes=(SCIM,),
            destructive=True,
        ),
    ),
    actions=(
        ActionKind.CREATE,
        ActionKind.ADOPT,
        ActionKind.UPDATE,
        ActionKind.INVITE,
        ActionKind.GRANT_ROLE,
        ActionKind.ASSIGN_LICENSE,
        ActionKind.REMOVE_LICENSE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.SUSPEND,
        ActionKind.DELETE,
        ActionKind.MANUAL_TASK,
        ActionKind.NOOP,
    ),
    options=("teams",),
    limits=Limits(
        calls_per_second=1.3,
        burst=300,
        concurrency=10,
        budgets=(
            Budget(
                key="content",
                calls=80,
                per_seconds=60,
                burst=40,
                methods=("POST", "PUT", "PATCH", "DELETE"),
            ),
            Budget(key="search", calls=30, per_seconds=60, burst=30, path=r"^/(?:[^/]+/)*search/users$"),
            Budget(
                key="invitations",
                calls=500,
                per_seconds=86_400,
                burst=250,
                methods=("POST",),
                path=r"/orgs/[^/]+/invitations$",
            ),
        ),
        settle_seconds=60,
        acceptance_poll_seconds=900,
        source="docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api: 5,000 requests an hour for an "
        "installation, 80 that make content a minute; 30 searches a minute (docs.github.com/rest/search). 500 "
        "invitations a day on paid plans: GitHub's OpenAPI file, PUT /orgs/{org}/memberships/{username}.",
    ),
    remedies={
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look among the members. If it is the same person, fill in the GitHub username and adopt the "
            "membership.",
            link_label="Your organisations at GitHub",
            link_url="https://github.com/settings/organizations",
        ),
        ErrorCode.NO_SEATS: Remedy(
            remedy="Add seats under Billing and licensing in the organisation's settings, or withdraw an invitation "
            "that nobody accepts, then retry.",
            link_label="Your organisations at GitHub",
            link_url="https://github.com/settings/organizations",
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="Give the GitHub App the organisation permissions that its page in the documentation lists, and let "
            "an owner accept them for the installation. Then test the connection.",
            link_label="Installed GitHub Apps",
            link_url=_APPS_PAGE,
        ),
        ErrorCode.AUTH_EXPIRED: Remedy(
            remedy="See that the App is still installed and not suspended, then reconnect it under Connected accounts.",
            link_label="Installed GitHub Apps",
            link_url=_APPS_PAGE,
        ),
        ErrorCode.NOT_ENTITLED: Remedy(
            remedy="Change the plan or the settings at GitHub, or leave this out of the request, then retry.",
            link_label="GitHub's plans",
            link_url="https://docs.github.com/get-started/learning-about-github/githubs-plans",
        ),
        ErrorCode.CONFLICT: Remedy(
            remedy="Look at the person's place among members and invitations, change what the message names, then "
            "retry.",
            link_label="Your organisations at GitHub",
            link_url="https://github.com/settings/organizations",
        ),
    },
)
