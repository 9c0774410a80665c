"""`GITHUB_*`: a GitHub App installed in the organisation; for managed users the enterprise's SCIM token."""

from typing import Any

from pydantic import Field

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import OptionalSecret, OptionalText, Seed, require_whole, sealed
from services.auth.grant.github import APP_KEY
from services.auth.grant.static import TOKEN
from services.auth.vault.secret import Secret
from services.shared.kit.settings import Settings

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105  # a field's name


class GitHubEnvironment(Settings):
    github_api_url: str = Field(default="https://api.github.com", pattern=r"^https?://")
    github_org: OptionalText = None
    github_enterprise: OptionalText = None
    github_app_id: OptionalText = None
    github_app_private_key: OptionalSecret = None
    github_app_installation_id: OptionalText = None
    github_scim_token: OptionalSecret = None
    github_webhook_secret: OptionalSecret = None

    def github(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one: managed users with `GITHUB_SCIM_TOKEN`, otherwise the App.

        Raises:
            ValueError: something is missing.
        """
        managed = {
            "GITHUB_SCIM_TOKEN": self.github_scim_token,
            "GITHUB_ENTERPRISE": self.github_enterprise,
            "GITHUB_ORG": self.github_org,
        }
        app = {
            "GITHUB_APP_ID": self.github_app_id,
            "GITHUB_APP_PRIVATE_KEY": self.github_app_private_key,
            "GITHUB_APP_INSTALLATION_ID": self.github_app_installation_id,
            "GITHUB_ORG": self.github_org,
        }
        secrets: dict[str, Secret] = {}
        if self.github_scim_token is not None:
            require_whole(tenant, managed)
            secrets[TOKEN] = sealed(self.github_scim_token)
            method, mode = Method.TOKEN, "managed_users"
        elif require_whole(tenant, app) and self.github_app_private_key is not None:
            secrets[APP_KEY] = sealed(self.github_app_private_key)
            method, mode = Method.APP_INSTALLATION, "organization"
        else:
            return None
        if self.github_webhook_secret is not None:
            secrets[WEBHOOK_SECRET] = sealed(self.github_webhook_secret)
        settings: dict[str, Any] = {
            "org": self.github_org,
            "enterprise": self.github_enterprise,
            "mode": mode,
            "app_id": self.github_app_id,
            "installation_id": self.github_app_installation_id,
        }
        return Seed(Vendor.GITHUB, method, f"GitHub {self.github_org}", settings, secrets)
