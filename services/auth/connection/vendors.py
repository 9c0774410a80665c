"""Which apps a vendor's connection serves, and what is asked of each vendor: the least there is, in one place."""

from collections.abc import Mapping

from services.auth.connection.models import Vendor

APPS: Mapping[Vendor, tuple[str, ...]] = {
    Vendor.GOOGLE: ("google-workspace",),
    Vendor.MICROSOFT: ("microsoft-365",),
}

GOOGLE_SCOPES = (
    "https://www.googleapis.com/auth/admin.directory.user",
    "https://www.googleapis.com/auth/admin.directory.user.security",
    "https://www.googleapis.com/auth/admin.directory.group.readonly",
    "https://www.googleapis.com/auth/admin.directory.group.member",
    "https://www.googleapis.com/auth/admin.directory.orgunit.readonly",
    "https://www.googleapis.com/auth/apps.licensing",
)
"""Accounts, sign-out, reading groups and org units, memberships, licences. The administrator delegates exactly these."""

MICROSOFT_SCOPE = "https://graph.microsoft.com/.default"
"""Application permissions are granted by an administrator; a client-credential token carries what was granted."""


def find_vendor(provider: str) -> Vendor | None:
    """The vendor of `google`, `microsoft` or an app's key such as `google-workspace`."""
    for vendor, apps in APPS.items():
        if provider == vendor or provider in apps:
            return vendor
    return None
