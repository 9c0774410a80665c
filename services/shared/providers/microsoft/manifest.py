"""What this provider says about itself."""

from services.shared.providers.microsoft.form import Microsoft365Form, Microsoft365Settings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Capability, Limits, Manifest, Remedy

USERS = "User.ReadWrite.All"
MEMBERS = "GroupMember.ReadWrite.All"
ORGANIZATION = "Organization.Read.All"

_ADMIN_CENTER = "https://admin.microsoft.com/Adminportal/Home#/"
_ENTRA = "https://entra.microsoft.com/#view/"
_USERS_PAGE = _ADMIN_CENTER + "users"

MANIFEST = Manifest(
    key="microsoft-365",
    title="Microsoft 365",
    vendor="microsoft",
    summary="Account, licences, groups and manager in Microsoft 365 (Microsoft Entra ID).",
    aliases=("microsoft",),
    form=Microsoft365Form,
    settings=Microsoft365Settings,
    endpoints=("ms_graph",),
    capabilities=(
        Capability(
            key="account.manage", title="Create, adopt and update accounts", scopes=(USERS, ORGANIZATION)
        ),
        Capability(key="account.manager", title="Set the manager", scopes=(USERS,)),
        Capability(
            key="license.assign",
            title="Assign licences and switch their services on and off",
            scopes=(USERS, ORGANIZATION),
        ),
        Capability(
            key="license.remove",
            title="Remove licences that OneClick gave",
            scopes=(USERS, ORGANIZATION),
            destructive=True,
        ),
        Capability(key="group.join", title="Add to groups", scopes=(MEMBERS,)),
        Capability(
            key="group.leave",
            title="Remove from groups that OneClick added to",
            scopes=(MEMBERS,),
            destructive=True,
        ),
        Capability(key="account.sign_out", title="End sessions", scopes=(USERS,), destructive=True),
        Capability(key="account.suspend", title="Block sign-in", scopes=(USERS,), destructive=True),
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
    options=("license_skus", "groups", "managers", "usage_locations"),
    limits=Limits(
        calls_per_second=60,
        concurrency=10,
        settle_seconds=180,
        source="learn.microsoft.com/graph/throttling-limits, identity and access: 3,500 resource units in 10 "
        "seconds for each app and small tenant (a read costs 1 or 2), 3,000 writes in 2.5 minutes, hence 20 a "
        "second, each between two reads. Settling: observed up to two minutes after a create.",
    ),
    remedies={
        ErrorCode.NO_SEATS: Remedy(
            remedy="Buy a seat in the Microsoft 365 admin center, take one from somebody who no longer needs it, "
            "or pick another licence. Then retry.",
            link_label="Licences in the admin center",
            link_url=_ADMIN_CENTER + "licenses",
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="In Microsoft Entra, under App registrations, API permissions, give OneClick's app the "
            "application permissions that its page in the documentation lists, and grant admin consent. To "
            "change an administrator's account the app needs a directory role besides. Then test the connection.",
            link_label="App registrations",
            link_url=_ENTRA + "Microsoft_AAD_RegisteredApps/ApplicationsListBlade",
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look who has the address: a user, an alias, or an account among the deleted users. Adopt the "
            "user, restore or permanently delete the deleted one, or choose another address.",
            link_label="Users in the admin center",
            link_url=_USERS_PAGE,
        ),
        ErrorCode.DOMAIN_NOT_VERIFIED: Remedy(
            remedy="Add and verify the domain in the Microsoft 365 admin center, or use an address of a domain "
            "that is there.",
            link_label="Domains in the admin center",
            link_url=_ADMIN_CENTER + "Domains",
        ),
        ErrorCode.CONFLICT: Remedy(
            remedy="Look at the account, its licences and its groups in the Microsoft 365 admin center. Then "
            "plan again.",
            link_label="Users in the admin center",
            link_url=_USERS_PAGE,
        ),
        ErrorCode.NOT_ENTITLED: Remedy(
            remedy="Delete objects that nobody needs from the directory, or verify a domain, which raises the "
            "directory's quota. Then retry.",
            link_label="Users in the admin center",
            link_url=_USERS_PAGE,
        ),
    },
)
