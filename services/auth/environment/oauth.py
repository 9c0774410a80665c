"""`*_OAUTH_*` and vendors' addresses: how this installation is registered with each vendor, so that people can connect.

One registration per vendor serves every tenant. A vendor without a client id is connected by typing in credentials, or
not at all. The addresses are the vendors' own unless a test or a sovereign cloud says otherwise; the ones that the
worker reads too have the same names there.
"""

from collections.abc import Mapping

from pydantic import Field, field_validator, model_validator

from services.auth.connection.models import Vendor
from services.auth.connection.vendors import MICROSOFT_MAILBOX
from services.auth.environment.base import OptionalSecret, OptionalText
from services.shared.kit.settings import Settings

_HTTP = r"^https?://[^\s?#]+$"


def _address(default: str) -> str:
    value: str = Field(default=default, pattern=_HTTP)
    return value


class OAuthEnvironment(Settings):
    oauth_redirect_base: OptionalText = Field(default=None, pattern=_HTTP)
    """The public address that browsers use, without a path. Vendors send people back below it and nowhere else."""
    connect_private_addresses: bool = False
    """Whether an address that somebody types in may be of this network: for SCIM applications of one's own."""

    ms_oauth_client_id: OptionalText = None
    ms_oauth_client_secret: OptionalSecret = None
    ms_oauth_mailbox_scopes: str = ""
    """What a sign-in with Microsoft asks for besides, so that OneClick can watch that person's own mailbox; names with
    spaces between them. Nothing unless whoever runs OneClick wants it."""
    ms_graph_url: str = _address("https://graph.microsoft.com")

    google_oauth_client_id: OptionalText = None
    google_oauth_client_secret: OptionalSecret = None
    google_oauth_testing: bool = False
    """The consent screen's publishing status is Testing: Google ends each grant after seven days."""
    google_authorize_url: str = _address("https://accounts.google.com/o/oauth2/v2/auth")
    google_revoke_url: str = _address("https://oauth2.googleapis.com/revoke")
    google_issuer: str = _address("https://accounts.google.com")
    google_jwks_url: str = _address("https://www.googleapis.com/oauth2/v3/certs")
    google_api_url: str = _address("https://admin.googleapis.com")

    slack_oauth_client_id: OptionalText = None
    slack_oauth_client_secret: OptionalSecret = None
    slack_authorize_url: str = _address("https://slack.com/oauth/v2/authorize")
    slack_api_url: str = _address("https://slack.com/api")

    atlassian_oauth_client_id: OptionalText = None
    atlassian_oauth_client_secret: OptionalSecret = None
    atlassian_auth_url: str = _address("https://auth.atlassian.com")
    atlassian_scim_url: str = _address("https://api.atlassian.com/scim/directory")
    atlassian_admin_url: str = _address("https://api.atlassian.com")

    github_oauth_app_id: OptionalText = None
    github_oauth_app_slug: OptionalText = Field(default=None, pattern=r"^[a-z0-9][a-z0-9-]*$")
    github_oauth_app_private_key: OptionalSecret = None
    github_oauth_client_id: OptionalText = None
    """By id and secret OneClick asks who installs the App: only an installation that this person can see is taken."""
    github_oauth_client_secret: OptionalSecret = None
    github_web_url: str = _address("https://github.com")

    hubspot_oauth_client_id: OptionalText = None
    hubspot_oauth_client_secret: OptionalSecret = None
    hubspot_authorize_url: str = _address("https://app.hubspot.com/oauth/authorize")
    hubspot_api_url: str = _address("https://api.hubapi.com")

    clickup_oauth_client_id: OptionalText = None
    clickup_oauth_client_secret: OptionalSecret = None
    clickup_authorize_url: str = _address("https://app.clickup.com/api")
    clickup_api_url: str = _address("https://api.clickup.com/api/v2")

    zoom_api_url: str = _address("https://api.zoom.us/v2")

    @field_validator("ms_oauth_mailbox_scopes")
    @classmethod
    def _of_a_mailbox(cls, value: str) -> str:
        wanted = value.split()
        if unknown := sorted(set(wanted) - set(MICROSOFT_MAILBOX)):
            raise ValueError(f"{', '.join(unknown)}: choose from {', '.join(MICROSOFT_MAILBOX)}")
        return " ".join(dict.fromkeys(wanted))

    @model_validator(mode="after")
    def _in_pairs(self) -> "OAuthEnvironment":
        for names in self._groups():
            given = {name.upper(): getattr(self, name) for name in names}
            if any(given.values()):
                wanted = {**given, "OAUTH_REDIRECT_BASE": self.oauth_redirect_base}
                missing = [name for name, value in wanted.items() if not value]
                if missing:
                    raise ValueError(f"{', '.join(missing)}: needed so that people can connect this vendor")
        return self

    @staticmethod
    def _groups() -> list[tuple[str, ...]]:
        pairs = [
            (f"{name}_oauth_client_id", f"{name}_oauth_client_secret")
            for name in ("ms", "google", "slack", "atlassian", "hubspot", "clickup")
        ]
        app = tuple(name for name in OAuthEnvironment.model_fields if name.startswith("github_oauth_"))
        return [*pairs, app]

    def redirect_uri(self, vendor: Vendor) -> str:
        """Where the vendor sends people back to; registered with the vendor exactly so."""
        return f"{(self.oauth_redirect_base or '').rstrip('/')}/auth/oauth/{vendor.value}/callback"

    def client_of(self, vendor: Vendor) -> tuple[str, str] | None:
        """The installation's client id and secret at a vendor; None where it is not registered."""
        prefix = "ms" if vendor is Vendor.MICROSOFT else vendor.value
        client_id = getattr(self, f"{prefix}_oauth_client_id", None)
        secret = getattr(self, f"{prefix}_oauth_client_secret", None)
        if client_id is None or secret is None:
            return None
        return client_id, secret.get_secret_value()

    def oauth_addresses(self) -> Mapping[str, str | None]:
        """Where credentials and people are sent to, by variable."""
        names = [
            name for name in OAuthEnvironment.model_fields if name.endswith(("_url", "_issuer", "_base"))
        ]
        return {name.upper(): getattr(self, name) for name in names}
