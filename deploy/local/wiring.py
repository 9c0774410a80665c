"""Who listens where, and which settings each process gets. One function per process, in the words of its settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from deploy.local.keys import Keys
from deploy.local.ports import HOST, wanted_or_free
from deploy.local.postgres import Postgres
from deploy.local.redis import Redis
from deploy.local.state import ROOT

USUAL_PORTS = {
    "bff": 8100,
    "auth": 8101,
    "api": 8102,
    "worker": 8103,
    "scheduler": 8104,
    "postgres": 8105,
    "redis": 8106,
    "sandbox": 8190,
}
CONNECTED_TENANT = "acme"
SEED = Path(__file__).parent / "seed"
OIDC_CLIENT_ID = "oneclick"


def choose_ports(memory: Path) -> dict[str, int]:
    """The port that each process had last time or else its usual one; another where that is taken.

    `memory` is the file that remembers them: bookmarks, and the identity provider's address, stay as they were.
    """
    remembered: dict[str, int] = json.loads(memory.read_text()) if memory.exists() else {}
    chosen: dict[str, int] = {}
    for name, usual in USUAL_PORTS.items():
        chosen[name] = wanted_or_free(remembered.get(name, usual), avoid=frozenset(chosen.values()))
    memory.write_text(json.dumps(chosen))
    return chosen


@dataclass(slots=True)
class Wiring:
    """Everything the processes must know of each other. `sandbox` is what the sandbox says of itself once it runs."""

    ports: Mapping[str, int]
    keys: Keys
    postgres: Postgres
    redis: Redis
    log_level: str = "INFO"
    sandbox: dict[str, Any] = field(default_factory=dict)

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"

    @property
    def public_url(self) -> str:
        """Browsers keep Secure cookies for `localhost` without TLS, and for no other plain address so widely."""
        return f"http://localhost:{self.ports['bff']}"

    @property
    def issuer(self) -> str:
        """The sandbox's identity provider."""
        return f"{self.url('sandbox')}/oidc"

    def _common(self, name: str) -> dict[str, str]:
        return {
            "HOST": HOST,
            "PORT": str(self.ports[name]),
            "ENVIRONMENT": "local",
            "LOG_LEVEL": self.log_level,
            "LOG_FORMAT": "console",
        }

    def _caller(self, name: str) -> dict[str, str]:
        return {"AUTH_URL": self.url("auth"), "SERVICE_TOKEN": self.keys.service_token(name)}

    def migrations(self) -> dict[str, str]:
        return {"MIGRATE_DATABASE_URL": self.postgres.url("oneclick_migrate")}

    def sandbox_environment(self) -> dict[str, str]:
        return {
            **self._common("sandbox"),
            "SANDBOX_PUBLIC_URL": self.url("sandbox"),
            "SANDBOX_APP_URL": self.public_url,
            "SANDBOX_OIDC_CLIENT_SECRET": self.keys.oidc_client_secret,
            "SANDBOX_MS_CLIENT_SECRET": self.keys.microsoft_client_secret,
            "SANDBOX_GOOGLE_SERVICE_ACCOUNT_FILE": str(self.keys.google_service_account_file),
        }

    def auth(self) -> dict[str, str]:
        return {
            **self._common("auth"),
            "DATABASE_URL": self.postgres.url("oneclick_auth"),
            "VAULT_KEYS_FILE": str(self.keys.vault_keys_file),
            "SERVICE_TOKENS_FILE": str(self.keys.service_tokens_file),
            "BOOTSTRAP_FILE": str(SEED / "tenants.yaml"),
            "OIDC_ISSUER": self.issuer,
            "OIDC_CLIENT_ID": OIDC_CLIENT_ID,
            "OIDC_CLIENT_SECRET": self.keys.oidc_client_secret,
            "OIDC_REDIRECT_URI": f"{self.public_url}/bff/callback",
            "OIDC_GROUPS_CLAIM": "groups",
            "OAUTH_REDIRECT_BASE": self.public_url,
            "CONNECT_PRIVATE_ADDRESSES": "true",
            "CONNECTIONS_TENANT": CONNECTED_TENANT,
            "MS_LOGIN_URL": f"{self.url('sandbox')}/microsoft",
            "GOOGLE_SERVICE_ACCOUNT_FILE": str(self.keys.google_service_account_file),
            "GOOGLE_TOKEN_URL": f"{self.url('sandbox')}/google/token",
            **self._connections(),
            # What is typed in or consented to is looked at where the worker will look.
            "MS_GRAPH_URL": f"{self.url('sandbox')}/microsoft",
            "GOOGLE_API_URL": f"{self.url('sandbox')}/google",
            **self._told("worker"),
            **self._told("auth"),
        }

    def _told(self, process: str) -> dict[str, str]:
        """What each vendor's twin says that a process needs in its environment, for the connected tenant."""
        told: dict[str, str] = {}
        for vendor in self.sandbox.values():
            if isinstance(vendor, dict):
                told |= vendor.get("environment", {}).get(process, {})
        return told

    def _connections(self) -> dict[str, str]:
        """The connected tenant's side of the two vendors, as the sandbox tells it."""
        google, microsoft = self.sandbox["google"], self.sandbox["microsoft"]
        domain = next(one["domain"] for one in self.sandbox["tenants"] if one["slug"] == CONNECTED_TENANT)
        customer = next(one for one in google["customers"] if one["domain"] == domain)
        directory = next(one for one in microsoft["tenants"] if domain in one["domains"])
        return {
            "GOOGLE_CUSTOMER_ID": customer["customer_id"],
            "GOOGLE_ADMIN_SUBJECT": customer["admin_subject"],
            "MS_GRAPH_TENANT_ID": directory["directory_id"],
            "MS_GRAPH_CLIENT_ID": microsoft["client_id"],
            "MS_GRAPH_CLIENT_SECRET": microsoft["client_secret"],
            "MS_GRAPH_DOMAIN": domain,
        }

    def api(self) -> dict[str, str]:
        return {
            **self._common("api"),
            **self._caller("api"),
            "DATABASE_URL": self.postgres.url("oneclick_api"),
            "REDIS_URL": self.redis.url,
            "SERVICE_TOKENS": self.keys.service_tokens("scheduler", "worker"),
        }

    def worker(self) -> dict[str, str]:
        sandbox = self.url("sandbox")
        return {
            **self._common("worker"),
            **self._caller("worker"),
            "DATABASE_URL": self.postgres.url("oneclick_worker"),
            "REDIS_URL": self.redis.url,
            "GOOGLE_API_URL": f"{sandbox}/google",
            "GOOGLE_LICENSING_URL": f"{sandbox}/google",
            "MS_GRAPH_URL": f"{sandbox}/microsoft",
            "NOTIFICATIONS_URL": f"{self.url('api')}/api/ms365/webhook",
            **self._told("worker"),
        }

    def scheduler(self) -> dict[str, str]:
        return {**self._common("scheduler"), **self._caller("scheduler"), "API_URL": self.url("api")}

    def bff(self) -> dict[str, str]:
        return {
            **self._common("bff"),
            **self._caller("bff"),
            "API_URL": self.url("api"),
            "PUBLIC_URL": self.public_url,
            "WEBUI_DIR": str(ROOT / "webui" / "dist"),
        }
