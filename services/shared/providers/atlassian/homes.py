"""Which home a connection's accounts have."""

from services.shared.providers.atlassian.accounts import Home
from services.shared.providers.atlassian.client import SCIM, SITE, App, AtlassianContext, has
from services.shared.providers.atlassian.directory import Directory
from services.shared.providers.atlassian.site import Site
from services.shared.sdk.errors import ConsentLost, ErrorCode


def home_of(ctx: AtlassianContext, app: App) -> Home:
    """The directory where the connection has one, else the site.

    Raises:
        ConsentLost: the connection has neither.
    """
    if ctx.settings.directory_id and has(ctx, SCIM):
        return Directory(ctx, app)
    if has(ctx, SITE):
        return Site(ctx, app)
    raise ConsentLost(
        "The connection has neither a SCIM key nor an API token of the site.", code=ErrorCode.AUTH_EXPIRED
    )
