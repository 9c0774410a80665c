"""`CLICKUP_*`: a Workspace owner's or admin's personal token."""

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import OptionalSecret, OptionalText, Seed, require_whole, sealed
from services.auth.grant.static import TOKEN
from services.shared.kit.settings import Settings


class ClickUpEnvironment(Settings):
    clickup_api_token: OptionalSecret = None
    clickup_team_id: OptionalText = None
    clickup_team_name: OptionalText = None

    def clickup(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing.
        """
        given = {"CLICKUP_API_TOKEN": self.clickup_api_token, "CLICKUP_TEAM_ID": self.clickup_team_id}
        if not require_whole(tenant, given) or self.clickup_api_token is None:
            return None
        return Seed(
            vendor=Vendor.CLICKUP,
            method=Method.TOKEN,
            display_name=f"ClickUp {self.clickup_team_name or self.clickup_team_id}",
            settings={"team_id": self.clickup_team_id, "team_name": self.clickup_team_name},
            secrets={TOKEN: sealed(self.clickup_api_token)},
        )
