"""Which groups and shares to give and to take, in a plan."""

from collections.abc import Mapping

from services.shared.providers.clickup.form import ClickUpForm
from services.shared.providers.clickup.groups import Group
from services.shared.providers.clickup.people import Person
from services.shared.providers.clickup.places import parse_key, wished_places
from services.shared.providers.clickup.steps import (
    Draft,
    join_step,
    part_step,
    person_task,
    share_step,
    unshare_step,
)


def plan_groups(
    draft: Draft, wished: Mapping[str, Group], member_of: Mapping[str, Group], *, remove_others: bool
) -> None:
    """Join what is wished; leave what we gave and is not wished."""
    for key, group in wished.items():
        if key not in member_of:
            draft.add(join_step(group))
    for key, group in sorted(member_of.items()):
        if key in wished:
            continue
        if remove_others or draft.ctx.known.gave("group", key):
            draft.add(part_step(group.grant))
        else:
            draft.note("kept_group", f"The Team {group.name} stays: OneClick did not add to it.")


async def plan_shares(draft: Draft, form: ClickUpForm, person: Person | None, *, remove_others: bool) -> None:
    """Share what is wished with a guest; no longer share what we shared and is not wished."""
    wished = await wished_places(draft.ctx, form.lists, form.folders)
    if not draft.enterprise:
        _plan_sharing_by_hand(draft, form, [place.name for place in wished.values()])
        return
    shares = (person.shares if person else None) or {}
    for key, place in wished.items():
        level = shares.get(key, "") if key in shares else None
        if key not in shares or level not in {None, form.permission}:
            draft.add(share_step(place, form.permission, level))
    if person is None or not person.is_guest:
        return
    for key in sorted(set(shares) - set(wished)):
        label = next((one.label for one in draft.ctx.known.grants if one.key == key), key.replace(":", " "))
        if remove_others or draft.ctx.known.gave("group", key):
            draft.add(unshare_step(parse_key(key, label)))
        else:
            draft.note("kept_share", f"The {label} stays shared: OneClick did not share it.")


def _plan_sharing_by_hand(draft: Draft, form: ClickUpForm, names: list[str]) -> None:
    if not names or draft.ctx.known.gave("manual", "shares"):
        return
    draft.add(
        person_task(
            draft.ctx,
            "shares",
            f"Share {len(names)} {'place' if len(names) == 1 else 'places'} with the guest",
            tuple(f"Open {name}, choose Share, and give {form.permission} to the guest." for name in names),
        )
    )
