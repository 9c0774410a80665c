"""The SCIM twin seen from behind."""

from __future__ import annotations

from typing import Any

from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.scim.schemas import ENTERPRISE
from services.sandbox.scim.state import Company, Resource, digest
from services.sandbox.scim.tokens import READ, WRITE
from services.sandbox.scim.twin import ScimTwin
from services.sandbox.scim.views import stamp
from services.sandbox.settings import SandboxSettings


class ScimInspector:
    def __init__(self, twin: ScimTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> ScimTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        companies = [self._company(tenant)] if tenant else list(self._twin.companies.values())
        wanted = user.lower() if user else None
        return {
            "users": [
                _user(company, one)
                for company in companies
                for one in (*company.users.values(), *company.deleted.values())
                if wanted is None or wanted in {key.lower() for key in one.keys}
            ],
            "groups": [_group(company, one) for company in companies for one in company.groups.values()],
            "skus": [],
        }

    def _company(self, name: str | None) -> Company:
        for company in self._twin.companies.values():
            if name in {company.name, company.domain}:
                return company
        raise UnknownNameError(f"no company {name}")

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        company = self._company(account.tenant or account.address.rpartition("@")[2])
        if company.find_user(account.address) is not None:
            raise UnknownNameError(f"{account.address} exists already")
        if account.licenses:
            raise UnknownNameError("a SCIM application has no licences")
        addresses = [account.address.lower(), *account.aliases]
        document: dict[str, Any] = {
            "userName": account.address.lower(),
            "name": {"givenName": account.given_name, "familyName": account.family_name},
            "displayName": f"{account.given_name} {account.family_name}",
            "active": account.enabled,
            "emails": [{"value": one, "type": "work", "primary": one == addresses[0]} for one in addresses],
            **account.fields,
        }
        if account.manager:
            boss = company.find_user(account.manager)
            document[ENTERPRISE] = {"manager": {"value": boss.id if boss else account.manager}}
        user = Resource(document, password=digest(account.password))
        company.users[user.id] = user
        for name in account.groups:
            _join(company, _find_group(company, name), user)
        if account.deleted:
            company.remove_user(user)
        return _user(company, user)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:  # noqa: ARG002 - the protocol's
        raise UnknownNameError(f"a SCIM application has no licence {sku}")

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:
        companies = [self._company(tenant)] if tenant else list(self._twin.companies.values())
        for company in companies:
            found = company.find_user(user)
            if found is not None:
                return found.password == digest(password)
        raise UnknownNameError(f"no user {user}")

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """What an administrator does in the application: `join` and `leave` (`user`, `group`).

        `expire_access_tokens` forgets what client credentials were given, of `tenant` or of everybody.
        """
        if verb == "expire_access_tokens":
            issued = self._twin.endpoint.issued
            names = {
                one.name for one in self._twin.companies.values() if body.get("tenant") in {None, one.domain}
            }
            gone = [value for value, token in issued.items() if token.company in names]
            for value in gone:
                del issued[value]
            return {"ended": len(gone)}
        company = self._company(body.get("tenant", "acme.example"))
        user = company.find_user(str(body.get("user")))
        if user is None or verb not in {"join", "leave"}:
            raise UnknownNameError(f"nobody can {verb} {body.get('user')}")
        group = _find_group(company, str(body.get("group")))
        if verb == "join":
            _join(company, group, user)
        else:
            members = [one for one in group.document.get("members") or [] if one["value"] != user.id]
            group.document = {**group.document, "members": members}
            group.version += 1
        return _group(company, group)

    def info(self, base_url: str) -> dict[str, Any]:
        first = next(iter(self._twin.companies.values()))
        token_url = f"{base_url}/scim/oauth/token"
        return {
            "token_url": token_url,
            "scopes": [READ, WRITE],
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "tenants": [
                {
                    "name": company.name,
                    "domain": company.domain,
                    "base_url": f"{base_url}/scim/{company.name}/v2",
                    "token": company.token,
                    "client_id": company.client_id,
                    "client_secret": company.client_secret,
                    "groups": {group.label: group.id for group in company.groups.values()},
                }
                for company in self._twin.companies.values()
            ],
            "environment": {
                "auth": {
                    "SCIM_BASE_URL": f"{base_url}/scim/{first.name}/v2",
                    "SCIM_TOKEN": first.token,
                },
                "worker": {},
            },
        }


def _find_group(company: Company, name: str) -> Resource:
    for group in company.groups.values():
        if name.lower() in {group.id, group.label.lower()}:
            return group
    raise UnknownNameError(f"no group {name}")


def _join(company: Company, group: Resource, user: Resource) -> None:
    if group not in company.groups_of(user.id):
        members = [*(group.document.get("members") or []), {"value": user.id}]
        group.document = {**group.document, "members": members}
        group.version += 1


def _group(company: Company, group: Resource) -> dict[str, Any]:
    ids = [one["value"] for one in group.document.get("members") or []]
    return {
        "tenant": company.domain,
        "id": group.id,
        "name": group.label,
        "members": [company.users[key].address if key in company.users else key for key in ids],
    }


def _user(company: Company, user: Resource) -> dict[str, Any]:
    return {
        "tenant": company.domain,
        "id": user.id,
        "address": user.address,
        "user_name": user.document.get("userName"),
        "name": user.document.get("name"),
        "enabled": user.is_active,
        "deleted": user.id in company.deleted,
        "licenses": [],
        "groups": [group.label for group in company.groups_of(user.id)],
        "external_id": user.document.get("externalId"),
        "manager": ((user.document.get(ENTERPRISE) or {}).get("manager") or {}).get("value"),
        "version": user.version,
        "origin": user.origin,
        "created_at": stamp(user.created_at),
        "fields": user.document,
    }


def make_inspector(settings: SandboxSettings) -> ScimInspector:
    """The twin as freshly seeded."""
    return ScimInspector(ScimTwin(settings.behaviour()))
