"""The Microsoft twin seen from behind."""

from __future__ import annotations

import time
from typing import Any

from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.microsoft.mail_acts import MailActs
from services.sandbox.microsoft.outlook_acts import OutlookActs
from services.sandbox.microsoft.seed import APP_ID, CONNECT_ID, READER_ID, make_apps
from services.sandbox.microsoft.state import Group, Held, Sku, Tenant, User
from services.sandbox.microsoft.twin import MicrosoftTwin
from services.sandbox.microsoft.users import digest
from services.sandbox.microsoft.views import stamp
from services.sandbox.settings import SandboxSettings


class MicrosoftInspector:
    def __init__(self, twin: MicrosoftTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> MicrosoftTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        tenants = [self._tenant(tenant)] if tenant else list(self._twin.tenants.values())
        users = [
            self._user(one, account)
            for one in tenants
            for account in (*one.users.values(), *one.deleted.values())
            if user is None or user.lower() in {key.lower() for key in account.keys}
        ]
        return {
            "users": users,
            "groups": [self._group(one, group) for one in tenants for group in one.groups.values()],
            "subscriptions": [
                {
                    "tenant": one.label,
                    "id": held.id,
                    "expires": held.expiry,
                    "paused": held.is_paused,
                    **held.fields,
                }
                for one in tenants
                for held in one.subscriptions.values()
                if held.is_alive
            ],
            "skus": [self._sku(one, sku) for one in tenants for sku in one.skus.values()],
        }

    def _tenant(self, name: str) -> Tenant:
        for tenant in self._twin.tenants.values():
            if name == tenant.id or name in tenant.verified:
                return tenant
        raise UnknownNameError(f"no tenant {name}")

    def _user(self, tenant: Tenant, user: User) -> dict[str, Any]:
        manager = tenant.users.get(user.manager or "")
        extensions = user.fields.get("onPremisesExtensionAttributes") or {}
        return {
            "tenant": tenant.label,
            "id": user.id,
            "address": user.upn,
            "aliases": [one for one in user.proxy_addresses if one.startswith("smtp:")],
            "name": user.fields.get("displayName"),
            "enabled": bool(user.fields.get("accountEnabled")),
            "deleted": user.deleted_at is not None,
            "usage_location": user.fields.get("usageLocation"),
            "licenses": [tenant.skus[sku_id].part for sku_id in user.licenses],
            "license_ids": {sku_id: held.disabled_plans for sku_id, held in user.licenses.items()},
            "groups": [group.display_name for group in tenant.groups.values() if user.id in group.members],
            "group_ids": [group.id for group in tenant.groups.values() if user.id in group.members],
            "manager": manager.upn if manager else None,
            "extension_attributes": {name: value for name, value in extensions.items() if value is not None},
            "revocations": user.revocations,
            "origin": user.origin,
            "created_at": stamp(user.created_at),
            "fields": user.fields,
        }

    @staticmethod
    def _group(tenant: Tenant, group: Group) -> dict[str, Any]:
        return {
            "tenant": tenant.label,
            "id": group.id,
            "email": group.mail,
            "name": group.display_name,
            "kind": group.kind,
            "members": [tenant.users[key].upn for key in group.members if key in tenant.users],
        }

    @staticmethod
    def _sku(tenant: Tenant, sku: Sku) -> dict[str, Any]:
        return {
            "tenant": tenant.label,
            "id": sku.id,
            "part": sku.part,
            "name": sku.part,
            "enabled": sku.enabled,
            "free": tenant.free_seats(sku),
            "status": sku.status,
        }

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        tenant = self._tenant(account.tenant or account.address.rpartition("@")[2])
        address = account.address
        fields: dict[str, Any] = {
            "accountEnabled": account.enabled,
            "displayName": f"{account.given_name} {account.family_name}",
            "givenName": account.given_name,
            "surname": account.family_name,
            "mailNickname": address.partition("@")[0],
            "userPrincipalName": address,
            "mail": address,
            "usageLocation": account.usage_location,
            "userType": "Member",
            **account.fields,
        }
        aliases = [f"smtp:{alias}" for alias in account.aliases]
        fields["proxyAddresses"] = [f"SMTP:{fields['mail']}", *aliases] if fields["mail"] else aliases
        taken = tenant.find_conflict(fields)
        if taken is not None:
            raise UnknownNameError(f"{address}: its {taken} exists already")
        user = User(fields=fields, password=digest(account.password), is_admin=account.admin)
        tenant.add_user(user)
        if account.manager:
            user.manager = self._known(tenant, account.manager).id
        for name in account.groups:
            self._find_group(tenant, name).members[user.id] = None
        for name in account.licenses:
            tenant.give(user, self._find_sku(tenant, name).id, Held([], user.created_at))
        if account.deleted:
            tenant.soft_delete(user)
        return self._user(tenant, user)

    @staticmethod
    def _known(tenant: Tenant, name: str) -> User:
        user = tenant.find_user(name)
        if user is None:
            raise UnknownNameError(f"no user {name}")
        return user

    @staticmethod
    def _find_group(tenant: Tenant, name: str) -> Group:
        for group in tenant.groups.values():
            if name in {group.id, group.display_name, group.mail_nickname, group.mail}:
                return group
        raise UnknownNameError(f"no group {name}")

    @staticmethod
    def _find_sku(tenant: Tenant, name: str) -> Sku:
        for sku in tenant.skus.values():
            if name in {sku.id, sku.part}:
                return sku
        raise UnknownNameError(f"no licence {name}")

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        tenants = [self._tenant(change.tenant)] if change.tenant else list(self._twin.tenants.values())
        changed = []
        for tenant in tenants:
            found = self._find_sku(tenant, sku)
            if change.enabled is not None:
                found.enabled = change.enabled
            if change.status is not None:
                found.status = change.status
            changed.append(self._sku(tenant, found))
        return changed

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:
        tenants = [self._tenant(tenant)] if tenant else list(self._twin.tenants.values())
        for one in tenants:
            found = one.find_user(user)
            if found is not None:
                return found.password == digest(password)
        raise UnknownNameError(f"no user {user}")

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """What `consent/control.py` can do; `expire_access_tokens` ends the apps' own tokens too."""
        done = control.act(self._twin.endpoint.book, self._twin.redirects, verb, body)
        if done is None:
            done = MailActs(self._twin.tenants, self._twin.notifier).act(verb, body)
        if done is None:
            done = OutlookActs(self._twin.tenants, self._twin.notifier).act(verb, body)
        if done is None:
            raise UnknownNameError(f"nobody can {verb} here")
        if verb == "expire_access_tokens":
            for token in self._twin.endpoint.tokens.values():
                if body.get("tenant") in {None, token.tenant.label}:
                    token.expires_at = min(token.expires_at, time.time())
                    done["ended"] += 1
        if verb == "revoke_grant":
            self._twin.desk.consents.clear()
        return done

    def info(self, base_url: str) -> dict[str, Any]:
        connect = self._twin.endpoint.apps[CONNECT_ID]
        app = self._twin.endpoint.apps[APP_ID]
        return {
            "graph_url": f"{base_url}/microsoft",
            "login_url": f"{base_url}/microsoft",
            "client_id": app.client_id,
            "client_secret": app.secret,
            "permissions": sorted(app.permissions),
            "oauth": {
                "client_id": connect.client_id,
                "client_secret": connect.secret,
                "scopes": sorted(connect.delegated),
                "authorize_url": f"{base_url}/microsoft/{{tenant}}/oauth2/v2.0/authorize",
                "admin_consent_url": f"{base_url}/microsoft/{{tenant}}/v2.0/adminconsent",
                "token_url": f"{base_url}/microsoft/{{tenant}}/oauth2/v2.0/token",
            },
            "environment": {
                "auth": {
                    "MS_OAUTH_CLIENT_ID": connect.client_id,
                    "MS_OAUTH_CLIENT_SECRET": connect.secret,
                    "MS_GRAPH_URL": f"{base_url}/microsoft",
                }
            },
            "read_only_client_id": READER_ID,
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "tenants": [
                {
                    "directory_id": tenant.id,
                    "name": tenant.name,
                    "domain": tenant.label,
                    "domains": [*tenant.domains, tenant.initial_domain],
                    "token_url": f"{base_url}/microsoft/{tenant.id}/oauth2/v2.0/token",
                    "groups": {group.display_name: group.id for group in tenant.groups.values()},
                    "skus": {sku.part: sku.id for sku in tenant.skus.values()},
                }
                for tenant in self._twin.tenants.values()
            ],
        }


def make_inspector(settings: SandboxSettings) -> MicrosoftInspector:
    """The twin as freshly seeded."""
    return MicrosoftInspector(
        MicrosoftTwin(
            settings.behaviour(settle_reads=True),
            make_apps(settings.ms_client_secret),
            app_url=settings.app_url,
            public_url=settings.public_url,
        )
    )
