"""Taking actions on people: invite, wait, adopt, change, remove."""

from datetime import datetime
from typing import Any

from services.shared.providers.clickup.answers import ClickUpAnswer, explain_answer
from services.shared.providers.clickup.client import ClickUpContext, Written, team, write
from services.shared.providers.clickup.granting import restore
from services.shared.providers.clickup.people import (
    ADMIN,
    Person,
    by_address,
    find_by_id,
    list_people,
    look_closer,
    need_person,
    not_shown,
    parse_person,
)
from services.shared.sdk.contract import Grant, Outcome, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused


def _grants(action: PlannedAction, name: str) -> tuple[Grant, ...]:
    return tuple(Grant.model_validate(one) for one in action.params.get(name) or ())


async def _closer(ctx: ClickUpContext, action: PlannedAction, person: Person) -> Person:
    """As much as the Workspace's plan tells."""
    return await look_closer(ctx, person) if action.params["enterprise"] else person


async def invite(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Read who is there, then invite. Somebody who is there already is ours only by the id in our books."""
    address = str(action.params["address"])
    there = by_address(await list_people(ctx), address)
    if there is not None:
        if there.id == ctx.known.remote_id:
            return there.as_outcome(given=_grants(action, "given"))
        raise _taken(ctx, there)
    person = await _send(ctx, action)
    return person.as_outcome(given=_grants(action, "given"))


def _taken(ctx: ClickUpContext, person: Person, answer: ClickUpAnswer | None = None) -> ActionRequired:
    return ActionRequired(
        f"{person.email} is in {ctx.settings.name} and OneClick did not invite them.",
        code=ErrorCode.ALREADY_EXISTS,
        vendor_message=answer.message if answer else None,
    )


async def _send(ctx: ClickUpContext, action: PlannedAction) -> Person:
    """Send the invitation; who was invited, with the id that stays theirs.

    Raises:
        ProviderError: as ClickUp answers. After a refusal the people are read again: who is there now, is somebody
            else's invitation.
    """
    address = str(action.params["address"])
    kind = "guest" if action.params["guest"] else "user"
    try:
        written = await write(ctx, "POST", team(ctx, f"/{kind}"), _invitation(action))
    except ClickUpAnswer as answer:
        there = by_address(await list_people(ctx), address) if answer.is_refusal else None
        raise (_taken(ctx, there, answer) if there else explain_answer(answer)) from answer
    person = _told(written, address)
    if person is None:
        # A success in an unknown language: believe what ClickUp shows, not what it said.
        person = by_address(await list_people(ctx), address)
    if person is None:
        raise written.unread or not_shown()
    return person


def _invitation(action: PlannedAction) -> dict[str, Any]:
    params = action.params
    body: dict[str, Any] = {"email": params["address"]}
    if params["guest"]:
        body |= {f"can_{name}": True for name in params["rights"]}
    else:
        body["admin"] = params["admin"]
    if params["custom_role"] is not None:
        body["custom_role_id"] = int(params["custom_role"])
    return body


def _told(written: Written, address: str) -> Person | None:
    """The person in the answer, which is the whole Workspace."""
    found = written.body.get("team")
    members = found.get("members") if isinstance(found, dict) else None
    people = [
        parse_person("POST /team/user", one)
        for one in (members if isinstance(members, list) else ())
        if isinstance(one, dict)
    ]
    return by_address(people, address)


async def confirm_invite(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """Somebody with the address, invited or joined: ClickUp keeps no mark, so that is all there is to see."""
    person = by_address(await list_people(ctx), str(action.params["address"]))
    return person.as_outcome(given=_grants(action, "given")) if person else None


async def wait(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Joined, or still invited. An invitation that is older than it is wished is sent anew."""
    key = action.params["user_id"] or ctx.known.remote_id
    person = await find_by_id(ctx, key) if key else None
    if person is not None and person.joined is None:
        person = await _closer(ctx, action, person)
    if wished := action.params.get("resend_at"):
        person = await _resend(ctx, action, person, datetime.fromisoformat(wished))
    if person is None:
        raise Refused(
            "The invitation is no longer there: somebody withdrew it, or it was declined.",
            code=ErrorCode.NOT_FOUND,
        )
    return person.waiting(ctx) if person.is_pending else person.as_outcome()


async def _resend(
    ctx: ClickUpContext, action: PlannedAction, person: Person | None, wished: datetime
) -> Person | None:
    """Withdraw and invite anew, and give back what went with the first invitation. Safe to repeat."""
    if person is not None and not person.is_pending:
        return person
    if not action.params["enterprise"]:
        raise Refused(
            "On this Workspace's plan ClickUp lets people alone send invitations again: Manage people, Resend.",
            code=ErrorCode.NOT_ENTITLED,
        )
    if person is not None and (person.invited_at is None or person.invited_at < wished):
        await _remove(ctx, person.id, guest=bool(action.params["guest"]))
        person = None
    if person is None:
        person = await _send(ctx, action)
    await restore(ctx, action, person)
    return person


async def confirm_wait(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """Awaiting again, joined, or None when there is neither invitation nor membership."""
    key = action.params["user_id"] or ctx.known.remote_id
    person = await find_by_id(ctx, key) if key else None
    if person is None:
        return None
    if person.joined is None:
        person = await _closer(ctx, action, person)
    return person.waiting(ctx) if person.is_pending else person.as_outcome()


async def adopt(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Link somebody, with consent. Nothing is written at ClickUp."""
    if not action.params["consent"]:
        raise ActionRequired(
            f"{action.target} is in {ctx.settings.name} and nobody agreed that OneClick adopts them.",
            code=ErrorCode.ALREADY_EXISTS,
        )
    return (await need_person(ctx, action.params["user_id"])).as_outcome(adopted=True)


async def confirm_adopt(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """Adopting leaves its trace in our books alone."""
    if ctx.known.remote_id != action.params["user_id"]:
        return None
    return (await need_person(ctx, action.params["user_id"])).as_outcome(adopted=True)


async def change_role(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """PUT: name, admin and custom role travel together, ClickUp refuses less."""
    person = await _closer(ctx, action, await need_person(ctx, action.params["user_id"]))
    if _has_role(action, person):
        return _role_outcome(action, person)
    custom = action.params["custom_role"]
    custom_id = int(custom) if custom is not None else None
    body: dict[str, Any] = {"custom_role_id": custom_id}
    if not person.is_guest:
        body |= {"username": person.username or ctx.person.full_name, "admin": action.params["admin"]}
    kind = "guest" if person.is_guest else "user"
    written = await _put(ctx, f"/{kind}/{person.id}", body)
    person = await look_closer(ctx, person)
    return _role_outcome(action, person) if _has_role(action, person) else written.not_shown()


async def _put(ctx: ClickUpContext, path: str, body: dict[str, Any]) -> Written:
    try:
        return await write(ctx, "PUT", team(ctx, path), body)
    except ClickUpAnswer as answer:
        if answer.is_missing:
            raise not_shown() from answer
        raise


def _has_role(action: PlannedAction, person: Person) -> bool:
    custom = action.params["custom_role"]
    is_admin = person.role == ADMIN
    return person.custom_role == custom and (person.is_guest or is_admin == action.params["admin"])


def _role_outcome(action: PlannedAction, person: Person) -> Outcome:
    return person.as_outcome(given=_grants(action, "given"), taken=_grants(action, "taken"))


async def confirm_role(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The role is the planned one."""
    key = action.params["user_id"] or ctx.known.remote_id
    person = await find_by_id(ctx, key) if key else None
    if person is None:
        return None
    person = await _closer(ctx, action, person)
    return _role_outcome(action, person) if _has_role(action, person) else None


async def change_rights(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Switch a guest's further rights."""
    person = await _closer(ctx, action, await need_person(ctx, action.params["user_id"]))
    if _has_rights(action, person):
        return person.as_outcome()
    body = {f"can_{name}": given for name, given in action.params["rights"].items()}
    written = await _put(ctx, f"/guest/{person.id}", body)
    person = await look_closer(ctx, person)
    return person.as_outcome() if _has_rights(action, person) else written.not_shown()


def _has_rights(action: PlannedAction, person: Person) -> bool:
    return all((name in (person.rights or ())) == given for name, given in action.params["rights"].items())


async def confirm_rights(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The guest has the planned rights."""
    person = await find_by_id(ctx, action.params["user_id"])
    if person is None:
        return None
    person = await _closer(ctx, action, person)
    return person.as_outcome() if _has_rights(action, person) else None


async def remove(ctx: ClickUpContext, action: PlannedAction) -> Outcome:
    """Out of the Workspace; somebody who is not there is out."""
    user_id = str(action.params["user_id"])
    if await find_by_id(ctx, user_id) is None:
        return Outcome(remote_id=user_id, gone=True)
    written = await _remove(ctx, user_id, guest=bool(action.params["guest"]))
    return await confirm_remove(ctx, action) or written.not_shown()


async def _remove(ctx: ClickUpContext, user_id: str, *, guest: bool) -> Written:
    try:
        return await write(ctx, "DELETE", team(ctx, f"/{'guest' if guest else 'user'}/{user_id}"))
    except ClickUpAnswer as answer:
        if answer.is_missing and not answer.is_not_entitled:
            if await find_by_id(ctx, user_id) is None:
                return Written({})
            raise not_shown() from answer
        raise


async def confirm_remove(ctx: ClickUpContext, action: PlannedAction) -> Outcome | None:
    """The person is in the Workspace no more."""
    user_id = str(action.params["user_id"])
    if await find_by_id(ctx, user_id) is not None:
        return None
    return Outcome(remote_id=user_id, gone=True)


async def nothing(ctx: ClickUpContext, _action: PlannedAction) -> Outcome:
    """A noop: what the books say."""
    return Outcome(remote_id=ctx.known.remote_id, login=ctx.known.login)
