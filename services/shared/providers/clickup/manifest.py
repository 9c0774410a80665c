"""What this provider says about itself."""

from services.shared.providers.clickup.form import ClickUpForm, ClickUpSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Capability, Limits, Manifest, Remedy

ADMIN = "Workspace owner or admin"
"""ClickUp's tokens have no scopes: they may what their owner may."""
ENTERPRISE = "Enterprise plan"

_PEOPLE = "https://app.clickup.com/settings/users"
_API = "https://app.clickup.com/settings/apps"

MANIFEST = Manifest(
    key="clickup",
    title="ClickUp",
    vendor="clickup",
    summary="Member or guest, role, Teams and shared lists in a ClickUp Workspace.",
    form=ClickUpForm,
    settings=ClickUpSettings,
    endpoints=("clickup_api",),
    capabilities=(
        Capability(key="account.invite", title="Invite members and guests", scopes=(ADMIN, ENTERPRISE)),
        Capability(key="account.adopt", title="Adopt people who are there", scopes=(ADMIN,)),
        Capability(key="role.grant", title="Change roles and guests' rights", scopes=(ADMIN, ENTERPRISE)),
        Capability(key="group.join", title="Add to Teams", scopes=(ADMIN,)),
        Capability(
            key="group.leave",
            title="Remove from Teams that OneClick added to",
            scopes=(ADMIN,),
            destructive=True,
        ),
        Capability(key="share.give", title="Share lists and folders with guests", scopes=(ADMIN, ENTERPRISE)),
        Capability(
            key="share.take",
            title="No longer share what OneClick shared",
            scopes=(ADMIN, ENTERPRISE),
            destructive=True,
        ),
        Capability(
            key="account.remove",
            title="Remove from the Workspace",
            scopes=(ADMIN, ENTERPRISE),
            destructive=True,
        ),
    ),
    actions=(
        ActionKind.INVITE,
        ActionKind.ADOPT,
        ActionKind.UPDATE,
        ActionKind.GRANT_ROLE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.MANUAL_TASK,
        ActionKind.DELETE,
        ActionKind.NOOP,
    ),
    options=("custom_roles", "groups", "lists", "folders"),
    limits=Limits(
        calls_per_second=15,
        burst=60,
        concurrency=8,
        one_write_per=r"/(?:user|guest)/(\d+)$",
        settle_seconds=30,
        acceptance_poll_seconds=900,
        source="developer.clickup.com/docs/rate-limits: for each token and minute 100 calls up to the Business plan, "
        "1,000 on Business Plus, 10,000 on Enterprise, which alone has calls for people. X-RateLimit-Reset says when "
        "the next minute begins.",
    ),
    remedies={
        ErrorCode.NOT_ENTITLED: Remedy(
            remedy="Plan again: on plans below Enterprise OneClick asks a person to do this in ClickUp. Or upgrade the "
            "Workspace to Enterprise.",
            link_label="People in ClickUp",
            link_url=_PEOPLE,
        ),
        ErrorCode.NO_SEATS: Remedy(
            remedy="Buy a seat in ClickUp under Billing, or remove somebody who no longer needs theirs. Then retry.",
            link_label="People in ClickUp",
            link_url=_PEOPLE,
        ),
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="Enter the personal token of an owner or admin of this Workspace. Then test the connection.",
            link_label="API token in ClickUp",
            link_url=_API,
        ),
        ErrorCode.AUTH_EXPIRED: Remedy(
            remedy="Make a new personal token in ClickUp, as an owner or admin of the Workspace, and enter it under "
            "Connected accounts. Then retry.",
            link_label="API token in ClickUp",
            link_url=_API,
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look who has the address in the Workspace. Adopt them, or choose another address.",
            link_label="People in ClickUp",
            link_url=_PEOPLE,
        ),
    },
)
