"""Connections of a fresh installation: one tenant's credentials from the environment."""

import json
from typing import Any

from sqlalchemy import text

from services.auth.connection.models import Connection, Method, Vendor
from services.auth.connection.service import ensure_connection
from services.auth.settings import VendorSettings
from services.auth.tenant.service import find_tenant_by_slug
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.uow import enter_tenant

CLIENT_SECRET = "client_secret"  # noqa: S105  # a field's name
SERVICE_ACCOUNT_KEY = "service_account_key"


_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7113020260115)")


class UnknownTenant(ValueError):
    """CONNECTIONS_TENANT names a tenant that does not exist."""


async def seed_connections(sessions: Sessions, vault: Vault, settings: VendorSettings) -> list[Connection]:
    """Store what the environment brings, sealed. Repeats safely; a changed variable replaces the secret.

    Raises:
        UnknownTenant: the tenant they belong to is not there.
    """
    if settings.connections_tenant is None:
        return []
    async with sessions.begin() as session:
        await session.execute(_ONE_AT_A_TIME)
        tenant = await find_tenant_by_slug(session, settings.connections_tenant)
        if tenant is None:
            raise UnknownTenant(f"there is no tenant {settings.connections_tenant!r}")
        await enter_tenant(session, tenant.id)
        return [
            await ensure_connection(session, vault, tenant_id=tenant.id, **wanted)
            for wanted in (_google(settings), _microsoft(settings))
            if wanted is not None
        ]


def _google(settings: VendorSettings) -> dict[str, Any] | None:
    account_json, subject = settings.service_account(), settings.google_admin_subject
    if account_json is None or subject is None:
        return None
    account = json.loads(account_json)
    domain = subject.rpartition("@")[2]
    return {
        "vendor": Vendor.GOOGLE,
        "method": Method.SERVICE_ACCOUNT,
        "display_name": f"Google Workspace {domain}",
        "settings": {
            "customer_id": settings.google_customer_id or "my_customer",
            "admin_subject": subject,
            "domain": domain,
            "service_account": account["client_email"],
            "key_id": account["private_key_id"],
        },
        "secrets": {SERVICE_ACCOUNT_KEY: Secret(account["private_key"])},
    }


def _microsoft(settings: VendorSettings) -> dict[str, Any] | None:
    directory, client, secret = (
        settings.ms_graph_tenant_id,
        settings.ms_graph_client_id,
        settings.ms_graph_client_secret,
    )
    if directory is None or client is None or secret is None:
        return None
    name = settings.ms_graph_domain or directory
    return {
        "vendor": Vendor.MICROSOFT,
        "method": Method.CLIENT_CREDENTIALS,
        "display_name": f"Microsoft 365 {name}",
        "settings": {"directory_id": directory, "domain": settings.ms_graph_domain, "client_id": client},
        "secrets": {CLIENT_SECRET: Secret(secret.get_secret_value())},
    }
