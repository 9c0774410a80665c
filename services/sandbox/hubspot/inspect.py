"""The HubSpot twin seen from behind."""

from __future__ import annotations

from typing import Any

from services.sandbox.consent import control
from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.hubspot.authorizing import CLIENT_ID, CLIENT_SECRET, OPTIONAL, REQUIRED
from services.sandbox.hubspot.operations import COLLECTIONS
from services.sandbox.hubspot.state import Portal, Seat, User
from services.sandbox.hubspot.tokens import SCOPES, private_token, refresh_token
from services.sandbox.hubspot.twin import HubSpotTwin
from services.sandbox.settings import SandboxSettings


class HubSpotInspector:
    def __init__(self, twin: HubSpotTwin) -> None:
        self._twin = twin

    @property
    def twin(self) -> HubSpotTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        portals = self._portals(tenant)
        users = [
            _user(portal, one)
            for portal in portals
            for one in (*portal.users.values(), *portal.deleted.values())
            if user is None or user.lower() in {key.lower() for key in one.keys}
        ]
        groups = [
            {"tenant": portal.domain, "id": key, "name": name, "members": _members(portal, key)}
            for portal in portals
            for key, name in portal.teams.items()
        ]
        skus = [_seat(portal, seat) for portal in portals for seat in portal.seats.values()]
        return {"users": users, "groups": groups, "skus": skus}

    def _portals(self, name: str | None) -> list[Portal]:
        if name is None:
            return list(self._twin.portals.values())
        for portal in self._twin.portals.values():
            if name in {str(portal.id), portal.domain}:
                return [portal]
        raise UnknownNameError(f"no portal {name}")

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        """`groups` are team ids or names (the first is the primary one), `licenses` seats, `fields.roleId` the role."""
        portal = self._portals(account.tenant or account.address.rpartition("@")[2])[0]
        if not account.deleted and portal.find_user(account.address, by_email=True) is not None:
            raise UnknownNameError(f"{account.address} exists already")
        teams = [_team(portal, name) for name in account.groups]
        unknown = [name for name in account.licenses if name not in portal.seats]
        if unknown:
            raise UnknownNameError(f"no seat {unknown[0]}")
        user = User(
            id=portal.next_id(),
            email=account.address.lower(),
            first_name=account.given_name,
            last_name=account.family_name,
            role=account.fields.get("roleId"),
            primary_team=teams[0] if teams else None,
            secondary_teams=teams[1:],
            seats=list(account.licenses),
            super_admin=account.admin,
        )
        portal.add_user(user)
        if account.deleted:
            portal.remove_user(user)
        return _user(portal, user)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        changed = []
        for portal in self._portals(change.tenant):
            seat = portal.seats.get(sku)
            if seat is not None:
                seat.limit = seat.limit if change.enabled is None else change.enabled
                changed.append(_seat(portal, seat))
        if not changed:
            raise UnknownNameError(f"no seat {sku}")
        return changed

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:
        """HubSpot's API sets no passwords, so nobody has one that we know."""
        del user, password, tenant
        return False

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """What `consent/control.py` can do."""
        done = control.act(self._twin.tokens.book, self._twin.redirects, verb, body)
        if done is None:
            raise UnknownNameError(f"nobody can {verb} here")
        return done

    def info(self, base_url: str) -> dict[str, Any]:
        portals = list(self._twin.portals.values())
        api_url, token_url = f"{base_url}/hubspot", f"{base_url}/hubspot/oauth/v1/token"
        acme = portals[0]
        auth = {
            "HUBSPOT_ACCESS_TOKEN": private_token(acme.domain),
            "HUBSPOT_PORTAL_ID": str(acme.id),
            "HUBSPOT_CLIENT_ID": CLIENT_ID,
            "HUBSPOT_CLIENT_SECRET": CLIENT_SECRET,
            "HUBSPOT_TOKEN_URL": token_url,
            "HUBSPOT_OAUTH_CLIENT_ID": CLIENT_ID,
            "HUBSPOT_OAUTH_CLIENT_SECRET": CLIENT_SECRET,
            "HUBSPOT_AUTHORIZE_URL": f"{api_url}/oauth/authorize",
            "HUBSPOT_API_URL": api_url,
        }
        return {
            "api_url": api_url,
            "token_url": token_url,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "scopes": list(SCOPES),
            "oauth": {
                "client_id": CLIENT_ID,
                "client_secret": CLIENT_SECRET,
                "authorize_url": f"{api_url}/oauth/authorize",
                "token_url": token_url,
                "required_scopes": list(REQUIRED),
                "optional_scopes": list(OPTIONAL),
            },
            "families": {family: f"/{path}" for family, path in COLLECTIONS.items()},
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "environment": {"auth": auth, "worker": {"HUBSPOT_API_URL": api_url}},
            "tenants": [
                {
                    "portal_id": portal.id,
                    "name": portal.name,
                    "domain": portal.domain,
                    "access_token": private_token(portal.domain),
                    "refresh_token": refresh_token(portal.domain),
                    "roles": {role.name: role.id for role in portal.roles.values()},
                    "teams": {name: key for key, name in portal.teams.items()},
                    "seats": list(portal.seats),
                }
                for portal in portals
            ],
        }


def _team(portal: Portal, name: str) -> str:
    for key, title in portal.teams.items():
        if name in {key, title}:
            return key
    raise UnknownNameError(f"no team {name}")


def _members(portal: Portal, team: str) -> list[str]:
    return [user.email for user in portal.users.values() if team in user.teams]


def _user(portal: Portal, user: User) -> dict[str, Any]:
    is_there = user.deleted_at is None
    return {
        "tenant": portal.domain,
        "id": user.id,
        "address": user.email,
        "name": {"firstName": user.first_name, "lastName": user.last_name},
        "enabled": is_there,
        "deleted": not is_there,
        "admin": user.super_admin,
        "role": user.role,
        "licenses": portal.held(user) if is_there else [],
        "groups": sorted(user.teams) if is_there else [],
        "primary_team": user.primary_team,
        "welcomed": user.welcomed,
        "owner_id": user.owner_id,
        "origin": user.origin,
    }


def _seat(portal: Portal, seat: Seat) -> dict[str, Any]:
    return {
        "tenant": portal.domain,
        "id": seat.name,
        "name": seat.name,
        "enabled": seat.limit,
        "free": portal.free_seats(seat.name),
    }


def make_inspector(settings: SandboxSettings) -> HubSpotInspector:
    """The twin as freshly seeded."""
    return HubSpotInspector(HubSpotTwin(settings.behaviour(), settings.app_url))
