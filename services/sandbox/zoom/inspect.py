"""The Zoom twin seen from behind, and what people do there."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Any

from services.sandbox.control.models import AccountCreate, LicensePatch
from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.settings import SandboxSettings
from services.sandbox.zoom.state import (
    ACTIVE,
    ADMIN_ROLE,
    BASIC,
    INACTIVE,
    LICENSED,
    PENDING,
    Account,
    Sku,
    User,
)
from services.sandbox.zoom.tokens import SCOPES
from services.sandbox.zoom.twin import ZoomTwin
from services.sandbox.zoom.views import stamp
from services.sandbox.zoom.webhooks import SECRET, Hook


class ZoomInspector:
    def __init__(self, twin: ZoomTwin) -> None:
        self._twin = twin
        self._verbs: dict[str, Callable[[dict[str, Any]], Awaitable[dict[str, Any]]]] = {
            "activate": self._activate,
            "expire": self._expire,
            "webhook": self._webhook,
            "deliver": self._deliver,
            "redeliver": self._redeliver,
            "deliveries": self._deliveries,
        }

    @property
    def twin(self) -> ZoomTwin:
        return self._twin

    def state(self, *, tenant: str | None, user: str | None) -> dict[str, Any]:
        accounts = self._accounts(tenant)
        users = [
            _user(account, one)
            for account in accounts
            for one in (*account.users.values(), *account.deleted.values())
            if user is None or user.lower() in {key.lower() for key in one.keys}
        ]
        groups = [_group(account, group_id) for account in accounts for group_id in account.groups]
        skus = [_sku(account, sku) for account in accounts for sku in account.skus.values()]
        return {"users": users, "groups": groups, "skus": skus}

    def _accounts(self, name: str | None) -> list[Account]:
        if name is None:
            return list(self._twin.accounts.values())
        for account in self._twin.accounts.values():
            if name in {account.id, *account.domains}:
                return [account]
        raise UnknownNameError(f"no Zoom account {name}")

    def _person(self, body: dict[str, Any]) -> tuple[Account, User]:
        key = str(body.get("email") or body.get("user") or "")
        for account in self._accounts(body.get("tenant")):
            user = account.find_user(key)
            if user is not None:
                return account, user
        raise UnknownNameError(f"no user {key}")

    def add_account(self, account: AccountCreate) -> dict[str, Any]:
        """`fields` may hold `status`; `licenses` are `licensed` and add-ons, `groups` names or ids."""
        home = self._accounts(account.tenant or account.address.rpartition("@")[2])[0]
        if not account.deleted and home.find_user(account.address) is not None:
            raise UnknownNameError(f"{account.address} exists already")
        fields = dict(account.fields)
        user = User(
            email=account.address,
            first_name=account.given_name,
            last_name=account.family_name,
            type=LICENSED if "licensed" in account.licenses else BASIC,
            status=fields.pop("status", ACTIVE if account.enabled else INACTIVE),
            role=ADMIN_ROLE if account.admin else "2",
            fields=fields,
            features={name for name in account.licenses if name != "licensed"},
            password=hashlib.sha256(account.password.encode()).hexdigest(),
        )
        home.add_user(user)
        for name in account.groups:
            group = next((one for one in home.groups.values() if name in {one.id, one.name}), None)
            if group is None:
                raise UnknownNameError(f"no group {name}")
            group.members[user.id] = user.created_at
        if account.deleted:
            home.remove_user(user)
        return _user(home, user)

    def change_license(self, sku: str, change: LicensePatch) -> list[dict[str, Any]]:
        changed = []
        for account in self._accounts(change.tenant):
            found = account.skus.get(sku)
            if found is not None:
                found.seats = found.seats if change.enabled is None else change.enabled
                changed.append(_sku(account, found))
        if not changed:
            raise UnknownNameError(f"no licence {sku}")
        return changed

    def has_password(self, user: str, password: str, *, tenant: str | None) -> bool:
        _, found = self._person({"user": user, "tenant": tenant})
        return found.password == hashlib.sha256(password.encode()).hexdigest()

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        """`activate`, `expire`, `webhook`, `deliver`, `redeliver`, `deliveries`; see each below.

        `expire_access_tokens` ends those of `tenant`, or everybody's.
        """
        if verb == "expire_access_tokens":
            now, ended = time.time(), 0
            for token in self._twin.endpoint.tokens.values():
                if body.get("tenant") in {None, token.account.domain} and token.expires_at > now:
                    token.expires_at, ended = now, ended + 1
            return {"ended": ended}
        if verb not in self._verbs:
            raise UnknownNameError(f"nobody does {verb} at Zoom")
        return await self._verbs[verb](body)

    async def _activate(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{email}` follows the link in the mail. Mode `pending_type` `lost`: the licence did not stick."""
        account, user = self._person(body)
        if user.lapsed or not user.is_pending:
            raise UnknownNameError(f"no invitation of {user.email} is out")
        user.status = ACTIVE
        if self._twin.behaviour.modes.get("pending_type") == "lost":
            user.type, user.united, user.licenses = BASIC, None, []
        if user.merges:
            self._twin.webhooks.announce(account, "user.invitation_accepted", user)
        self._twin.webhooks.announce(account, "user.activated", user)
        return _user(account, user)

    async def _expire(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{email}`: the invitation runs out; the id answers 1120 from now on."""
        account, user = self._person(body)
        if not user.is_pending:
            raise UnknownNameError(f"no invitation of {user.email} is out")
        user.lapsed = True
        return _user(account, user)

    async def _webhook(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{url, secret?, tenant?}`: an administrator enters the address; Zoom challenges it and keeps it if it passes."""
        account = self._accounts(str(body.get("tenant") or "acme.example"))[0]
        hook = Hook(str(body["url"]), str(body.get("secret") or SECRET))
        is_valid = await self._twin.webhooks.challenge(hook)
        if is_valid:
            self._twin.webhooks.hooks[account.id] = hook
        last = self._twin.webhooks.deliveries.last("endpoint.url_validation")
        return {"validated": is_valid, "delivery": last.as_json() if last else None}

    async def _deliver(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{event, payload, timestamp?, signature?, tenant?}`: any event, also wrongly signed or too old."""
        account = self._accounts(str(body.get("tenant") or "acme.example"))[0]
        webhooks = self._twin.webhooks
        delivery = webhooks.post(
            account,
            str(body["event"]),
            dict(body.get("payload") or {}),
            timestamp=body.get("timestamp"),
            signature=body.get("signature"),
        )
        await webhooks.deliveries.drain()
        return delivery.as_json() if delivery else {}

    async def _redeliver(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{event?, times?}`: the last delivery once more, byte for byte."""
        delivery = self._twin.webhooks.deliveries.last(body.get("event"))
        if delivery is None:
            raise UnknownNameError("nothing was delivered")
        self._twin.webhooks.deliveries.resend(delivery, int(body.get("times", 1)))
        await self._twin.webhooks.deliveries.drain()
        return delivery.as_json()

    async def _deliveries(self, body: dict[str, Any]) -> dict[str, Any]:
        """`{event?}`: what was posted so far, once nothing is on its way any more."""
        deliveries = self._twin.webhooks.deliveries
        await deliveries.drain()
        wanted = body.get("event")
        return {"items": [one for one in deliveries.list_deliveries() if wanted in {None, one["label"]}]}

    def info(self, base_url: str) -> dict[str, Any]:
        accounts = list(self._twin.accounts.values())
        api_url, token_url = f"{base_url}/zoom/v2", f"{base_url}/zoom/oauth/token"
        acme = accounts[0]
        auth = {
            "ZOOM_ACCOUNT_ID": acme.id,
            "ZOOM_CLIENT_ID": acme.client_id,
            "ZOOM_CLIENT_SECRET": acme.client_secret,
            "ZOOM_TOKEN_URL": token_url,
            "ZOOM_WEBHOOK_SECRET": SECRET,
        }
        return {
            "api_url": api_url,
            "token_url": token_url,
            "webhook_secret": SECRET,
            "scopes": list(SCOPES),
            "rate_limit_forms": sorted(self._twin.rate_limit_forms()),
            "environment": {"auth": auth, "worker": {"ZOOM_API_URL": api_url}},
            "tenants": [
                {
                    "account_id": account.id,
                    "name": account.name,
                    "domain": account.domain,
                    "domains": list(account.domains),
                    "client_id": account.client_id,
                    "client_secret": account.client_secret,
                    "groups": {group.name: group.id for group in account.groups.values()},
                    "roles": {role.name: role.id for role in account.roles.values()},
                    "skus": list(account.skus),
                }
                for account in accounts
            ],
        }


def _user(account: Account, user: User) -> dict[str, Any]:
    is_there = user.deleted_at is None
    groups = account.groups_of(user) if is_there else []
    return {
        "tenant": account.domain,
        "id": user.id,
        "address": user.email,
        "name": {
            "first_name": user.first_name,
            "last_name": user.last_name,
            "display_name": user.display_name,
        },
        "enabled": user.status == ACTIVE,
        "deleted": not is_there or user.lapsed,
        "status": "lapsed" if user.lapsed else user.status,
        "pending": user.status == PENDING and not user.lapsed,
        "type": user.type,
        "role": user.role,
        "licenses": [sku for sku in account.held(user) if sku != "basic"] if is_there else [],
        "groups": sorted(group.id for group in groups),
        "group_names": sorted(group.name for group in groups),
        "sign_outs": user.sign_outs,
        "origin": user.origin,
        "created_at": stamp(user.created_at),
        "fields": user.fields,
    }


def _group(account: Account, group_id: str) -> dict[str, Any]:
    group = account.groups[group_id]
    members = [account.users[key].email for key in group.members if key in account.users]
    return {"tenant": account.domain, "id": group.id, "name": group.name, "members": members}


def _sku(account: Account, sku: Sku) -> dict[str, Any]:
    return {
        "tenant": account.domain,
        "id": sku.id,
        "name": sku.name,
        "enabled": sku.seats,
        "free": account.free_seats(sku.id),
    }


def make_inspector(settings: SandboxSettings) -> ZoomInspector:
    """The twin as freshly seeded."""
    return ZoomInspector(ZoomTwin(settings.behaviour()))
