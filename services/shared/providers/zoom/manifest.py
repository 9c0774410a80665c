"""What this provider says about itself."""

from services.shared.providers.zoom.form import ZoomForm, ZoomSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Budget, Capability, Limits, Manifest, Remedy

USER_READ, USER_WRITE = "user:read:admin", "user:write:admin"
GROUP_READ, GROUP_WRITE = "group:read:admin", "group:write:admin"
ROLE_READ, ROLE_WRITE = "role:read:admin", "role:write:admin"
ACCOUNT_READ = "account:read:admin"

_USERS_PAGE = "https://zoom.us/account/user"
_APPS_PAGE = "https://marketplace.zoom.us/user/build"

# Zoom counts by label (light, medium, heavy), for the whole account and all of its apps. The numbers are those of the
# Pro plan, the smallest that has this API; the labels of the operations stand in its specification.
_MEDIUM = r"/(groups|roles)$|/(groups|roles)/[^/]+/members$|/users/[^/]+/settings$"

MANIFEST = Manifest(
    key="zoom",
    title="Zoom",
    vendor="zoom",
    summary="User, licence, add-ons, groups and role in Zoom.",
    form=ZoomForm,
    settings=ZoomSettings,
    endpoints=("zoom_api",),
    base_urls=("api_url",),
    capabilities=(
        Capability(
            key="account.manage",
            title="Create, invite, adopt, update and activate users",
            scopes=(USER_READ, USER_WRITE),
        ),
        Capability(
            key="license.assign",
            title="Give licences and add-ons, and read the seats that are left",
            scopes=(USER_READ, USER_WRITE, ACCOUNT_READ),
        ),
        Capability(
            key="license.remove",
            title="Take back licences and add-ons that OneClick gave",
            scopes=(USER_READ, USER_WRITE),
            destructive=True,
        ),
        Capability(key="group.join", title="Add to groups", scopes=(USER_WRITE, GROUP_READ, GROUP_WRITE)),
        Capability(
            key="group.leave",
            title="Remove from groups that OneClick added to",
            scopes=(GROUP_READ, GROUP_WRITE),
            destructive=True,
        ),
        Capability(key="role.grant", title="Give and take back a role", scopes=(ROLE_READ, ROLE_WRITE)),
        Capability(
            key="account.sign_out",
            title="End sessions of single sign-on",
            scopes=(USER_WRITE,),
            destructive=True,
        ),
        Capability(key="account.suspend", title="Deactivate users", scopes=(USER_WRITE,), destructive=True),
        Capability(
            key="account.delete",
            title="Delete or unlink users, withdraw invitations",
            scopes=(USER_READ, USER_WRITE),
            destructive=True,
        ),
    ),
    actions=(
        ActionKind.CREATE,
        ActionKind.ADOPT,
        ActionKind.INVITE,
        ActionKind.UPDATE,
        ActionKind.ASSIGN_LICENSE,
        ActionKind.REMOVE_LICENSE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.GRANT_ROLE,
        ActionKind.REVOKE_SESSIONS,
        ActionKind.SUSPEND,
        ActionKind.DELETE,
        ActionKind.NOOP,
    ),
    options=("add_ons", "groups", "roles"),
    limits=Limits(
        calls_per_second=30,
        concurrency=10,
        budgets=(
            Budget(key="medium", calls=20, path=_MEDIUM),
            Budget(key="medium_list", calls=20, methods=("GET",), path=r"/users$"),
            Budget(key="heavy", calls=10, path=r"/plans/usage$"),
            Budget(key="heavy_daily", calls=30_000, per_seconds=86_400, burst=1_000, path=r"/plans/usage$"),
            Budget(
                key="create_daily",
                calls=1_500,
                per_seconds=86_400,
                burst=500,
                methods=("POST",),
                path=r"/users$",
            ),
        ),
        one_write_per=r"/users/([^/]+)",
        settle_seconds=60,
        source="developers.zoom.us/docs/api/rate-limits, Pro plan: 30 light, 20 medium and 10 heavy calls a second for "
        "each account, 30,000 heavy ones and 1,500 invitations a day.",
    ),
    remedies={
        ErrorCode.NO_SEATS: Remedy(
            remedy="Buy a licence in Zoom's billing pages, or free one: pending people take seats too. Then retry.",
            link_label="Plans and billing at Zoom",
            link_url="https://zoom.us/billing",
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="In Zoom's App Marketplace, give OneClick's server-to-server app every scope that its page in the "
            "documentation lists. Then test the connection.",
            link_label="Your apps at Zoom",
            link_url=_APPS_PAGE,
        ),
        ErrorCode.AUTH_EXPIRED: Remedy(
            remedy="Look whether OneClick's server-to-server app is still activated at Zoom and its secret unchanged, "
            "then reconnect.",
            link_label="Your apps at Zoom",
            link_url=_APPS_PAGE,
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look for the address among the active, inactive and pending users at Zoom. Adopt the user, or "
            "choose another address.",
            link_label="Users at Zoom",
            link_url=_USERS_PAGE,
        ),
        ErrorCode.NOT_ENTITLED: Remedy(
            remedy="Zoom has to enable this for your account: choose the creation by invitation, or ask Zoom's "
            "support.",
            link_label="Zoom's support",
            link_url="https://support.zoom.com",
        ),
        ErrorCode.CONFLICT: Remedy(
            remedy="Look at the user at Zoom: an administrator's role, a managed domain or the state of the user may "
            "forbid it. Then plan again.",
            link_label="Users at Zoom",
            link_url=_USERS_PAGE,
        ),
    },
)
