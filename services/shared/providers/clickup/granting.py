"""Giving and taking Teams, and sharing with guests."""

from typing import Any

from services.shared.providers.clickup.answers import ClickUpAnswer, explain_answer
from services.shared.providers.clickup.client import ClickUpContext, write
from services.shared.providers.clickup.groups import Group, list_groups
from services.shared.providers.clickup.people import (
    Person,
    find_by_id,
    look_closer,
    need_person,
    not_shown,
)
from services.shared.providers.clickup.places import Place, parse_key
from services.shared.sdk.contract import Grant, Outcome, PlannedAction
from services.shared.sdk.errors import ErrorCode, ProviderError, Refused


def _grant(action: PlannedAction) -> Grant:
    return Grant(kind="group", key=action.params["group"], label=action.params["name"])


async def _group(ctx: ClickUpContext, action: PlannedAction) -> Group | None:
    return (await list_groups(ctx)).get(action.params["group"])


def _key(ctx: ClickUpContext, action: PlannedAction) -> str | None:
    return action.params.get("user_id") or ctx.known.remote_id


async def join(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Add to the Team; nothing is written when it shows the person."""
    group = await _group(ctx, action)
    if group is None:
        raise _no_group(action)
    user_id = _key(ctx, action) or (await need_person(ctx, None)).id
    if user_id in group.members:
        return Outcome(given=(_grant(action),))
    return await _change(ctx, action, {"add": [int(user_id)], "rem": []}, confirm_join)


async def confirm_join(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The person is in the Team."""
    group, user_id = await _group(ctx, action), _key(ctx, action)
    return Outcome(given=(_grant(action),)) if group and user_id in group.members else None


async def part(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Remove from the Team; who is not in it, or whose Team is gone, is out."""
    group, user_id = await _group(ctx, action), _key(ctx, action)
    if group is None or user_id not in group.members:
        return Outcome(taken=(_grant(action),))
    return await _change(ctx, action, {"add": [], "rem": [int(str(user_id))]}, confirm_part)


async def confirm_part(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The person is not in the Team."""
    group, user_id = await _group(ctx, action), _key(ctx, action)
    return None if group and user_id in group.members else Outcome(taken=(_grant(action),))


async def _change(
    ctx: ClickUpContext, action: PlannedAction, members: dict[str, list[int]], confirm: Any
) -> Outcome:
    try:
        written = await write(ctx, "PUT", f"/group/{action.params['group']}", {"members": members})
    except ClickUpAnswer as answer:
        raise await _explain(ctx, action, answer) from answer
    outcome: Outcome = await confirm(ctx, action) or written.not_shown()
    return outcome


def _no_group(action: PlannedAction) -> Refused:
    return Refused(
        f"The Team {action.params['name']} is no longer there.", code=ErrorCode.NOT_FOUND, field="groups"
    )


async def _explain(ctx: ClickUpContext, action: PlannedAction, answer: ClickUpAnswer) -> ProviderError:
    """A 404 is about the Team, or about a person whom ClickUp's other parts do not know yet."""
    if not answer.is_missing:
        return explain_answer(answer)
    if await _group(ctx, action) is None:
        return _no_group(action)
    return not_shown() if action.params.get("user_id") is None else explain_answer(answer)


def _place(action: PlannedAction) -> Place:
    return Place.model_validate(action.params["place"])


async def _guest(ctx: ClickUpContext, action: PlannedAction) -> Person | None:
    key = _key(ctx, action)
    person = await find_by_id(ctx, key) if key else None
    return await look_closer(ctx, person) if person else None


async def share(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Share a list or folder with the guest, at the planned level."""
    place, level = _place(action), str(action.params["level"])
    guest = await _guest(ctx, action)
    if guest is None:
        raise not_shown()
    if not _is_shared(guest, place, level):
        await _share(ctx, place, level, guest.id)
    return await confirm_share(ctx, action) or _unseen(place)


def _is_shared(guest: Person, place: Place, level: str) -> bool:
    shares = guest.shares or {}
    return place.key in shares and shares[place.key] in {None, level}


def _unseen(place: Place) -> Outcome:
    raise Refused(f"ClickUp said yes and does not show that the {place.kind} {place.name} is shared.")


async def _share(ctx: ClickUpContext, place: Place, level: str, guest_id: str) -> None:
    try:
        await write(ctx, "POST", f"/{place.kind}/{place.id}/guest/{guest_id}", {"permission_level": level})
    except ClickUpAnswer as answer:
        if answer.is_missing and not answer.is_not_entitled:
            raise _no_place(place, answer) from answer
        raise


def _no_place(place: Place, answer: ClickUpAnswer) -> ProviderError:
    if answer.says(place.kind):
        message = f"The {place.kind} {place.name} is no longer there."
        return Refused(
            message, code=ErrorCode.NOT_FOUND, field=f"{place.kind}s", vendor_message=answer.message
        )
    return not_shown()


async def confirm_share(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The guest is shown the place at the planned level."""
    place, guest = _place(action), await _guest(ctx, action)
    shared = guest is not None and _is_shared(guest, place, str(action.params["level"]))
    return Outcome(given=(place.grant,)) if shared else None


async def unshare(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """No longer share; what is not shared is done."""
    place, guest = _place(action), await _guest(ctx, action)
    if guest is None or place.key not in (guest.shares or {}):
        return Outcome(taken=(place.grant,))
    written = await write(ctx, "DELETE", f"/{place.kind}/{place.id}/guest/{guest.id}")
    return await confirm_unshare(ctx, action) or written.not_shown()


async def confirm_unshare(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The guest is not shown the place."""
    place, guest = _place(action), await _guest(ctx, action)
    shown = guest is not None and place.key in (guest.shares or {})
    return None if shown else Outcome(taken=(place.grant,))


async def restore(ctx: ClickUpContext, action: PlannedAction, person: Person) -> None:
    """Give back what we gave before an invitation was withdrawn. Only what is missing is written."""
    groups = await list_groups(ctx)
    places = []
    for grant in ctx.known.grants:
        if grant.kind == "group" and grant.key in groups:
            if person.id not in groups[grant.key].members:
                body = {"members": {"add": [int(person.id)], "rem": []}}
                await write(ctx, "PUT", f"/group/{grant.key}", body)
        elif grant.kind == "group" and ":" in grant.key:
            places.append(parse_key(grant.key, grant.label))
    if places:
        guest = await look_closer(ctx, person)
        for place in places:
            if place.key not in (guest.shares or {}):
                await _share(ctx, place, str(action.params["level"]), person.id)
