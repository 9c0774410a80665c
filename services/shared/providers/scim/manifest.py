"""What this provider says about itself."""

from services.shared.providers.scim.form import ScimForm, ScimSettings
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Capability, Limits, Manifest, Remedy

USERS, GROUPS = "Users", "Groups"
"""SCIM knows no scopes: these are the resources that the token must open."""

MANIFEST = Manifest(
    key="scim",
    title="SCIM 2.0 application",
    vendor="scim",
    summary="Account, groups, roles and entitlements in any application that speaks SCIM 2.0.",
    form=ScimForm,
    settings=ScimSettings,
    base_urls=("base_url",),
    capabilities=(
        Capability(key="account.manage", title="Create, adopt and update accounts", scopes=(USERS,)),
        Capability(key="license.assign", title="Give entitlements and roles", scopes=(USERS,)),
        Capability(
            key="license.remove",
            title="Remove entitlements and roles that OneClick gave",
            scopes=(USERS,),
            destructive=True,
        ),
        Capability(key="group.join", title="Add to groups", scopes=(GROUPS,)),
        Capability(
            key="group.leave",
            title="Remove from groups that OneClick added to",
            scopes=(GROUPS,),
            destructive=True,
        ),
        Capability(key="account.suspend", title="Deactivate accounts", scopes=(USERS,), destructive=True),
        Capability(key="account.delete", title="Delete accounts", scopes=(USERS,), destructive=True),
    ),
    actions=(
        ActionKind.CREATE,
        ActionKind.ADOPT,
        ActionKind.UPDATE,
        ActionKind.ASSIGN_LICENSE,
        ActionKind.REMOVE_LICENSE,
        ActionKind.GRANT_ROLE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.SUSPEND,
        ActionKind.DELETE,
        ActionKind.NOOP,
    ),
    options=("groups",),
    limits=Limits(
        calls_per_second=10,
        concurrency=4,
        one_write_per=r"/(?:Users|Groups)/([^/?]+)",
        settle_seconds=60,
        source="RFC 7644 names no rates, and every application has its own: ten calls a second are a careful guess, "
        "and a 429 with its Retry-After is obeyed. A group that takes no PATCH is written as a whole, hence one "
        "write at a time for each object.",
    ),
    remedies={
        ErrorCode.MISSING_SCOPE: Remedy(
            remedy="In the application's administration, give the provisioning token the right to read and write "
            "users and groups, or make a new token. Then test the connection.",
        ),
        ErrorCode.AUTH_EXPIRED: Remedy(
            remedy="Make a new provisioning token in the application's administration and enter it under Connected "
            "accounts. Then retry.",
        ),
        ErrorCode.ALREADY_EXISTS: Remedy(
            remedy="Look in the application who has the user name. Adopt that account, or choose another address.",
        ),
        ErrorCode.NO_SEATS: Remedy(
            remedy="Buy a seat in the application, or take one from somebody who no longer needs it. Then retry.",
        ),
        ErrorCode.INVALID_FIELD: Remedy(
            remedy="Look at the application's words below. If it is about an attribute of the person, correct the "
            "attribute mapping of the connection, or leave that attribute out of it. Then retry.",
        ),
        ErrorCode.NOT_ENTITLED: Remedy(
            remedy="The application's SCIM does not offer this, or its plan does not include it. Leave it out, or "
            "ask the application's vendor.",
        ),
    },
)
