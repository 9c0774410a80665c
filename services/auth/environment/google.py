"""`GOOGLE_*`: a service account with domain-wide delegation."""

import json

from services.auth.connection.models import Method, Vendor
from services.auth.environment.base import (
    OptionalPath,
    OptionalSecret,
    OptionalText,
    Seed,
    read_file,
    require_whole,
)
from services.auth.grant.google import SERVICE_ACCOUNT_KEY
from services.auth.vault.secret import Secret
from services.shared.kit.settings import Settings


class GoogleEnvironment(Settings):
    google_token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105  # an address
    google_service_account_json: OptionalSecret = None
    google_service_account_file: OptionalPath = None
    google_admin_subject: OptionalText = None
    google_customer_id: OptionalText = None

    def google(self, tenant: str | None) -> Seed | None:
        """The connection, if there is one.

        Raises:
            ValueError: something is missing, or the key is not a service account's JSON.
        """
        given = {
            "GOOGLE_SERVICE_ACCOUNT_JSON or GOOGLE_SERVICE_ACCOUNT_FILE": self.google_service_account_json
            or self.google_service_account_file,
            "GOOGLE_ADMIN_SUBJECT": self.google_admin_subject,
        }
        if not require_whole(tenant, given) or self.google_admin_subject is None:
            return None
        account = self._service_account()
        domain = self.google_admin_subject.rpartition("@")[2]
        return Seed(
            vendor=Vendor.GOOGLE,
            method=Method.SERVICE_ACCOUNT,
            display_name=f"Google Workspace {domain}",
            settings={
                "customer_id": self.google_customer_id or "my_customer",
                "admin_subject": self.google_admin_subject,
                "domain": domain,
                "service_account": account["client_email"],
                "key_id": account["private_key_id"],
            },
            secrets={SERVICE_ACCOUNT_KEY: Secret(account["private_key"])},
        )

    def _service_account(self) -> dict[str, str]:
        if self.google_service_account_json is not None:
            variable = "GOOGLE_SERVICE_ACCOUNT_JSON"
            text = self.google_service_account_json.get_secret_value()
        else:
            variable = "GOOGLE_SERVICE_ACCOUNT_FILE"
            assert self.google_service_account_file is not None  # noqa: S101  # one of the two is given
            text = read_file(self.google_service_account_file, variable)
        try:
            account = json.loads(text)
        except ValueError:
            raise ValueError(f"{variable} is not JSON") from None
        if not isinstance(account, dict) or account.get("type") != "service_account":
            raise ValueError(f"{variable} is not the JSON of a service account (type is not service_account)")
        needed = ("client_email", "private_key", "private_key_id")
        missing = [name for name in needed if not isinstance(account.get(name), str) or not account[name]]
        if missing:
            raise ValueError(f"{variable} has no {', '.join(missing)}")
        return {name: account[name] for name in needed}
