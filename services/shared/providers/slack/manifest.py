"""What this provider says about itself."""

from services.shared.providers.slack.form import SlackForm, SlackSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Budget, Capability, Limits, Manifest, Remedy

ADMIN = "admin"
ADMIN_USERS = "admin.users:write"
CHANNELS = (
    "channels:read",
    "groups:read",
    "channels:write",
    "groups:write",
    "admin.conversations:write",
)
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_MINUTE = 60

MANIFEST = Manifest(
    key="slack",
    title="Slack",
    vendor="slack",
    summary="Account, guest access, user groups and channels in a Slack workspace.",
    form=SlackForm,
    settings=SlackSettings,
    offered=False,
    endpoints=("slack_scim", "slack_api"),
    capabilities=(
        Capability(
            key="account.manage",
            title="Create, adopt and update accounts; make guests (Enterprise)",
            scopes=(ADMIN,),
        ),
        Capability(
            key="account.find",
            title="Find accounts by address where SCIM does not filter",
            scopes=("users:read.email", "users:read"),
        ),
        Capability(key="group.join", title="Add to user groups", scopes=(ADMIN,)),
        Capability(
            key="group.leave",
            title="Remove from user groups that OneClick added to",
            scopes=(ADMIN,),
            destructive=True,
        ),
        Capability(key="channel.join", title="Add to channels", scopes=CHANNELS),
        Capability(
            key="channel.leave",
            title="Remove from channels that OneClick added to",
            scopes=("channels:write", "groups:write"),
            destructive=True,
        ),
        Capability(
            key="workspace.join",
            title="Bring people of an organisation into the workspace (Enterprise)",
            scopes=(ADMIN_USERS, "users:read"),
        ),
        Capability(
            key="role.grant",
            title="Make workspace administrators (Enterprise)",
            scopes=(ADMIN_USERS, "users:read"),
        ),
        Capability(
            key="account.sign_out",
            title="End sessions (Enterprise)",
            scopes=(ADMIN_USERS,),
            destructive=True,
        ),
        Capability(key="account.suspend", title="Deactivate accounts", scopes=(ADMIN,), destructive=True),
    ),
    actions=(
        ActionKind.CREATE,
        ActionKind.ADOPT,
        ActionKind.UPDATE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.GRANT_ROLE,
        ActionKind.REVOKE_SESSIONS,
        ActionKind.SUSPEND,
        ActionKind.MANUAL_TASK,
        ActionKind.NOOP,
    ),
    options=("groups", "channels", "timezones"),
    limits=Limits(
        calls_per_second=26,
        burst=180,
        concurrency=10,
        budgets=(
            Budget(
                key="scim_writes",
                calls=600,
                per_seconds=_MINUTE,
                burst=180,
                methods=_WRITES,
                path="/(Users|Groups)",
            ),
            Budget(
                key="scim_reads", calls=1000, per_seconds=_MINUTE, methods=("GET",), path="/(Users|Groups)"
            ),
            Budget(
                key="user_writes", calls=180, per_seconds=_MINUTE, burst=20, methods=_WRITES, path="/Users"
            ),
            Budget(key="user_reads", calls=300, per_seconds=_MINUTE, methods=("GET",), path="/Users/[^/?]+"),
            Budget(
                key="web_tier_2",
                calls=20,
                per_seconds=_MINUTE,
                burst=5,
                path=r"/(conversations\.list|admin\.conversations\.invite|admin\.users\.\w+(\.\w+)?)$",
            ),
            Budget(
                key="web_tier_3",
                calls=50,
                per_seconds=_MINUTE,
                burst=10,
                path=r"/(users\.lookupByEmail|users\.conversations|conversations\.invite|conversations\.kick)$",
            ),
        ),
        one_write_per=r"/(?:Users|Groups)/([^/?]+)",
        source="docs.slack.dev/reference/scim-api/rate-limits: writes 600/min (burst 180), reads 1000/min, one "
        "user 300/min, user writes 180/min (burst 20), for the organisation; a second write to an object in "
        "flight is told to come back. docs.slack.dev/apis/web-api/rate-limits: tier 2 20/min, tier 3 50/min.",
    ),
    remedies={
        ErrorCode.NOT_ENTITLED: Remedy(
            remedy="SCIM needs Business+ or Enterprise; guests, administrators and sessions by API need Enterprise. "
            "Upgrade the plan, or let a person do it at Slack, then retry.",
            link_label="Slack's plans",
            link_url="https://slack.com/pricing",
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="An owner has to install the app with the scopes that OneClick's page for Slack lists (on Enterprise: "
            "on the organisation), and to give OneClick the new token. Then test the connection.",
            link_label="Your Slack apps",
            link_url="https://api.slack.com/apps",
        ),
        ErrorCode.AUTH_EXPIRED: Remedy(
            remedy="The token was revoked, or its owner was deactivated. Have an owner install the app again and give "
            "OneClick the new token.",
            link_label="Your Slack apps",
            link_url="https://api.slack.com/apps",
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look under Manage members, Deactivated included, who has the address. Adopt the account, or choose "
            "another address.",
            link_label="Managing members at Slack",
            link_url="https://slack.com/help/articles/360003534892",
        ),
        ErrorCode.CONFLICT: Remedy(
            remedy="Look at the account under Manage members and change at Slack what the message names, then retry.",
            link_label="Managing members at Slack",
            link_url="https://slack.com/help/articles/360003534892",
        ),
    },
)
