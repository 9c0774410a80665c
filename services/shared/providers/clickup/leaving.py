"""The plan of somebody who leaves: out of the Teams that we gave, then out of the Workspace."""

from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.groups import list_groups
from services.shared.providers.clickup.people import OWNER, find_account, is_enterprise, look_closer
from services.shared.providers.clickup.steps import Draft, choice_of, part_step, person_task, remove_step
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ErrorCode, Refused


async def plan_leaving(ctx: ClickUpContext, desired: Desired) -> Plan:
    """ClickUp suspends nobody: leaving, for a while or for good, is removal from the Workspace."""
    found = await find_account(ctx)
    person = found.person
    enterprise = await is_enterprise(ctx)
    if person is not None and enterprise:
        person = await look_closer(ctx, person)
    draft = Draft(ctx, person, enterprise=enterprise)
    draft.seen = {"person": person.id if person else None, "enterprise": enterprise}
    if person is None:
        draft.note("no_account", f"{ctx.person.work_email} is not in {ctx.settings.name}.")
        return draft.finish()
    if found.kind == "foreign":
        if desired.existing_account == "fail":
            raise Refused(choice_of(ctx, person).message, code=ErrorCode.ALREADY_EXISTS)
        if desired.existing_account == "skip":
            return draft.left_alone()
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(ctx, person))
    if person.role == OWNER:
        raise Refused(
            f"{person.email} owns {ctx.settings.name}. Give it another owner in ClickUp first.",
            code=ErrorCode.CONFLICT,
        )
    groups = await list_groups(ctx)
    ours = sorted(
        key for key, one in groups.items() if person.id in one.members and ctx.known.gave("group", key)
    )
    for key in ours:
        draft.add(part_step(groups[key].grant))
    if enterprise:
        draft.add(remove_step(person))
        draft.note(
            "removed_at_once",
            "ClickUp suspends nobody: the person is removed from the Workspace. Their tasks and comments stay, and "
            "they come back by a new invitation.",
        )
    else:
        step = (f"Choose Remove from Workspace beside {person.email}.",)
        draft.add(person_task(ctx, "remove", "Remove from the Workspace", step))
    draft.seen |= {"groups": ours, "pending": person.is_pending, "guest": person.is_guest}
    return draft.finish()
