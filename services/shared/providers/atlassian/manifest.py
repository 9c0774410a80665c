"""What the two providers say about themselves. One vendor, one connection, one set of limits."""

from services.shared.providers.atlassian.form import (
    AtlassianForm,
    AtlassianSettings,
    ConfluenceForm,
    JiraForm,
)
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind, Budget, Capability, Limits, Manifest, Remedy

SCIM_KEY = "SCIM API key"
SITE_TOKEN = "API token of an organisation administrator"  # noqa: S105  # what people call it
ORG_KEY = "Organisation API key"

_ADMIN = "https://admin.atlassian.com"

LIMITS = Limits(
    calls_per_second=10,
    burst=10,
    concurrency=5,
    budgets=(
        # The search for people has a limit of its own that all callers of the site share.
        Budget(key="user_search", calls=5, per_seconds=1, path=r"/user/search$"),
    ),
    one_write_per=r"/(?:Groups|Users)/([^/?]+)",
    settle_seconds=60,
    source="developer.atlassian.com/cloud/jira/platform/rate-limiting: API tokens keep burst limits, whose numbers are "
    "not published; 429 with Retry-After tells. User provisioning publishes none: groups take one write at a time.",
)

_CAPABILITIES = (
    Capability(
        key="account.manage",
        title="Create, adopt and update Atlassian accounts",
        scopes=(SCIM_KEY, SITE_TOKEN),
    ),
    Capability(key="group.join", title="Give access and roles by groups", scopes=(SCIM_KEY, SITE_TOKEN)),
    Capability(
        key="group.leave",
        title="Take the groups that OneClick gave",
        scopes=(SCIM_KEY, SITE_TOKEN),
        destructive=True,
    ),
    Capability(
        key="account.suspend",
        title="Suspend accounts that nobody else uses",
        scopes=(SCIM_KEY, ORG_KEY),
        destructive=True,
    ),
    Capability(
        key="account.delete",
        title="Delete from the directory, or remove from the site",
        scopes=(SCIM_KEY, SITE_TOKEN),
        destructive=True,
    ),
)

_ACTIONS = (
    ActionKind.CREATE,
    ActionKind.ADOPT,
    ActionKind.UPDATE,
    ActionKind.ADD_TO_GROUP,
    ActionKind.REMOVE_FROM_GROUP,
    ActionKind.SUSPEND,
    ActionKind.DELETE,
    ActionKind.NOOP,
)

_REMEDIES = {
    ErrorCode.DOMAIN_NOT_VERIFIED: Remedy(
        remedy="Verify the domain in Atlassian's administration under Security, Domains, and claim its accounts; or use "
        "an address of a verified domain. Then retry.",
        link_label="Domains in Atlassian's administration",
        link_url=_ADMIN,
    ),
    ErrorCode.NO_SEATS: Remedy(
        remedy="Add users to the product's plan in Atlassian's administration under Billing, then retry.",
        link_label="Atlassian's administration",
        link_url=_ADMIN,
    ),
    ErrorCode.AUTH_EXPIRED: Remedy(
        remedy="SCIM keys, organisation API keys and API tokens expire after a year at most. Make a new one in "
        "Atlassian's administration and reconnect.",
        link_label="Atlassian's administration",
        link_url=_ADMIN,
    ),
    ErrorCode.MISSING_SCOPE: Remedy(
        remedy="The SCIM key must belong to the directory; the API token to an organisation administrator who may use "
        "the product; the organisation API key to the organisation. Make it anew and reconnect.",
        link_label="Atlassian's administration",
        link_url=_ADMIN,
    ),
    ErrorCode.ALREADY_EXISTS: Remedy(
        remedy="Look who has the address in Atlassian's administration under Directory, Users. Adopt the account, or "
        "choose another address.",
        link_label="Atlassian's administration",
        link_url=_ADMIN,
    ),
}


def _make(key: str, title: str, summary: str, form: type[AtlassianForm], *kinds: ActionKind) -> Manifest:
    return Manifest(
        key=key,
        title=title,
        vendor="atlassian",
        summary=summary,
        form=form,
        settings=AtlassianSettings,
        endpoints=("atlassian_scim", "atlassian_admin"),
        base_urls=("site_url", "confluence_url"),
        credentials={
            "atlassian_scim": "scim",
            "atlassian_admin": "admin",
            "site_url": "site",
            "confluence_url": "site",
        },
        capabilities=_CAPABILITIES,
        actions=(*_ACTIONS, *kinds),
        options=("access_groups", "groups"),
        limits=LIMITS,
        remedies=_REMEDIES,
    )


JIRA_MANIFEST = _make(
    "jira",
    "Jira",
    "An Atlassian account with access to Jira's products, and groups.",
    JiraForm,
)
CONFLUENCE_MANIFEST = _make(
    "confluence",
    "Confluence",
    "An Atlassian account with access to Confluence, and groups.",
    ConfluenceForm,
    ActionKind.MANUAL_TASK,
)
