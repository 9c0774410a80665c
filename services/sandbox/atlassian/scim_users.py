"""Users of the SCIM directory.

Modes: `scim` (`on`, `off`: the organisation has no directory), `unverified` (`400`, `403`), `extension`
(`published`, `ietf`: the name of the extension that holds the account id), `account_id` (`at_once`, `late`: only once
the account has settled).
"""

from __future__ import annotations

from typing import Any

from services.sandbox.atlassian.errors import SCIM, AtlassianError, invalid, not_found
from services.sandbox.atlassian.operations import Context, operation
from services.sandbox.atlassian.scim_bodies import patched_user, read_operations, read_user
from services.sandbox.atlassian.scim_views import document, paged, picked, read_filter, scim, user_view
from services.sandbox.atlassian.state import Account, ScimUser
from services.sandbox.wire.call import Reply

_USERS = "scim/directory/{directoryId}/Users"
_PICK = ("attributes", "excludedAttributes")


@operation("GET", _USERS, SCIM, query=(*_PICK, "filter", "startIndex", "count"))
def list_users(context: Context) -> Reply:
    wanted = read_filter(context, ("userName", "externalId"))
    views = [
        picked(context, user_view(context, user))
        for user in context.org.scim.values()
        if _fits(user, wanted)
        and not (context.behaviour.settle_lists and context.is_settling(user.created_at, user.origin))
    ]
    return paged(context, views)


def _fits(user: ScimUser, wanted: tuple[str, str] | None) -> bool:
    if wanted is None:
        return True
    name, value = wanted
    if name == "externalId":  # case-exact, unlike userName
        return user.external_id == value
    return user.user_name.lower() == value.lower()


@operation("GET", _USERS + "/{userId}", SCIM, query=_PICK)
def get_user(context: Context) -> Reply:
    return scim(picked(context, user_view(context, need_user(context, write=False))))


def need_user(context: Context, *, write: bool = True) -> ScimUser:
    user = context.org.scim.get(context.args["userId"])
    if user is None or (
        context.is_settling(user.created_at, user.origin) and (write or context.behaviour.settle_reads)
    ):
        raise not_found(f"Resource {context.args['userId']} not found")
    return user


@operation("POST", _USERS, SCIM, query=_PICK, scim=True)
def create_user(context: Context) -> Reply:
    """Make a record. A managed account with the address is linked, otherwise one is made and nobody is mailed."""
    org = context.org
    user_name, fields, active = read_user(context.body)
    user = ScimUser(
        user_name, "", fields, active=active is not False, created_at=context.call.at, origin="api"
    )
    _check_domain(context, user.email)
    _check_unique(context, user, None)
    account = org.find_account(user.email)
    is_linked = account is not None
    if account is None:
        account = Account(email=user.email, name="", created_at=context.call.at, origin="api")
        org.accounts[account.id] = account
    user.account_id = account.id
    org.scim[user.id] = user
    _write_through(user, account)
    account.is_member, account.removed_at = True, None
    org.settle_seats()
    context.record("user.link" if is_linked else "user.create", user.email, account, {"userName": user_name})
    return scim(picked(context, user_view(context, user)), 201)


@operation("PUT", _USERS + "/{userId}", SCIM, query=_PICK, scim=True)
def replace_user(context: Context) -> Reply:
    """Overwrite; what the body leaves out is cleared, `active` apart."""
    return _store(context, need_user(context), context.body)


@operation("PATCH", _USERS + "/{userId}", SCIM, query=_PICK, scim=True)
def patch_user(context: Context) -> Reply:
    user = need_user(context)
    return _store(context, user, patched_user(document(user), read_operations(context.body)))


def _store(context: Context, user: ScimUser, body: dict[str, Any]) -> Reply:
    user_name, fields, active = read_user(body)
    wish = ScimUser(user_name, user.account_id, fields, active=user.active if active is None else active)
    account = context.org.accounts[user.account_id]
    if wish.email.lower() != account.email.lower():
        _check_domain(context, wish.email)
    _check_unique(context, wish, user)
    changed = _changed(user, wish)
    kind = "user.update"
    if "active" in changed:
        kind = "user.activate" if wish.active else "user.deactivate"
    user.user_name, user.fields, user.active = user_name, fields, wish.active
    if changed:
        user.modified_at = context.call.at
        _write_through(user, account)
        context.org.settle_seats()
        context.record(kind, user.email, account, {"fields": changed})
    return scim(picked(context, user_view(context, user)))


@operation("DELETE", _USERS + "/{userId}", SCIM)
def delete_user(context: Context) -> Reply:
    """Destroy the record and deactivate the account; a new record for the person gets a new id."""
    user = need_user(context)
    account = context.org.accounts[user.account_id]
    context.record("user.delete", user.email, account, keys=user.keys)
    del context.org.scim[user.id]
    for group in context.org.groups.values():
        if group.scim_id is not None:
            group.members.pop(account.id, None)
    account.is_active = False
    context.org.settle_seats()
    return Reply(204)


def _check_domain(context: Context, address: str) -> None:
    if not context.org.is_verified(address):
        status = int(context.mode("unverified", "400"))
        domain = address.rpartition("@")[2]
        if status == 403:  # noqa: PLR2004 - HTTP's own number
            raise AtlassianError(403, f"Domain {domain} is not verified")
        raise invalid(
            f"The domain {domain} of the email is not verified for this organization", "invalidValue"
        )


def _check_unique(context: Context, wish: ScimUser, user: ScimUser | None) -> None:
    for other in context.org.scim.values():
        if other is user:
            continue
        if other.user_name.lower() == wish.user_name.lower() or other.email.lower() == wish.email.lower():
            raise AtlassianError(
                409, f"User with userName {wish.user_name} already exists", word="uniqueness"
            )


def _write_through(user: ScimUser, account: Account) -> None:
    """The directory owns the account's profile and whether it may sign in."""
    name = user.fields.get("name") or {}
    whole = f"{name.get('givenName', '')} {name.get('familyName', '')}".strip()
    account.email = user.email
    account.name = user.fields.get("displayName") or whole or user.user_name
    account.nickname = user.fields.get("nickName", "")
    account.title = user.fields.get("title", "")
    account.is_active = user.active


def _changed(user: ScimUser, wish: ScimUser) -> list[str]:
    names = {*user.fields, *wish.fields}
    changed = {name for name in names if user.fields.get(name) != wish.fields.get(name)}
    pairs = {"userName": (user.user_name, wish.user_name), "active": (user.active, wish.active)}
    return sorted(changed | {name for name, (old, new) in pairs.items() if old != new})
