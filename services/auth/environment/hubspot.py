"""`HUBSPOT_*`: a private app's token."""

from pydantic import Field

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import OptionalSecret, OptionalText, Seed, require_whole, sealed
from services.auth.grant.static import TOKEN
from services.shared.kit.settings import Settings


class HubSpotEnvironment(Settings):
    hubspot_access_token: OptionalSecret = None
    hubspot_portal_id: OptionalText = None
    hubspot_users_path: str = Field(default="/settings/v3/users", pattern=r"^/settings/[a-z0-9/-]+$")

    def hubspot(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing.
        """
        given = {
            "HUBSPOT_ACCESS_TOKEN": self.hubspot_access_token,
            "HUBSPOT_PORTAL_ID": self.hubspot_portal_id,
        }
        if not require_whole(tenant, given) or self.hubspot_access_token is None:
            return None
        return Seed(
            vendor=Vendor.HUBSPOT,
            method=Method.TOKEN,
            display_name=f"HubSpot {self.hubspot_portal_id}",
            settings={"portal_id": self.hubspot_portal_id, "users_path": self.hubspot_users_path},
            secrets={TOKEN: sealed(self.hubspot_access_token)},
        )
