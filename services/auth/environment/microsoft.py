"""`MS_*`: an app registration with application permissions."""

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import OptionalSecret, OptionalText, Seed, require_whole, sealed
from services.auth.grant.microsoft import CLIENT_SECRET
from services.shared.kit.settings import Settings


class MicrosoftEnvironment(Settings):
    ms_login_url: str = "https://login.microsoftonline.com"
    ms_graph_tenant_id: OptionalText = None
    ms_graph_client_id: OptionalText = None
    ms_graph_client_secret: OptionalSecret = None
    ms_graph_token_url: OptionalText = None
    ms_graph_domain: OptionalText = None

    def microsoft(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing.
        """
        given = {
            "MS_GRAPH_TENANT_ID": self.ms_graph_tenant_id,
            "MS_GRAPH_CLIENT_ID": self.ms_graph_client_id,
            "MS_GRAPH_CLIENT_SECRET": self.ms_graph_client_secret,
        }
        if not require_whole(tenant, given) or self.ms_graph_client_secret is None:
            return None
        return Seed(
            vendor=Vendor.MICROSOFT,
            method=Method.CLIENT_CREDENTIALS,
            display_name=f"Microsoft 365 {self.ms_graph_domain or self.ms_graph_tenant_id}",
            settings={
                "directory_id": self.ms_graph_tenant_id,
                "domain": self.ms_graph_domain,
                "client_id": self.ms_graph_client_id,
            },
            secrets={CLIENT_SECRET: sealed(self.ms_graph_client_secret)},
        )
