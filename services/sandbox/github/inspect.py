"""The GitHub twin seen from behind."""

from __future__ import annotations

from typing import Any

from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.github.acts import People
from services.sandbox.github.authorizing import CLIENT_SECRET, SLUG
from services.sandbox.github.installations import uninstall
from services.sandbox.github.scim_enterprise import add_identity
from services.sandbox.github.seed import ORGANIZATIONS
from services.sandbox.github.state import Account, Identity, Invitation, Organization, Team, next_number
from services.sandbox.github.twin import MODES, SCIM_TOKENS, GitHubTwin
from services.sandbox.settings import SandboxSettings

SEATS, COPILOT = "seats", "copilot"
WEBHOOK_SECRET = "sandbox-github-webhook-secret"  # noqa: S105 - the documented default of a stand-in


class GitHubInspector:
    def __init__(self, twin: GitHubTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> GitHubTwin:
        return self._twin

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """See `acts.py` and `consent/control.py`; `uninstall` takes the App off `tenant`'s organisation.

        `expire_access_tokens` ends the installations' tokens too.
        """
        done = control.act(self._twin.desk.book, self._twin.redirects, verb, body)
        if done is not None:
            if verb == "expire_access_tokens":
                logins = [org.login for org in self._orgs(body.get("tenant"))]
                done["ended"] += sum(self._twin.tokens.forget(login) for login in logins)
            return done
        if verb == "uninstall":
            uninstall(self._org(body.get("tenant", "acme.example")), self._twin.tokens)
            return {"done": verb}
        return await People(self._twin.world, self._twin.hooks).act(verb, body)

    def _orgs(self, tenant: str | None) -> list[Organization]:
        return [self._org(tenant)] if tenant else list(self._twin.world.organizations.values())

    def _org(self, name: str) -> Organization:
        for org in self._twin.world.organizations.values():
            if name in {org.domain, org.login}:
                return org
        raise UnknownNameError(f"no organisation {name}")

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        """Members and pending invitations as users; `failed` invitations and `deliveries` beside them."""
        orgs = self._orgs(tenant)
        users = [view for org in orgs for view in self._users(org)]
        if user is not None:
            users = [view for view in users if user.lower() in {key.lower() for key in view["keys"]}]
        return {
            "users": users,
            "groups": [self._team(org, team) for org in orgs for team in org.teams.values()],
            "skus": [sku for org in orgs for sku in self._skus(org)],
            "failed": [
                {"tenant": org.domain, "id": one.id, "email": one.email, "reason": one.failed_reason}
                for org in orgs
                for one in org.failed
            ],
            "deliveries": self._twin.hooks.deliveries.list_deliveries(),
        }

    def _users(self, org: Organization) -> list[dict[str, Any]]:
        identities = list(org.enterprise.identities.values())
        managed = {one.account.id: one for one in identities if one.account is not None}
        views = [
            _member(org, one.account, one.role, managed.get(one.account.id)) for one in org.members.values()
        ]
        views += [_pending(org, one) for one in org.invitations.values()]
        return views + [
            _member(org, one.account, "", one)
            for one in identities
            if one.account is not None and one.account.id not in org.members
        ]

    @staticmethod
    def _team(org: Organization, team: Team) -> dict[str, Any]:
        members = [org.members[number].account.login for number in team.members]
        return {
            "tenant": org.domain,
            "id": str(team.id),
            "slug": team.slug,
            "name": team.name,
            "synced": team.is_synced,
            "members": members,
        }

    @staticmethod
    def _skus(org: Organization) -> list[dict[str, Any]]:
        return [
            {"tenant": org.domain, "id": SEATS, "enabled": org.seats, "free": org.free_seats},
            {"tenant": org.domain, "id": COPILOT, "enabled": None, "taken": len(org.copilot)},
        ]

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        """Add a member whose address nobody sees; a managed user where the enterprise manages them.

        `fields.login` names the login, `fields.public` shows the address on the profile; licences are `copilot`,
        groups are slugs of teams.
        """
        org = self._org(account.tenant or account.address.rpartition("@")[2])
        world, address = self._twin.world, account.address.lower()
        if world.find_account(address) is not None:
            raise UnknownNameError(f"{address} exists already")
        full = f"{account.given_name} {account.family_name}"
        identity = None
        if self._twin.behaviour.modes.get("accounts") == "managed_users":
            identity = add_identity(world, org.enterprise, _scim_body(account, full))
            person = identity.account or Account("", 0)
        else:
            wish = str(account.fields.get("login") or address.partition("@")[0].replace(".", "-"))
            login = world.free_login(wish)
            person = world.add_account(Account(login, next_number(), full, emails=[address]))
        if account.fields.get("public"):
            person.public_email = address
        org.join(person, "admin" if account.admin else "member")
        for name in account.groups:
            if name not in org.teams:
                raise UnknownNameError(f"no team {name}")
            org.teams[name].members[person.id] = "member"
        if COPILOT in account.licenses:
            org.copilot[person.id] = person.created_at
        return _member(org, person, org.members[person.id].role, identity)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        """`seats` with `enabled`, the number of seats that were bought."""
        orgs = [self._org(change.tenant)] if change.tenant else list(self._twin.world.organizations.values())
        if sku != SEATS:
            raise UnknownNameError(f"no licence {sku}")
        for org in orgs:
            org.seats = org.seats if change.enabled is None else change.enabled
        return [one for org in orgs for one in self._skus(org) if one["id"] == SEATS]

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:
        """No organisation sets a person's password at GitHub."""
        del user, password, tenant
        return False

    def info(self, base_url: str) -> dict[str, Any]:
        """What the clients' environment needs; `environment` is for people's own logins, `managed` for the other."""
        app, url = self._twin.app, f"{base_url}/github"
        acme = ORGANIZATIONS[0]
        auth = {
            "GITHUB_API_URL": url,
            "GITHUB_APP_ID": str(app.id),
            "GITHUB_APP_PRIVATE_KEY": app.private_pem,
            "GITHUB_APP_INSTALLATION_ID": str(acme.installation_id),
            "GITHUB_ORG": acme.login,
            "GITHUB_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "GITHUB_OAUTH_APP_ID": str(app.id),
            "GITHUB_OAUTH_APP_SLUG": SLUG,
            "GITHUB_OAUTH_APP_PRIVATE_KEY": app.private_pem,
            "GITHUB_OAUTH_CLIENT_ID": app.client_id,
            "GITHUB_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "GITHUB_WEB_URL": url,
        }
        managed = {"GITHUB_ENTERPRISE": acme.enterprise, "GITHUB_SCIM_TOKEN": SCIM_TOKENS[acme.enterprise]}
        return {
            "api_url": url,
            "app_id": app.id,
            "client_id": app.client_id,
            "client_secret": CLIENT_SECRET,
            "install_url": f"{url}/apps/{SLUG}/installations/new",
            "private_key": app.private_pem,
            "webhook_secret": WEBHOOK_SECRET,
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "modes": {name: list(choices) for name, choices in MODES.items()},
            "tenants": [
                {
                    "domain": seed.domain,
                    "org": seed.login,
                    "installation_id": seed.installation_id,
                    "enterprise": seed.enterprise,
                    "scim_token": SCIM_TOKENS[seed.enterprise],
                    "teams": [slug for slug, _, _ in seed.teams],
                    "synced_teams": [slug for slug, _, is_synced in seed.teams if is_synced],
                }
                for seed in ORGANIZATIONS
            ],
            "environment": {"auth": auth, "worker": {"GITHUB_API_URL": url}},
            "managed_environment": {"auth": {**auth, **managed}, "worker": {"GITHUB_API_URL": url}},
        }


def _member(org: Organization, account: Account, role: str, identity: Identity | None) -> dict[str, Any]:
    has_copilot = account.id in org.copilot and account.id not in org.copilot_ending
    return {
        "tenant": org.domain,
        "id": identity.id if identity else str(account.id),
        "address": account.emails[0] if account.emails else "",
        "login": account.login,
        "number": account.id,
        "state": "active" if account.id in org.members else "outside",
        "role": role,
        "enabled": not account.is_suspended,
        "deleted": False,
        "licenses": [COPILOT] if has_copilot else [],
        "groups": sorted(team.slug for team in org.teams_of(account)),
        "external_id": identity.attributes.get("externalId") if identity else None,
        "credentials": sum(1 for one in org.credentials.values() if one.account is account),
        "keys": [*account.keys, *(identity.keys if identity else [])],
    }


def _pending(org: Organization, invitation: Invitation) -> dict[str, Any]:
    account = invitation.account
    return {
        "tenant": org.domain,
        "id": f"invitation:{invitation.id}",
        "address": invitation.email or (account.emails[0] if account and account.emails else ""),
        "login": account.login if account else None,
        "number": account.id if account else None,
        "state": "pending",
        "role": invitation.role,
        "enabled": False,
        "deleted": False,
        "licenses": [],
        "groups": sorted(invitation.teams),
        "external_id": None,
        "credentials": 0,
        "created_at": invitation.created_at,
        "keys": [f"invitation:{invitation.id}", *invitation.keys],
    }


def _scim_body(account: AccountCreate, full: str) -> dict[str, Any]:
    return {
        "externalId": account.fields.get("externalId", f"foreign-{account.address}"),
        "active": account.enabled,
        "userName": account.address.lower(),
        "displayName": full,
        "name": {"givenName": account.given_name, "familyName": account.family_name},
        "emails": [{"value": account.address.lower(), "type": "work", "primary": True}],
    }


def make_inspector(settings: SandboxSettings) -> GitHubInspector:
    """The twin as freshly seeded."""
    return GitHubInspector(GitHubTwin(settings.behaviour(), settings.app_url))
