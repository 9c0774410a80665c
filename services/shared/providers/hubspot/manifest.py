"""What this provider says about itself."""

from services.shared.providers.hubspot.form import HubSpotForm, HubSpotSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Budget, Capability, Limits, Manifest, Remedy

READ, WRITE = "settings.users.read", "settings.users.write"
TEAMS, BILLING = "settings.users.teams.read", "settings.billing.write"
USERS_PAGE = "https://app.hubspot.com/l/settings/users"

MANIFEST = Manifest(
    key="hubspot",
    title="HubSpot",
    vendor="hubspot",
    summary="User, permission set, teams and seats in HubSpot.",
    form=HubSpotForm,
    settings=HubSpotSettings,
    endpoints=("hubspot_api",),
    capabilities=(
        Capability(key="account.manage", title="Create, adopt and update users", scopes=(READ, WRITE)),
        Capability(key="role.grant", title="Give permission sets", scopes=(READ, WRITE)),
        Capability(key="team.join", title="Add to teams", scopes=(READ, WRITE, TEAMS)),
        Capability(
            key="team.leave",
            title="Remove from teams that OneClick added to",
            scopes=(READ, WRITE, TEAMS),
            destructive=True,
        ),
        Capability(key="seat.assign", title="Assign seats", scopes=(WRITE, BILLING)),
        Capability(
            key="seat.remove",
            title="Remove seats that OneClick gave",
            scopes=(WRITE, BILLING),
            destructive=True,
        ),
        Capability(
            key="account.remove",
            title="Remove users from this HubSpot account",
            scopes=(READ, WRITE),
            destructive=True,
        ),
    ),
    actions=(
        ActionKind.CREATE,
        ActionKind.ADOPT,
        ActionKind.UPDATE,
        ActionKind.GRANT_ROLE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.ASSIGN_LICENSE,
        ActionKind.REMOVE_LICENSE,
        ActionKind.MANUAL_TASK,
        ActionKind.DELETE,
        ActionKind.NOOP,
    ),
    options=("permission_sets", "teams", "seats"),
    limits=Limits(
        calls_per_second=10,
        burst=50,
        concurrency=8,
        budgets=(Budget(key="daily", calls=250_000, per_seconds=86_400, burst=50_000),),
        settle_seconds=10,
        source="developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines: about 100 calls in ten "
        "seconds and 250,000 a day for each private app, on the smallest plans.",
    ),
    remedies={
        ErrorCode.NO_SEATS: Remedy(
            remedy="Buy a seat in HubSpot under Account & Billing, or pick another seat, then retry.",
            link_label="Users & Teams in HubSpot",
            link_url=USERS_PAGE,
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="In HubSpot, under Settings, Integrations, Private Apps, give OneClick's app every scope that its "
            "page in the documentation lists; a paid seat needs settings.billing.write. Then test the connection.",
            link_label="Private apps in HubSpot",
            link_url="https://app.hubspot.com/l/private-apps",
        ),
        ErrorCode.AUTH_EXPIRED: Remedy(
            remedy="Enter the access token of a private app of this HubSpot account, then retry.",
            link_label="Private apps in HubSpot",
            link_url="https://app.hubspot.com/l/private-apps",
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look who has the address in HubSpot. Adopt the user, or choose another address.",
            link_label="Users & Teams in HubSpot",
            link_url=USERS_PAGE,
        ),
    },
)
