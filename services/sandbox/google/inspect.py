"""The Google twin seen from behind."""

from __future__ import annotations

import time
from typing import Any

from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.google.seed import make_customers
from services.sandbox.google.state import Customer, Group, User, digest
from services.sandbox.google.tokens import make_service_account, read_service_account
from services.sandbox.google.twin import CLIENT, GoogleTwin
from services.sandbox.google.views import stamp
from services.sandbox.settings import SandboxSettings


class GoogleInspector:
    def __init__(self, twin: GoogleTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> GoogleTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        customers = [self._customer(tenant)] if tenant else list(self._twin.customers.values())
        users = [
            self._user(customer, account)
            for customer in customers
            for account in (*customer.users.values(), *customer.deleted.values())
            if user is None or user.lower() in {key.lower() for key in account.keys}
        ]
        return {
            "users": users,
            "groups": [
                self._group(customer, group) for customer in customers for group in customer.groups.values()
            ],
            "skus": [self._sku(customer, sku_id) for customer in customers for sku_id in customer.skus],
        }

    def _customer(self, name: str) -> Customer:
        for customer in self._twin.customers.values():
            if name in {customer.id, *customer.domains}:
                return customer
        raise UnknownNameError(f"no customer {name}")

    def _user(self, customer: Customer, user: User) -> dict[str, Any]:
        groups = [group.email for group in customer.groups.values() if user.id in group.members]
        held = [sku for sku in (customer.sku_of(product, user) for product in customer.licenses) if sku]
        relations = user.fields.get("relations") or []
        return {
            "tenant": customer.primary_domain,
            "id": user.id,
            "address": user.primary_email,
            "aliases": user.aliases,
            "name": user.fields.get("name"),
            "enabled": not user.is_suspended,
            "deleted": user.deleted_at is not None,
            "admin": user.is_admin,
            "org_unit": user.org_unit,
            "licenses": [f"{customer.skus[sku].product_id}/{sku}" for sku in held],
            "groups": groups,
            "manager": next((one.get("value") for one in relations if one.get("type") == "manager"), None),
            "change_password_at_next_login": bool(user.fields.get("changePasswordAtNextLogin")),
            "external_ids": user.fields.get("externalIds") or [],
            "sign_outs": user.sign_outs,
            "origin": user.origin,
            "created_at": stamp(user.created_at),
            "fields": user.fields,
        }

    @staticmethod
    def _group(customer: Customer, group: Group) -> dict[str, Any]:
        members = [
            customer.users[key].primary_email if key in customer.users else member["email"]
            for key, member in group.members.items()
        ]
        return {
            "tenant": customer.primary_domain,
            "id": group.id,
            "email": group.email,
            "name": group.name,
            "members": members,
        }

    @staticmethod
    def _sku(customer: Customer, sku_id: str) -> dict[str, Any]:
        sku = customer.skus[sku_id]
        return {
            "tenant": customer.primary_domain,
            "id": sku.sku_id,
            "product": sku.product_id,
            "name": sku.sku_name,
            "enabled": sku.seats,
            "free": customer.free_seats(sku),
            "automatic": sku.automatic,
        }

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        customer = self._customer(account.tenant or account.address.rpartition("@")[2])
        if not account.deleted and customer.is_taken(account.address):
            raise UnknownNameError(f"{account.address} exists already")
        user = User(
            primary_email=account.address.lower(),
            fields={
                "name": {"givenName": account.given_name, "familyName": account.family_name},
                "orgUnitPath": account.org_unit,
                "suspended": not account.enabled,
                **account.fields,
            },
            password=digest(account.password),
            aliases=[alias.lower() for alias in account.aliases],
            is_admin=account.admin,
        )
        if account.manager:
            user.fields["relations"] = [{"type": "manager", "value": account.manager}]
        customer.add_user(user)
        for name in account.groups:
            group = customer.find_group(name) or customer.find_group(f"{name}@{customer.primary_domain}")
            if group is None:
                raise UnknownNameError(f"no group {name}")
            group.members[user.id] = {"email": user.primary_email, "role": "MEMBER"}
        for name in account.licenses:
            sku = customer.skus.get(name.rpartition("/")[2])
            if sku is None:
                raise UnknownNameError(f"no licence {name}")
            customer.give(user, sku)
        if account.deleted:
            customer.remove_user(user)
        return self._user(customer, user)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        customers = [self._customer(change.tenant)] if change.tenant else list(self._twin.customers.values())
        sku_id, changed = sku.rpartition("/")[2], []
        for customer in customers:
            found = customer.skus.get(sku_id)
            if found is None:
                continue
            if change.enabled is not None:
                found.seats = change.enabled
            if change.automatic is not None:
                found.automatic = change.automatic
            changed.append(self._sku(customer, sku_id))
        if not changed:
            raise UnknownNameError(f"no licence {sku}")
        return changed

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:
        customers = [self._customer(tenant)] if tenant else list(self._twin.customers.values())
        for customer in customers:
            found = customer.find_user(user)
            if found is not None:
                return found.password == digest(password)
        raise UnknownNameError(f"no user {user}")

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """What `consent/control.py` can do; `expire_access_tokens` ends the service accounts' tokens too."""
        endpoint = self._twin.endpoint
        done = control.act(endpoint.book, self._twin.redirects, verb, body)
        if done is None:
            raise UnknownNameError(f"nobody can {verb} here")
        if verb == "expire_access_tokens":
            for token in endpoint.tokens.values():
                if body.get("tenant") in {None, token.customer.primary_domain}:
                    token.expires_at = min(token.expires_at, time.time())
                    done["ended"] += 1
        if verb == "revoke_grant":
            for grant in done["grants"]:
                self._twin.desk.forget(grant["client_id"], grant["person"])
        return done

    def info(self, base_url: str) -> dict[str, Any]:
        google = f"{base_url}/google"
        token_url = f"{base_url}/google/token"
        account = self._twin.accounts[0]
        return {
            "api_url": f"{base_url}/google",
            "licensing_url": f"{base_url}/google",
            "token_url": token_url,
            "service_account": account.as_key_file(token_url),
            "scopes": sorted(account.scopes),
            "oauth": {
                "client_id": CLIENT.id,
                "client_secret": CLIENT.secret,
                "authorize_url": f"{google}/o/oauth2/v2/auth",
                "token_url": token_url,
                "revoke_url": f"{google}/revoke",
            },
            "environment": {
                "auth": {
                    "GOOGLE_OAUTH_CLIENT_ID": CLIENT.id,
                    "GOOGLE_OAUTH_CLIENT_SECRET": CLIENT.secret,
                    "GOOGLE_AUTHORIZE_URL": f"{google}/o/oauth2/v2/auth",
                    "GOOGLE_REVOKE_URL": f"{google}/revoke",
                    "GOOGLE_ISSUER": google,
                    "GOOGLE_JWKS_URL": f"{google}/oauth2/v3/certs",
                    "GOOGLE_API_URL": google,
                }
            },
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "customers": [
                {
                    "customer_id": customer.id,
                    "name": customer.name,
                    "domain": customer.primary_domain,
                    "domains": list(customer.domains),
                    "admin_subject": f"admin@{customer.primary_domain}",
                    "org_units": [unit.path for unit in customer.org_units.values()],
                    "groups": [group.email for group in customer.groups.values()],
                    "skus": [f"{sku.product_id}/{sku.sku_id}" for sku in customer.skus.values()],
                }
                for customer in self._twin.customers.values()
            ],
        }


def make_inspector(settings: SandboxSettings) -> GoogleInspector:
    """The twin as freshly seeded; raises ValueError or OSError for a key file that cannot be used."""
    everywhere = frozenset(customer.id for customer in make_customers())
    if settings.google_service_account_file is not None:
        accounts = [read_service_account(settings.google_service_account_file.read_text(), everywhere)]
    else:
        accounts = [make_service_account("oneclick-sandbox", everywhere)]
    return GoogleInspector(GoogleTwin(settings.behaviour(), accounts, settings.public_url, settings.app_url))
