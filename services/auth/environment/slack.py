"""`SLACK_*`: an organisation owner's token with the scope `admin`."""

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import OptionalSecret, OptionalText, Seed, require_whole, sealed
from services.auth.grant.static import TOKEN
from services.shared.kit.settings import Settings


class SlackEnvironment(Settings):
    slack_scim_token: OptionalSecret = None
    slack_team_id: OptionalText = None
    slack_team_domain: OptionalText = None

    def slack(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing.
        """
        given = {"SLACK_SCIM_TOKEN": self.slack_scim_token, "SLACK_TEAM_ID": self.slack_team_id}
        if not require_whole(tenant, given) or self.slack_scim_token is None:
            return None
        return Seed(
            vendor=Vendor.SLACK,
            method=Method.TOKEN,
            display_name=f"Slack {self.slack_team_domain or self.slack_team_id}",
            settings={"team_id": self.slack_team_id, "team_domain": self.slack_team_domain},
            secrets={TOKEN: sealed(self.slack_scim_token)},
        )
