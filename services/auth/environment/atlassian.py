"""`ATLASSIAN_*`: a SCIM directory's key, an organisation's key, a site's API token; each opens its own door."""

import base64

from pydantic import SecretStr

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import (
    OptionalSecret,
    OptionalText,
    Seed,
    https_or_loopback,
    require_whole,
    sealed,
)
from services.auth.grant.static import ADMIN, CREDENTIALS, SCIM, SITE
from services.auth.vault.secret import Secret
from services.shared.kit.settings import Settings


class AtlassianEnvironment(Settings):
    atlassian_org_id: OptionalText = None
    atlassian_directory_id: OptionalText = None
    atlassian_scim_key: OptionalSecret = None
    atlassian_admin_key: OptionalSecret = None
    atlassian_site_url: OptionalText = None
    atlassian_email: OptionalText = None
    atlassian_api_token: OptionalSecret = None

    def atlassian(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one. Any of the three credentials makes it one.

        Raises:
            ValueError: something is missing.
        """
        secrets = self._secrets(tenant)
        if not secrets:
            return None
        site = self.atlassian_site_url and https_or_loopback(self.atlassian_site_url, "ATLASSIAN_SITE_URL")
        return Seed(
            vendor=Vendor.ATLASSIAN,
            method=Method.TOKEN,
            display_name=f"Atlassian {(site or self.atlassian_org_id or '').removeprefix('https://')}",
            settings={
                "org_id": self.atlassian_org_id,
                "directory_id": self.atlassian_directory_id if SCIM in secrets else None,
                "site_url": site,
                "site_name": site.rpartition("/")[2].partition(".")[0] if site else None,
                "credentials": [CREDENTIALS[field] for field in secrets],
            },
            secrets=secrets,
        )

    def _secrets(self, tenant: str | None) -> dict[str, Secret]:
        found: dict[str, Secret] = {}
        scim = {
            "ATLASSIAN_DIRECTORY_ID": self.atlassian_directory_id,
            "ATLASSIAN_SCIM_KEY": self.atlassian_scim_key,
        }
        if require_whole(tenant, scim) and self.atlassian_scim_key is not None:
            found[SCIM] = sealed(self.atlassian_scim_key)
        site = {
            "ATLASSIAN_SITE_URL": self.atlassian_site_url,
            "ATLASSIAN_EMAIL": self.atlassian_email,
            "ATLASSIAN_API_TOKEN": self.atlassian_api_token,
        }
        if require_whole(tenant, site) and self.atlassian_api_token is not None:
            found[SITE] = sealed(_basic(self.atlassian_email or "", self.atlassian_api_token))
        if self.atlassian_admin_key is not None:
            require_whole(
                tenant,
                {
                    "ATLASSIAN_ADMIN_KEY": self.atlassian_admin_key,
                    "ATLASSIAN_ORG_ID": self.atlassian_org_id,
                },
            )
            found[ADMIN] = sealed(self.atlassian_admin_key)
        return found


def _basic(name: str, password: SecretStr) -> SecretStr:
    return SecretStr(base64.b64encode(f"{name}:{password.get_secret_value()}".encode()).decode())
