"""Which role somebody should have, in a plan."""

from services.shared.providers.clickup.form import ClickUpForm
from services.shared.providers.clickup.groups import CustomRole
from services.shared.providers.clickup.people import ADMIN, OWNER, Person
from services.shared.providers.clickup.steps import (
    ADMIN_GRANT,
    Draft,
    custom_grant,
    person_task,
    role_step,
)
from services.shared.sdk.contract import Desired, Grant
from services.shared.sdk.manifest import Frozen

SAID_AS = {"member": "Member", "admin": "Admin", "guest": "Guest"}


class Standing(Frozen):
    """Admin or not, and the custom role's id."""

    admin: bool
    custom: str | None


def plan_role(
    draft: Draft, desired: Desired, form: ClickUpForm, custom: CustomRole | None, person: Person
) -> None:
    """Change what is wished otherwise. What others gave is taken on purpose only."""
    if person.role is None:
        return  # a list that tells no more than the specification has
    if person.role == OWNER:
        draft.note("owner", f"{person.email} owns the Workspace. OneClick leaves their role as it is.")
    elif person.is_guest != (form.role == "guest"):
        _plan_turn(draft, form, person)
    else:
        now = Standing(admin=person.role == ADMIN, custom=person.custom_role)
        wished = _wished(draft, desired, form, custom, now)
        if wished != now:
            _plan_change(draft, custom, person, now, wished)


def _wished(
    draft: Draft, desired: Desired, form: ClickUpForm, custom: CustomRole | None, now: Standing
) -> Standing:
    known, may_take = draft.ctx.known, desired.unmanaged == "remove"
    admin, role = form.role == "admin", custom.id if custom else None
    if now.admin and not admin and not (may_take or known.gave("role", ADMIN_GRANT.key)):
        draft.note("kept_role", "The person stays an admin: OneClick did not make them one.")
        admin = True
    if now.custom and role is None and not (may_take or known.gave("role", f"custom:{now.custom}")):
        draft.note("kept_role", "The custom role stays: OneClick did not give it.")
        role = now.custom
    return Standing(admin=admin, custom=role)


def _plan_change(
    draft: Draft, custom: CustomRole | None, person: Person, now: Standing, wished: Standing
) -> None:
    given = [ADMIN_GRANT] if wished.admin and not now.admin else []
    taken = [ADMIN_GRANT] if now.admin and not wished.admin else []
    if custom and wished.custom != now.custom:
        given.append(custom_grant(custom))
    if now.custom and wished.custom != now.custom:
        taken.append(Grant(kind="role", key=f"custom:{now.custom}", label="Custom role"))
    values = {"admin": wished.admin, "custom_role": wished.custom, "guest": person.is_guest}
    if draft.enterprise:
        before = {"admin": now.admin, "custom_role": now.custom}
        after = {"admin": wished.admin, "custom_role": custom.name if custom else wished.custom}
        draft.add(role_step(person, before, after, given=given, taken=taken, **values))
        return
    name = custom.name if custom else ("Admin" if wished.admin else "Member")
    grants = {"given": [one.model_dump() for one in given], "taken": [one.model_dump() for one in taken]}
    step = (f"Choose the role {name} beside {person.email}.",)
    draft.add(person_task(draft.ctx, "role", "Change the role", step, **values, **grants))


def _plan_turn(draft: Draft, form: ClickUpForm, person: Person) -> None:
    """No call makes a member of a guest, or a guest of a member."""
    wished = SAID_AS[form.role]
    draft.add(
        person_task(
            draft.ctx,
            "turn",
            f"Make {person.email} {'an' if form.role == 'admin' else 'a'} {wished.lower()}",
            (f"Choose the role {wished} beside {person.email}.",),
            guest=form.role == "guest",
        )
    )
