"""The plan of somebody who leaves. Deactivating takes every licence; an invitation that is out is withdrawn."""

from services.shared.providers.zoom.client import ZoomContext
from services.shared.providers.zoom.people import MEMBER_ROLE, ZoomUser, find_account
from services.shared.providers.zoom.places import Named, list_groups, list_roles
from services.shared.providers.zoom.planning import refuse_foreign
from services.shared.providers.zoom.steps import Draft, choice_of, no_role_step, part_step
from services.shared.sdk.contract import Desired, Plan, PlannedAction
from services.shared.sdk.manifest import ActionKind


async def plan_leaving(ctx: ZoomContext, desired: Desired) -> Plan:
    """Sessions first; then deactivate and take what we gave, or delete. Reads only."""
    found = await find_account(ctx)
    user, draft = found.user, Draft(found.user)
    if user is None:
        draft.note("no_account", f"There is no user {ctx.person.work_email} at Zoom.")
        return draft.plan(ctx, account=None)
    refuse_foreign(ctx, desired, found)
    seen = user.model_dump(mode="json", exclude={"group_ids", "profile"})
    if found.kind == "foreign":
        if desired.existing_account == "skip":
            draft.note("skipped", f"{user.email} is not OneClick's and is left as it is.")
            return draft.plan(ctx, account=seen, leaving=desired.presence)
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(ctx, user))
    groups: tuple[Named, ...] = ()
    if user.is_pending:
        draft.add(_withdraw(user))
    elif desired.presence == "absent":
        _plan_absent(ctx, draft, user)
    else:
        groups = await _plan_suspended(ctx, draft, desired, user)
    return draft.plan(ctx, account=seen, groups=sorted(one.id for one in groups), leaving=desired.presence)


def _plan_absent(ctx: ZoomContext, draft: Draft, user: ZoomUser) -> None:
    how = ctx.settings.on_delete
    if user.status == "active":
        draft.add(_sign_out(user))
    draft.add(_delete(user, how))
    if how == "delete":
        draft.note("final", "Zoom deletes recordings, meetings and webinars with the user, for good.")
    else:
        draft.note(
            "handed_over", "The person keeps the user as a free account of their own, with what is in it."
        )


async def _plan_suspended(
    ctx: ZoomContext, draft: Draft, desired: Desired, user: ZoomUser
) -> tuple[Named, ...]:
    """Returns the groups that are left.

    A role goes first, since Zoom does not deactivate administrators; the deactivation does not wait for it, so that
    nothing delays it for everybody else.
    """
    removes_all = desired.unmanaged == "remove"
    if user.status == "active":
        draft.add(_sign_out(user))
        if user.role_id not in {None, MEMBER_ROLE}:
            role = (await list_roles(ctx)).get(str(user.role_id), Named(id=str(user.role_id), name="?"))
            if removes_all or ctx.known.gave("role", role.id):
                draft.add(no_role_step(role))
            else:
                draft.note("kept_role", f"The role {role.name} stays: OneClick did not give it.")
        draft.add(_suspend(ctx, user))
    going = [key for key in user.group_ids if removes_all or ctx.known.gave("group", key)]
    names = await list_groups(ctx) if user.group_ids else {}
    groups = tuple(names.get(key, Named(id=key, name=key)) for key in sorted(going))
    for group in groups:
        draft.add(part_step(group), after=("suspend",))
    for key in sorted(set(user.group_ids) - set(going)):
        name = names[key].name if key in names else key
        draft.note("kept_group", f"The group {name} stays: OneClick did not add to it.")
    return groups


def _sign_out(user: ZoomUser) -> PlannedAction:
    return PlannedAction(
        key="sessions",
        kind=ActionKind.REVOKE_SESSIONS,
        target=user.email,
        title="End sessions of single sign-on",
        reversible=False,
    )


def _suspend(ctx: ZoomContext, user: ZoomUser) -> PlannedAction:
    """With the licences that the books say we gave: deactivating takes them all."""
    licences = [grant for grant in ctx.known.grants if grant.kind == "license"]
    return PlannedAction(
        key="suspend",
        kind=ActionKind.SUSPEND,
        target=user.email,
        title="Deactivate the user, which takes every licence",
        before={"status": "active", "licenses": [grant.label for grant in licences]},
        after={"status": "inactive", "licenses": []},
        params={"licenses": [grant.model_dump() for grant in licences]},
    )


def _withdraw(user: ZoomUser) -> PlannedAction:
    """Pending people can only be unlinked (specification, `DELETE /users/{id}`, parameter action)."""
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=user.email,
        title="Withdraw Zoom's invitation",
        before={"status": "pending"},
        after={"exists": False},
        params={"how": "disassociate", "pending": True},
    )


def _delete(user: ZoomUser, how: str) -> PlannedAction:
    title = "Delete the user and everything in it" if how == "delete" else "Unlink the user from the account"
    return PlannedAction(
        key="delete",
        kind=ActionKind.DELETE,
        target=user.email,
        title=title,
        before={"exists": True},
        after={"exists": False},
        reversible=False,
        params={"how": how, "pending": False},
    )
