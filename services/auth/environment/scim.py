"""`SCIM_*`: any application that speaks SCIM 2.0, with a token or client credentials."""

from typing import Any

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import (
    OptionalSecret,
    OptionalText,
    Seed,
    https_or_loopback,
    require_whole,
    sealed,
)
from services.auth.grant.scim import CLIENT_SECRET
from services.auth.grant.static import TOKEN
from services.shared.kit.settings import Settings


class ScimEnvironment(Settings):
    scim_base_url: OptionalText = None
    scim_title: OptionalText = None
    scim_token: OptionalSecret = None
    scim_token_url: OptionalText = None
    scim_client_id: OptionalText = None
    scim_client_secret: OptionalSecret = None

    def scim(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing.
        """
        given: dict[str, Any] = {"SCIM_BASE_URL": self.scim_base_url}
        if self.scim_client_id or self.scim_client_secret or self.scim_token_url:
            given |= {
                "SCIM_TOKEN_URL": self.scim_token_url,
                "SCIM_CLIENT_ID": self.scim_client_id,
                "SCIM_CLIENT_SECRET": self.scim_client_secret,
            }
        else:
            given |= {"SCIM_TOKEN": self.scim_token}
        if not require_whole(tenant, given) or self.scim_base_url is None:
            return None
        base = https_or_loopback(self.scim_base_url, "SCIM_BASE_URL")
        settings: dict[str, Any] = {"base_url": base, "title": self.scim_title or base.split("/")[2]}
        if self.scim_client_secret is not None:
            settings |= {"token_url": self.scim_token_url, "client_id": self.scim_client_id}
            method, secrets = Method.CLIENT_CREDENTIALS, {CLIENT_SECRET: sealed(self.scim_client_secret)}
        else:
            assert self.scim_token is not None  # noqa: S101  # required above
            method, secrets = Method.TOKEN, {TOKEN: sealed(self.scim_token)}
        return Seed(Vendor.SCIM, method, settings["title"], settings, secrets)
