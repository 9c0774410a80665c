"""What this provider says about itself."""

from services.shared.providers.google.form import GoogleForm, GoogleSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Capability, Limits, Manifest, Remedy

SCOPE = "https://www.googleapis.com/auth/"
USERS = SCOPE + "admin.directory.user"
SECURITY = SCOPE + "admin.directory.user.security"
GROUPS = SCOPE + "admin.directory.group.readonly"
MEMBERS = SCOPE + "admin.directory.group.member"
ORG_UNITS = SCOPE + "admin.directory.orgunit.readonly"
LICENSING = SCOPE + "apps.licensing"

_USERS_PAGE = "https://admin.google.com/ac/users"

MANIFEST = Manifest(
    key="google-workspace",
    title="Google Workspace",
    vendor="google",
    summary="Account, licences and groups in Google Workspace or Cloud Identity.",
    aliases=("google",),
    form=GoogleForm,
    settings=GoogleSettings,
    endpoints=("google_api", "google_licensing"),
    capabilities=(
        Capability(
            key="account.manage", title="Create, adopt and update accounts", scopes=(USERS, ORG_UNITS)
        ),
        Capability(key="license.assign", title="Assign and switch licences", scopes=(LICENSING,)),
        Capability(
            key="license.remove",
            title="Remove licences that OneClick gave",
            scopes=(LICENSING,),
            destructive=True,
        ),
        Capability(key="group.join", title="Add to groups", scopes=(MEMBERS, GROUPS)),
        Capability(
            key="group.leave",
            title="Remove from groups that OneClick added to",
            scopes=(MEMBERS, GROUPS),
            destructive=True,
        ),
        Capability(
            key="account.sign_out",
            title="End sessions, revoke app tokens and app passwords",
            scopes=(SECURITY,),
            destructive=True,
        ),
        Capability(key="account.suspend", title="Suspend accounts", scopes=(USERS,), destructive=True),
        Capability(key="account.delete", title="Delete accounts", scopes=(USERS,), destructive=True),
    ),
    actions=(
        ActionKind.CREATE,
        ActionKind.ADOPT,
        ActionKind.UPDATE,
        ActionKind.ASSIGN_LICENSE,
        ActionKind.REMOVE_LICENSE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.REVOKE_SESSIONS,
        ActionKind.SUSPEND,
        ActionKind.DELETE,
        ActionKind.NOOP,
    ),
    options=("org_units", "license_skus", "groups"),
    limits=Limits(
        calls_per_second=40,
        concurrency=10,
        settle_seconds=120,
        source="developers.google.com/workspace/admin/directory/v1/limits: 2,400 queries a minute for each "
        "user and project, 10 new users a second for each domain. Settling: observed up to 40 s.",
    ),
    remedies={
        ErrorCode.NO_SEATS: Remedy(
            remedy="Buy a seat in the Admin console under Billing, or pick another edition, then retry.",
            link_label="Subscriptions in the Admin console",
            link_url="https://admin.google.com/ac/billing/subscriptions",
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="In the Admin console, under Security, API controls, Domain-wide delegation, give OneClick's "
            "client every scope that its page in the documentation lists; the administrator that it acts as "
            "needs a role that may manage users. Then test the connection.",
            link_label="Domain-wide delegation",
            link_url="https://admin.google.com/ac/owl/domainwidedelegation",
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look who has the address: a user, an alias, a group or a personal account. Adopt the user, "
            "or choose another address.",
            link_label="Users in the Admin console",
            link_url=_USERS_PAGE,
        ),
        ErrorCode.DOMAIN_NOT_VERIFIED: Remedy(
            remedy="Add and verify the domain in the Admin console, or use an address of a domain that is there.",
            link_label="Domains in the Admin console",
            link_url="https://admin.google.com/ac/domains/manage",
        ),
        ErrorCode.CONFLICT: Remedy(
            remedy="Look at the account and its licences in the Admin console; switch automatic licensing off "
            "for the product if OneClick is to assign it. Then plan again.",
            link_label="Users in the Admin console",
            link_url=_USERS_PAGE,
        ),
    },
)
