"""`ZOOM_*`: a server-to-server OAuth app of the account."""

from pydantic import Field

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import OptionalSecret, OptionalText, Seed, require_whole, sealed
from services.auth.environment.github import WEBHOOK_SECRET
from services.auth.grant.zoom import CLIENT_SECRET
from services.shared.kit.settings import Settings


class ZoomEnvironment(Settings):
    zoom_token_url: str = Field(default="https://zoom.us/oauth/token", pattern=r"^https?://")
    zoom_account_id: OptionalText = None
    zoom_client_id: OptionalText = None
    zoom_client_secret: OptionalSecret = None
    zoom_webhook_secret: OptionalSecret = None
    zoom_domain: OptionalText = None

    def zoom(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing.
        """
        given = {
            "ZOOM_ACCOUNT_ID": self.zoom_account_id,
            "ZOOM_CLIENT_ID": self.zoom_client_id,
            "ZOOM_CLIENT_SECRET": self.zoom_client_secret,
        }
        if not require_whole(tenant, given) or self.zoom_client_secret is None:
            return None
        secrets = {CLIENT_SECRET: sealed(self.zoom_client_secret)}
        if self.zoom_webhook_secret is not None:
            secrets[WEBHOOK_SECRET] = sealed(self.zoom_webhook_secret)
        return Seed(
            vendor=Vendor.ZOOM,
            method=Method.ACCOUNT_CREDENTIALS,
            display_name=f"Zoom {self.zoom_domain or self.zoom_account_id}",
            settings={
                "account_id": self.zoom_account_id,
                "client_id": self.zoom_client_id,
                "domain": self.zoom_domain,
            },
            secrets=secrets,
        )
