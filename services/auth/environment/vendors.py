"""Every vendor's variables together."""

from pydantic import model_validator

from services.auth.environment.atlassian import AtlassianEnvironment
from services.auth.environment.base import OptionalText, Seed
from services.auth.environment.clickup import ClickUpEnvironment
from services.auth.environment.github import GitHubEnvironment
from services.auth.environment.google import GoogleEnvironment
from services.auth.environment.hubspot import HubSpotEnvironment
from services.auth.environment.microsoft import MicrosoftEnvironment
from services.auth.environment.oauth import OAuthEnvironment
from services.auth.environment.scim import ScimEnvironment
from services.auth.environment.slack import SlackEnvironment
from services.auth.environment.zoom import ZoomEnvironment


class VendorSettings(
    GoogleEnvironment,
    MicrosoftEnvironment,
    SlackEnvironment,
    AtlassianEnvironment,
    GitHubEnvironment,
    ClickUpEnvironment,
    ZoomEnvironment,
    HubSpotEnvironment,
    ScimEnvironment,
    OAuthEnvironment,
):
    """Token endpoints, and one tenant's credentials for a fresh installation."""

    connections_tenant: OptionalText = None

    @model_validator(mode="after")
    def _whole(self) -> "VendorSettings":
        self.seeds()
        return self

    def seeds(self) -> list[Seed]:
        """Every connection that the environment brings.

        Raises:
            ValueError: one is not whole; the message names the variables.
        """
        makers = (
            self.google,
            self.microsoft,
            self.slack,
            self.atlassian,
            self.github,
            self.clickup,
            self.zoom,
            self.hubspot,
            self.scim,
        )
        found = [make(self.connections_tenant) for make in makers]
        return [seed for seed in found if seed is not None]

    def addresses(self) -> dict[str, str | None]:
        """Where credentials are sent to, by variable."""
        return {
            "MS_LOGIN_URL": self.ms_login_url,
            "MS_GRAPH_TOKEN_URL": self.ms_graph_token_url,
            "GOOGLE_TOKEN_URL": self.google_token_url,
            "GITHUB_API_URL": self.github_api_url,
            "ZOOM_TOKEN_URL": self.zoom_token_url,
            "SCIM_BASE_URL": self.scim_base_url,
            "SCIM_TOKEN_URL": self.scim_token_url,
            "ATLASSIAN_SITE_URL": self.atlassian_site_url,
            **self.oauth_addresses(),
        }
