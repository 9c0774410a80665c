"""The user management API: what an organisation may do with the accounts that it owns."""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.errors import MANAGE, AtlassianError, invalid
from services.sandbox.atlassian.operations import Context, ok, operation
from services.sandbox.atlassian.state import Account
from services.sandbox.wire.call import Reply

_MANAGE = "users/{accountId}/manage"


@operation("GET", _MANAGE, MANAGE, query=("privileges",))
def get_permissions(context: Context) -> Reply:
    """What may be done with this account. What SCIM writes, nobody else may."""
    account = _owned(context)
    is_synced = context.has_scim and context.org.scim_of(account) is not None
    fixed = {"allowed": False, "reason": {"key": "externalDirectory.scim"}}
    allowed = {"allowed": True}
    return ok(
        {
            "email.set": fixed if is_synced else allowed,
            "lifecycle.enablement": fixed if is_synced else allowed,
            "profile": {"name": fixed if is_synced else allowed},
            "profile.write": fixed if is_synced else allowed,
        }
    )


@operation("GET", _MANAGE + "/profile", MANAGE)
def get_profile(context: Context) -> Reply:
    account = _owned(context)
    return ok({"account": _view(account)})


@operation("POST", _MANAGE + "/lifecycle/disable", MANAGE, body={"message": str})
def disable(context: Context) -> Reply:
    """Nobody signs in with it any more, at no product anywhere."""
    account = _changeable(context)
    if account.is_active:
        account.is_active = False
        account.sessions_ended += 1
        context.org.settle_seats()
        context.record("user.disable", account.email, account)
    return Reply(204)


@operation("POST", _MANAGE + "/lifecycle/enable", MANAGE, needs_json=True)
def enable(context: Context) -> Reply:
    account = _changeable(context)
    if not account.is_active:
        account.is_active = True
        context.org.settle_seats()
        context.record("user.enable", account.email, account)
    return Reply(204)


def _owned(context: Context) -> Account:
    account = context.account(context.args["accountId"], write=context.call.is_write)
    if not context.org.is_verified(account.email):
        raise AtlassianError(403, "The account is not managed by your organization", word="notManaged")
    return account


def _changeable(context: Context) -> Account:
    """Mode `lifecycle` `refused`: an account that SCIM writes is switched by SCIM alone."""
    account = _owned(context)
    if context.mode("lifecycle", "allowed") == "refused" and context.org.scim_of(account) is not None:
        raise invalid("The account is managed by an external directory", "externalDirectory.scim")
    return account


def _view(account: Account) -> dict[str, Any]:
    return {
        "account_id": account.id,
        "account_type": "atlassian",
        "account_status": "active" if account.is_active else "inactive",
        "name": account.name,
        "nickname": account.nickname,
        "email": account.email,
        "email_verified": not account.is_invited,
    }
