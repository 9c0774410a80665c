"""Membership of an organisation: who is in, as what, and who was asked."""

from __future__ import annotations

from services.sandbox.github.errors import GitHubError, not_found, unprocessable
from services.sandbox.github.invitations import add_invitation, check_room, remove_invitation
from services.sandbox.github.operations import PAGING, Context, no_content, ok, operation
from services.sandbox.github.state import Account, Invitation, Organization
from services.sandbox.github.views import membership_view, user_view
from services.sandbox.wire.call import Reply

_INVITED_AS = {"admin": "admin", "member": "direct_member"}
SHOWN_AS = {"admin": "admin", "direct_member": "member", "billing_manager": "billing_manager"}


@operation("GET", "orgs/{org}/members", permission="members:read", query=(*PAGING, "filter", "role"))
def list_members(context: Context) -> Reply:
    """Logins without addresses; of another organisation only those who show it, here nobody."""
    role = context.choice("role", ("all", "admin", "member"), "all")
    chosen = context.choice("filter", ("2fa_disabled", "2fa_insecure", "all"), "all")
    own = context.own_org()
    if own is None or own.login.lower() != context.args["org"].lower():
        if context.args["org"].lower() not in context.world.organizations:
            raise not_found()
        return context.paged([])
    found = [
        user_view(one.account, context.base)
        for one in own.members.values()
        if role in {"all", one.role} and chosen == "all"
    ]
    return context.paged(sorted(found, key=lambda user: user["id"]))


@operation("GET", "orgs/{org}/members/{username}", permission="members:read")
def check_member(context: Context) -> Reply:
    """204 for a member, 404 for nobody, 302 to the public list for who asks from outside."""
    own = context.own_org()
    name = context.args["org"].lower()
    if own is None or own.login.lower() != name:
        if name not in context.world.organizations:
            raise not_found()
        target = f"{context.base}/orgs/{name}/public_members/{context.args['username']}"
        return Reply(302, b"", (("location", target),))
    account = context.world.find_login(context.args["username"])
    if account is None or account.id not in own.members:
        raise not_found()
    return no_content()


@operation("DELETE", "orgs/{org}/members/{username}", permission="members:write")
def remove_member(context: Context) -> Reply:
    org, account = context.org, context.need_account()
    if account.id not in org.members:
        raise not_found()
    _leave(context, org, account)
    return no_content()


@operation("GET", "orgs/{org}/memberships/{username}", permission="members:read")
def get_membership(context: Context) -> Reply:
    org = context.org
    org.lapse(context.call.at)
    account = context.need_account()
    membership = org.members.get(account.id)
    if membership is not None:
        return ok(membership_view(org, account, membership.role, "active", context.base))
    invitation = org.find_invitation(account=account)
    if invitation is None:
        raise not_found()
    return ok(membership_view(org, account, SHOWN_AS[invitation.role], "pending", context.base))


@operation(
    "PUT",
    "orgs/{org}/memberships/{username}",
    permission="members:write",
    body={"role": ("admin", "member")},
)
def set_membership(context: Context) -> Reply:
    """Change a member's role, or invite: pending until accepted. Safe to repeat. Managed users are in at once."""
    org = context.org
    org.lapse(context.call.at)
    account, role = context.need_account(), context.body.get("role", "member")
    membership = org.members.get(account.id)
    if membership is not None:
        if membership.role != role and "role" in context.body:
            _must_leave_an_owner(org, account, keeps=role == "admin")
            membership.role = role
            context.record("member.update", account.login, account.keys, {"role": role}, domain=org.domain)
        return ok(membership_view(org, account, membership.role, "active", context.base))
    if context.is_managed:
        return _add_managed(context, org, account, role)
    invitation = org.find_invitation(account=account)
    if invitation is None:
        check_room(context, org)
        invitation = Invitation(_INVITED_AS[role], account=account, created_at=context.call.at)
        add_invitation(context, org, invitation)
    elif "role" in context.body:
        invitation.role = _INVITED_AS[role]
    return ok(membership_view(org, account, SHOWN_AS[invitation.role], "pending", context.base))


def _add_managed(context: Context, org: Organization, account: Account, role: str) -> Reply:
    if account.managed_by != org.enterprise.slug or account.is_suspended:
        raise unprocessable("Invitee is not a managed user of this enterprise")
    check_room(context, org)
    membership = org.join(account, role)
    context.record("member.add", account.login, account.keys, {"role": role}, domain=org.domain)
    context.announce(org, "member_added", {"membership": membership})
    return ok(membership_view(org, account, role, "active", context.base))


@operation("DELETE", "orgs/{org}/memberships/{username}", permission="members:write")
def delete_membership(context: Context) -> Reply:
    """Remove a member, or cancel what is pending."""
    org, account = context.org, context.need_account()
    org.lapse(context.call.at)
    if account.id in org.members:
        _leave(context, org, account)
        return no_content()
    invitation = org.find_invitation(account=account)
    if invitation is None:
        raise not_found()
    remove_invitation(context, org, invitation)
    return no_content()


def _leave(context: Context, org: Organization, account: Account) -> None:
    _must_leave_an_owner(org, account, keeps=False)
    keys = account.keys
    membership = org.leave(account)
    context.record("member.remove", account.login, keys, domain=org.domain)
    context.announce(org, "member_removed", {"membership": membership})


def _must_leave_an_owner(org: Organization, account: Account, *, keeps: bool) -> None:
    owners = [one.account for one in org.members.values() if one.role == "admin"]
    if not keeps and owners == [account]:
        raise GitHubError(403, "Cannot remove the last owner of the organization.")
