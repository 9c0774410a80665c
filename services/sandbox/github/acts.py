"""What people do at GitHub: sign up, accept, decline, let lapse, leave, link their credentials."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from services.sandbox.control.sandbox import UnknownNameError
from services.sandbox.github.scim_enterprise import managed_login
from services.sandbox.github.state import (
    EXPIRED,
    Account,
    Credential,
    Invitation,
    Organization,
    World,
    next_number,
)
from services.sandbox.github.webhooks import Webhook, Webhooks

_ROLES = {"admin": "admin", "direct_member": "member", "billing_manager": "member"}
_DAY = 86_400


class People:
    """Each act names a person by `email` or `login`, and the organisation by `tenant` where both know them."""

    def __init__(self, world: World, hooks: Webhooks) -> None:
        self._world = world
        self._hooks = hooks

    async def act(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        acts: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "sign_up": self._sign_up,
            "accept": self._accept,
            "decline": self._decline,
            "expire": self._expire,
            "age": self._age,
            "invite": self._invite,
            "remove": self._remove,
            "link": self._link,
            "webhook": self._webhook,
            "redeliver": self._redeliver,
            "ping": self._ping,
        }
        if verb == "drain":
            await self._hooks.deliveries.drain()
            return {"deliveries": self._hooks.deliveries.list_deliveries()}
        if verb not in acts:
            raise UnknownNameError(f"nobody does {verb} at GitHub")
        return acts[verb](body)

    def _orgs(self, body: dict[str, Any]) -> list[Organization]:
        tenant = body.get("tenant")
        found = [org for org in self._world.organizations.values() if tenant in {None, org.domain, org.login}]
        if not found:
            raise UnknownNameError(f"no organisation {tenant}")
        return found

    def _pending(self, body: dict[str, Any]) -> tuple[Organization, Invitation]:
        email, login = body.get("email"), body.get("login")
        for org in self._orgs(body):
            account = self._world.find_login(login) if login and not email else None
            invitation = org.find_invitation(email=email, account=account) if email or account else None
            if invitation is None and email:
                known = self._world.find_account(email)
                invitation = org.find_invitation(account=known) if known else None
            if invitation is not None:
                return org, invitation
        raise UnknownNameError(f"no pending invitation of {email or login}")

    def _accept(self, body: dict[str, Any]) -> dict[str, Any]:
        """Accept, with the login named or a new one: its owner has verified the address that was invited."""
        org, invitation = self._pending(body)
        account = invitation.account or self._account(str(invitation.email), body.get("login"))
        if invitation.email and invitation.email.lower() not in account.emails:
            account.emails.append(invitation.email.lower())
        del org.invitations[invitation.id]
        membership = org.join(account, _ROLES[invitation.role])
        for slug, role in invitation.teams.items():
            if slug in org.teams:
                org.teams[slug].members[account.id] = role
        if invitation.scim_id in org.identities:
            org.identities[str(invitation.scim_id)].account = account
        if body.get("link"):
            self._credential(org, account)
        self._hooks.announce(org, "member_added", {"membership": membership, "sender": account})
        return {"login": account.login, "id": account.id, "state": "active"}

    def _sign_up(self, body: dict[str, Any]) -> dict[str, Any]:
        """Open an account of one's own, with `email` and `login`; `public` shows the address on the profile."""
        account = self._account(str(body.get("email")), body.get("login"))
        if body.get("public"):
            account.public_email = account.emails[0]
        return {"login": account.login, "id": account.id}

    def _account(self, email: str, login: str | None) -> Account:
        known = self._world.find_login(login) if login else self._world.find_account(email)
        if known is not None:
            return known
        wish = login or managed_login(email, "").rstrip("_")
        account = Account(self._world.free_login(wish), next_number(), emails=[email.lower()])
        return self._world.add_account(account)

    def _decline(self, body: dict[str, Any]) -> dict[str, Any]:
        """Decline: the invitation is gone, and no list tells of it."""
        org, invitation = self._pending(body)
        del org.invitations[invitation.id]
        return {"id": invitation.id, "state": "declined"}

    def _expire(self, body: dict[str, Any]) -> dict[str, Any]:
        org, invitation = self._pending(body)
        org.fail(invitation, body.get("reason", EXPIRED), time.time())
        return {"id": invitation.id, "state": "failed"}

    def _age(self, body: dict[str, Any]) -> dict[str, Any]:
        """Make a pending invitation `days` older."""
        _org, invitation = self._pending(body)
        invitation.created_at -= float(body.get("days", 1)) * _DAY
        return {"id": invitation.id, "created_at": invitation.created_at}

    def _invite(self, body: dict[str, Any]) -> dict[str, Any]:
        """An owner invites by hand."""
        org = self._orgs(body)[0]
        email, login = body.get("email"), body.get("login")
        account = self._world.find_login(login) if login else None
        if email is None and account is None:
            raise UnknownNameError(f"no login {login}")
        invitation = Invitation("direct_member", email=email, account=account)
        org.invitations[invitation.id] = invitation
        self._hooks.announce(org, "member_invited", {"invitation": invitation})
        return {"id": invitation.id}

    def _member(self, body: dict[str, Any]) -> tuple[Organization, Account]:
        name = str(body.get("login") or body.get("email"))
        account = self._world.find_account(name)
        for org in self._orgs(body):
            if account is not None and account.id in org.members:
                return org, account
        raise UnknownNameError(f"no member {name}")

    def _remove(self, body: dict[str, Any]) -> dict[str, Any]:
        """An owner removes a member by hand."""
        org, account = self._member(body)
        membership = org.leave(account)
        self._hooks.announce(org, "member_removed", {"membership": membership})
        return {"login": account.login}

    def _link(self, body: dict[str, Any]) -> dict[str, Any]:
        """A member authorises a token for single sign-on."""
        org, account = self._member(body)
        return {"credential_id": self._credential(org, account).id}

    @staticmethod
    def _credential(org: Organization, account: Account) -> Credential:
        credential = Credential(account, "personal access token")
        org.credentials[credential.id] = credential
        return credential

    def _webhook(self, body: dict[str, Any]) -> dict[str, Any]:
        """Set where events go: `url`, `secret`, `times` for duplicates; without a url nothing is sent."""
        url = body.get("url")
        self._hooks.hook = Webhook(url, body.get("secret", ""), int(body.get("times", 1))) if url else None
        return {"url": url}

    def _redeliver(self, body: dict[str, Any]) -> dict[str, Any]:
        delivery = self._hooks.redeliver(body.get("id"), int(body.get("times", 1)))
        if delivery is None:
            raise UnknownNameError("nothing was delivered yet")
        return delivery.as_json()

    def _ping(self, _body: dict[str, Any]) -> dict[str, Any]:
        self._hooks.ping()
        return {"status": "sent"}
