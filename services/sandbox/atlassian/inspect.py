"""The Atlassian twin seen from behind, and what people do there."""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.admin import resource
from services.sandbox.atlassian.authorizing import CLIENT_ID, CLIENT_SECRET
from services.sandbox.atlassian.oauth_scopes import SCOPES
from services.sandbox.atlassian.scim_views import stamp
from services.sandbox.atlassian.seed import scim_record
from services.sandbox.atlassian.state import Account, Group, Organisation, Product
from services.sandbox.atlassian.twin import AtlassianTwin
from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.settings import SandboxSettings


class AtlassianInspector:
    def __init__(self, twin: AtlassianTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> AtlassianTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        orgs = [self._org(tenant)] if tenant else self._twin.organisations
        wanted = user.lower() if user else None
        return {
            "users": [
                _user(org, one)
                for org in orgs
                for one in org.accounts.values()
                if wanted is None or wanted in _keys(org, one)
            ],
            "groups": [_group(org, group) for org in orgs for group in org.groups.values()],
            "skus": [_sku(org, product) for org in orgs for product in org.products.values()],
        }

    def _org(self, name: str | None) -> Organisation:
        for org in self._twin.organisations:
            if name in {org.id, org.site, org.directory_id, *org.domains}:
                return org
        raise UnknownNameError(f"no Atlassian organisation {name}")

    def _person(self, body: dict[str, Any]) -> tuple[Organisation, Account]:
        key = str(body.get("email") or body.get("user") or "")
        orgs = [self._org(body["tenant"])] if body.get("tenant") else self._twin.organisations
        for org in orgs:
            account = org.find_account(key)
            if account is not None:
                return org, account
        raise UnknownNameError(f"no account {key}")

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        """An account of somebody; `groups` are names or ids, `licenses` products whose default groups it joins.

        `fields`: `scim` (false: the directory does not know it), `external_id`, `hides_email`, `invited`.
        """
        org = self._org(account.tenant or account.address.rpartition("@")[2])
        if org.find_account(account.address) is not None:
            raise UnknownNameError(f"{account.address} exists already")
        fields = dict(account.fields)
        made = Account(
            email=account.address,
            name=f"{account.given_name} {account.family_name}",
            is_active=account.enabled,
            is_member=not account.deleted,
            is_admin=account.admin,
            hides_email=bool(fields.get("hides_email")),
            is_invited=bool(fields.get("invited")),
        )
        org.accounts[made.id] = made
        if fields.get("scim", True) and org.is_verified(made.email) and not account.deleted:
            record = scim_record(made, given=account.given_name, family=account.family_name)
            record.active = account.enabled
            if fields.get("external_id"):
                record.fields["externalId"] = fields["external_id"]
            org.scim[record.id] = record
        for name in account.groups:
            self._group(org, name).members[made.id] = None
        for key in account.licenses:
            found = [group for group in org.groups.values() if key in group.default_for]
            if not found:
                raise UnknownNameError(f"no product {key}")
            found[0].members[made.id] = None
        org.settle_seats()
        return _user(org, made)

    @staticmethod
    def _group(org: Organisation, name: str) -> Group:
        group = org.find_group(name)
        if group is None:
            raise UnknownNameError(f"no group {name}")
        return group

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        orgs = [self._org(change.tenant)] if change.tenant else self._twin.organisations
        changed = []
        for org in orgs:
            product = org.products.get(sku)
            if product is not None:
                product.seats = product.seats if change.enabled is None else change.enabled
                org.settle_seats()
                changed.append(_sku(org, product))
        if not changed:
            raise UnknownNameError(f"no product {sku}")
        return changed

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:  # noqa: ARG002 - the protocol's
        raise UnknownNameError("Atlassian's APIs set no passwords")

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """`accept` (an invited person signs in), `hide` (the address, by privacy), `join`, `leave` (a `group`).

        `verify` and `unverify` take a `domain` of `tenant`. Also what `consent/control.py` can do.
        """
        done = control.act(self._twin.desk.book, self._twin.redirects, verb, body)
        if done is not None:
            return done
        if verb in {"verify", "unverify"}:
            return self._domain(verb, body)
        org, account = self._person(body)
        match verb:
            case "accept":
                if not account.is_invited:
                    raise UnknownNameError(f"{account.email} was not invited")
                account.is_invited = False
                account.name = str(body.get("name") or account.name)
            case "hide":
                account.hides_email = True
            case "join":
                self._group(org, str(body["group"])).members[account.id] = None
            case "leave":
                self._group(org, str(body["group"])).members.pop(account.id, None)
            case _:
                raise UnknownNameError(f"nobody can {verb} at Atlassian")
        org.settle_seats()
        return _user(org, account)

    def _domain(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        org, domain = self._org(body.get("tenant", "acme.example")), str(body["domain"])
        others = tuple(one for one in org.domains if one != domain)
        org.domains = (*others, domain) if verb == "verify" else others
        return {"domains": list(org.domains)}

    def info(self, base_url: str) -> dict[str, Any]:
        door = f"{base_url}/atlassian"
        acme = self._twin.organisations[0]
        email = f"admin@{acme.domain}"
        auth = {
            "ATLASSIAN_ORG_ID": acme.id,
            "ATLASSIAN_DIRECTORY_ID": acme.directory_id,
            "ATLASSIAN_SCIM_KEY": acme.scim_key,
            "ATLASSIAN_ADMIN_KEY": acme.admin_key,
            "ATLASSIAN_SITE_URL": f"{door}/site/{acme.site}",
            "ATLASSIAN_EMAIL": email,
            "ATLASSIAN_API_TOKEN": acme.api_tokens[email],
        }
        worker = {"ATLASSIAN_SCIM_URL": f"{door}/scim/directory", "ATLASSIAN_ADMIN_URL": door}
        auth |= worker | {
            "ATLASSIAN_OAUTH_CLIENT_ID": CLIENT_ID,
            "ATLASSIAN_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "ATLASSIAN_AUTH_URL": door,
        }
        return {
            "scim_url": worker["ATLASSIAN_SCIM_URL"],
            "admin_url": door,
            "oauth": {
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "authorize_url": f"{door}/authorize",
                "token_url": f"{door}/oauth/token",
                "scopes": sorted(SCOPES),
            },
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "environment": {"auth": auth, "worker": worker},
            "tenants": [_tenant(org, door) for org in self._twin.organisations],
        }


def _tenant(org: Organisation, door: str) -> dict[str, Any]:
    email = f"admin@{org.domain}"
    return {
        "org_id": org.id,
        "name": org.name,
        "domain": org.domain,
        "domains": list(org.domains),
        "directory_id": org.directory_id,
        "user_directory_id": org.user_directory_id,
        "site_name": org.site,
        "cloud_id": org.cloud_id,
        "site_url": f"{door}/site/{org.site}",
        "scim_key": org.scim_key,
        "admin_key": org.admin_key,
        "email": email,
        "api_token": org.api_tokens[email],
        "api_tokens": dict(org.api_tokens),
        "groups": {group.name: group.id for group in org.groups.values()},
        "scim_groups": {group.name: group.scim_id for group in org.groups.values() if group.scim_id},
        "products": {key: resource(org, key) for key in org.products},
    }


def _keys(org: Organisation, account: Account) -> set[str]:
    record = org.scim_of(account)
    return {key.lower() for key in (*account.keys, *(record.keys if record else ()))}


def _user(org: Organisation, account: Account) -> dict[str, Any]:
    record = org.scim_of(account)
    groups = org.groups_of(account)
    return {
        "tenant": org.domain,
        "id": account.id,
        "address": account.email,
        "name": account.name,
        "title": account.title,
        "enabled": account.is_usable,
        "active": account.is_active,
        "suspended": account.is_suspended,
        "deleted": not account.is_member,
        "invited": account.is_invited,
        "licenses": [key for key in org.products if org.has_access(account, key)],
        "groups": [group.name for group in groups],
        "scim_id": record.id if record else None,
        "scim_active": record.active if record else None,
        "external_id": record.external_id if record else None,
        "fields": record.fields if record else {},
        "sessions_ended": account.sessions_ended,
        "origin": account.origin,
        "created_at": stamp(account.created_at),
    }


def _group(org: Organisation, group: Group) -> dict[str, Any]:
    return {
        "tenant": org.domain,
        "id": group.id,
        "scim_id": group.scim_id,
        "name": group.name,
        "products": list(group.products),
        "members": [org.accounts[key].email for key in group.members],
    }


def _sku(org: Organisation, product: Product) -> dict[str, Any]:
    return {
        "tenant": org.domain,
        "id": product.key,
        "name": product.name,
        "enabled": product.seats,
        "free": product.free,
    }


def make_inspector(settings: SandboxSettings) -> AtlassianInspector:
    """The twin as freshly seeded."""
    return AtlassianInspector(AtlassianTwin(settings.behaviour(), settings.app_url))
