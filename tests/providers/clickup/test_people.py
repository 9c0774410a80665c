"""What is odd about people in ClickUp, met in the sandbox."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.shared.sdk.contract import Desired, Known, Outcome, OutcomeState, Plan, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, leaver, make_plan, onboard, wish
from tests.providers.clickup.harness import ClickUpHarness
from tests.providers.clickup.specs import DOORS
from tests.sandbox.judge import specs
from tests.sandbox.judge.doors import judge_exchanges


async def plan(clickup: ClickUpHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(clickup, books, Desired(fields=fields))


def switch(clickup: ClickUpHarness, **modes: str) -> None:
    clickup.sandbox.configure("clickup", modes=modes)


async def apply(clickup: ClickUpHarness, books: Books, action: PlannedAction) -> Outcome:
    """Once, without accepting."""
    outcome = await clickup.provider.apply(clickup.context(books.known), action)
    books.record(outcome)
    return outcome


async def confirm(clickup: ClickUpHarness, books: Books, action: PlannedAction) -> Outcome | None:
    return await clickup.provider.confirm(clickup.context(books.known, reading=True), action)


def account(clickup: ClickUpHarness) -> dict[str, Any]:
    found = clickup.account()
    assert found is not None
    return found


def keys(planned: Plan) -> list[str]:
    return [action.key for action in planned.actions]


def codes(planned: Plan) -> set[str]:
    return {notice.code for notice in planned.notices}


async def test_everything_but_the_waiting_goes_on_while_the_invitation_is_out(
    clickup: ClickUpHarness, books: Books
) -> None:
    planned = await plan(clickup, books, role="admin", groups=["Engineering"])
    assert keys(planned) == ["invite", f"group:{clickup.group_ids['Engineering']}", "acceptance"]
    assert planned.actions[2].depends_on == ("invite",)
    invited = await apply(clickup, books, planned.actions[0])
    assert invited.state is OutcomeState.DONE
    assert [grant.key for grant in invited.given] == ["admin"]
    await apply(clickup, books, planned.actions[1])
    assert account(clickup)["pending"]
    assert account(clickup)["groups"] == ["Engineering"]
    waiting = await apply(clickup, books, planned.actions[2])
    assert waiting.state is OutcomeState.AWAITING_ACCEPTANCE
    assert waiting.url == "https://app.clickup.com/9001001/settings/users"
    seen = await confirm(clickup, books, planned.actions[2])
    assert seen is not None
    assert seen.state is OutcomeState.AWAITING_ACCEPTANCE
    again = await plan(clickup, books, role="admin", groups=["Engineering"])
    assert keys(again) == ["acceptance"], "while it is out there is never a noop"
    await clickup.accept()
    joined = await confirm(clickup, books, planned.actions[2])
    assert joined is not None
    assert joined.state is OutcomeState.DONE
    assert is_settled(await plan(clickup, books, role="admin", groups=["Engineering"]))


async def test_an_invitation_that_was_withdrawn_is_told(clickup: ClickUpHarness, books: Books) -> None:
    planned = await plan(clickup, books)
    await apply(clickup, books, planned.actions[0])
    clickup.sandbox.act("clickup", "leave", email=clickup.joiner.work_email)
    assert await confirm(clickup, books, planned.actions[1]) is None
    with pytest.raises(Refused) as caught:
        await apply(clickup, books, planned.actions[1])
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_an_invitation_is_sent_anew_with_what_went_with_it(
    clickup: ClickUpHarness, books: Books
) -> None:
    planned = await plan(clickup, books, role="admin", groups=["Engineering"])
    for action in planned.actions[:2]:
        await apply(clickup, books, action)
    soon = datetime.now(UTC) + timedelta(seconds=1)
    old = planned.actions[2]
    action = old.model_copy(update={"params": {**old.params, "resend_at": soon.isoformat()}})
    assert (await apply(clickup, books, action)).state is OutcomeState.AWAITING_ACCEPTANCE
    kinds = [effect.kind for effect in await clickup.effects()]
    assert kinds == ["user.invite", "member.add", "user.remove", "user.invite", "member.add"]
    assert (account(clickup)["role"], account(clickup)["groups"]) == (2, ["Engineering"])
    past = soon - timedelta(minutes=5)
    again = old.model_copy(update={"params": {**old.params, "resend_at": past.isoformat()}})
    await apply(clickup, books, again)
    assert len(await clickup.effects()) == len(kinds), "one that is young enough stays"
    await clickup.accept()
    assert (await apply(clickup, books, action)).state is OutcomeState.DONE, "who has joined is not invited"


async def test_a_resend_that_was_cut_off_half_way_is_finished(clickup: ClickUpHarness, books: Books) -> None:
    planned = await plan(clickup, books)
    await apply(clickup, books, planned.actions[0])
    clickup.sandbox.act("clickup", "leave", email=clickup.joiner.work_email)
    soon = (datetime.now(UTC) + timedelta(seconds=1)).isoformat()
    action = planned.actions[1]
    action = action.model_copy(update={"params": {**action.params, "resend_at": soon}})
    assert (await apply(clickup, books, action)).state is OutcomeState.AWAITING_ACCEPTANCE
    assert account(clickup)["pending"]


@pytest.mark.parametrize("answer", ["400", "200"])
async def test_somebody_who_is_there_is_never_invited_silently(
    clickup: ClickUpHarness, books: Books, answer: str
) -> None:
    switch(clickup, invite_again=answer)
    planned = await plan(clickup, books)
    await clickup.add_foreign_account()
    with pytest.raises(ActionRequired) as caught:
        await apply(clickup, books, planned.actions[0])
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
    assert not await clickup.effects()


async def test_addresses_are_compared_without_case(clickup: ClickUpHarness, books: Books) -> None:
    clickup.sandbox.add_user("clickup", "Grace.Hopper@ACME.example", tenant="acme.example")
    assert (await plan(clickup, books)).choices


async def test_no_seat_parks_the_invitation(clickup: ClickUpHarness, books: Books) -> None:
    planned = await plan(clickup, books)
    assert planned.seats[0].key == "members"
    assert (planned.seats[0].free or 0) > 0
    clickup.sandbox.set_seats("clickup", "members", 1, tenant="acme.example")
    full = await plan(clickup, books)
    assert (full.seats[0].free or 0) <= 0
    with pytest.raises(ActionRequired) as caught:
        await apply(clickup, books, full.actions[0])
    assert caught.value.code is ErrorCode.NO_SEATS


async def test_a_role_that_we_gave_is_taken_and_one_that_others_gave_stays(
    clickup: ClickUpHarness, books: Books
) -> None:
    custom = "Billing admin"
    await carry_out(clickup, books, await plan(clickup, books, role="admin", custom_role=custom))
    assert account(clickup)["custom_role"] == int(clickup.roles[custom])
    planned = await plan(clickup, books)
    assert keys(planned) == ["role"]
    await carry_out(clickup, books, planned)
    assert (account(clickup)["role"], account(clickup)["custom_role"]) == (3, None)
    assert not books.known.grants
    grown = await plan(clickup, books, role="admin")
    assert grown.actions[0].kind is ActionKind.GRANT_ROLE
    await carry_out(clickup, books, grown)
    strangers = books.known.model_copy(update={"grants": ()})
    books.known = strangers
    kept = await plan(clickup, books)
    assert is_settled(kept)
    assert "kept_role" in codes(kept)
    forced = await make_plan(clickup, books, Desired(unmanaged="remove"))
    assert keys(forced) == ["role"]


async def test_a_change_of_role_carries_the_name_along(clickup: ClickUpHarness, books: Books) -> None:
    """ClickUp refuses a PUT that lacks name, admin or custom role."""
    await carry_out(clickup, books, await plan(clickup, books))
    clickup.wire.is_on = True
    await carry_out(clickup, books, await plan(clickup, books, role="admin"))
    sent = [one.sent for one in clickup.wire.exchanges if one.method == "PUT"]
    assert sent == [{"username": "grace.hopper", "admin": True, "custom_role_id": None}]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"custom_role": "No Such Role"}, "custom_role"),
        ({"groups": ["No Such Team"]}, "groups"),
        ({"role": "guest", "lists": ["1"]}, "lists"),
        ({"role": "guest", "folders": ["1"]}, "folders"),
        ({"lists": ["1"]}, "role"),
        ({"role": "owner"}, "role"),
    ],
)
async def test_what_the_workspace_does_not_have_is_named_before_anything_happens(
    clickup: ClickUpHarness, books: Books, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        await plan(clickup, books, **fields)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, field)


def guest_wish(clickup: ClickUpHarness, **changes: Any) -> dict[str, Any]:
    places = {
        "lists": [clickup.places["Inbox"], clickup.places["Tasks"]],
        "folders": [clickup.places["Launch"]],
    }
    return {"role": "guest", **places, "guest_rights": ["edit_tags"], **changes}


async def test_a_guest_is_shown_lists_and_folders(clickup: ClickUpHarness, books: Books) -> None:
    clickup.wire.is_on = True
    planned = await plan(clickup, books, **guest_wish(clickup))
    titles = [action.title for action in planned.actions]
    assert "Share the list Delivery / Launch / Tasks" in titles
    await carry_out(clickup, books, planned)
    assert sorted(account(clickup)["shares"].values()) == ["read", "read", "read"]
    assert account(clickup)["flags"] == {"can_edit_tags": True}
    more = guest_wish(
        clickup, permission="edit", lists=[clickup.places["Inbox"]], guest_rights=["create_views"]
    )
    changed = await plan(clickup, books, **more)
    assert {action.kind for action in changed.actions} == {
        ActionKind.UPDATE,
        ActionKind.ADD_TO_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
    }
    assert "kept_rights" in codes(changed)
    await carry_out(clickup, books, changed)
    assert sorted(account(clickup)["shares"].values()) == ["edit", "edit"]
    assert account(clickup)["flags"] == {"can_edit_tags": True, "can_create_views": True}
    assert is_settled(await plan(clickup, books, **more))
    await carry_out(clickup, books, await make_plan(clickup, books, leaver("absent")))
    assert clickup.account() is None
    if specs.folder() is not None:
        faults = judge_exchanges(DOORS, clickup.wire.exchanges)
        assert not [fault for fault in faults if not fault.startswith("nothing needs")]


async def test_a_share_that_others_gave_stays(clickup: ClickUpHarness, books: Books) -> None:
    await carry_out(clickup, books, await plan(clickup, books, **guest_wish(clickup)))
    books.known = books.known.model_copy(update={"grants": ()})
    none = await plan(clickup, books, role="guest", guest_rights=["edit_tags"])
    assert is_settled(none)
    assert "kept_share" in codes(none)
    forced = await make_plan(clickup, books, Desired(fields={"role": "guest"}, unmanaged="remove"))
    assert len(forced.actions) == 4
    await carry_out(clickup, books, forced)
    assert not account(clickup)["shares"]


async def test_a_guest_who_becomes_paid_is_counted(clickup: ClickUpHarness, books: Books) -> None:
    viewing = await plan(clickup, books, **guest_wish(clickup))
    assert not viewing.seats
    editing = await plan(clickup, books, **guest_wish(clickup, permission="edit"))
    assert [seat.key for seat in editing.seats] == ["guests"]
    clickup.sandbox.set_seats("clickup", "guests", 0, tenant="acme.example")
    for action in editing.actions:
        if action.key.startswith("share:"):
            with pytest.raises(ActionRequired) as caught:
                await act(clickup, books, action)
            assert caught.value.code is ErrorCode.NO_SEATS
            return
        await act(clickup, books, action)


async def test_no_call_makes_a_member_of_a_guest_so_a_person_does(
    clickup: ClickUpHarness, books: Books
) -> None:
    await carry_out(clickup, books, await plan(clickup, books, role="guest"))
    planned = await plan(clickup, books, role="member")
    task = planned.actions[0]
    assert (task.kind, task.key, task.title) == (
        ActionKind.MANUAL_TASK,
        "turn",
        "Make grace.hopper@acme.example a member",
    )
    assert await confirm(clickup, books, task) is None, "nobody has done it"
    clickup.sandbox.act("clickup", "leave", email=clickup.joiner.work_email)
    assert await confirm(clickup, books, task) is None, "somebody who is gone is no member"


async def test_the_owner_is_left_alone(clickup: ClickUpHarness, books: Books) -> None:
    clickup.joiner = clickup.joiner.model_copy(update={"work_email": "admin@acme.example"})
    adopted = await make_plan(clickup, books, Desired(existing_account="adopt"))
    assert "owner" in codes(adopted)
    await carry_out(clickup, books, adopted)
    with pytest.raises(Refused) as caught:
        await make_plan(clickup, books, leaver("absent"))
    assert caught.value.code is ErrorCode.CONFLICT


async def test_leaving_for_a_while_is_removal_said_plainly(clickup: ClickUpHarness) -> None:
    books, _ = await onboard(clickup)
    planned = await make_plan(clickup, books, leaver("suspended"))
    assert [action.kind for action in planned.actions] == [
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.DELETE,
    ]
    assert planned.actions[-1].reversible
    assert "removed_at_once" in codes(planned)
    await carry_out(clickup, books, planned)
    assert clickup.account() is None
    back = await make_plan(clickup, books, wish(clickup))
    assert back.actions[0].key == "invite"


async def test_leaving_withdraws_an_invitation_that_is_out(clickup: ClickUpHarness, books: Books) -> None:
    planned = await plan(clickup, books)
    await apply(clickup, books, planned.actions[0])
    leaving = await make_plan(clickup, books, leaver("absent"))
    assert leaving.actions[-1].title == "Withdraw the invitation"
    await carry_out(clickup, books, leaving)
    assert clickup.account() is None


async def test_on_smaller_plans_people_do_what_programs_may_not(
    clickup: ClickUpHarness, books: Books
) -> None:
    switch(clickup, plan="business_plus")
    planned = await plan(clickup, books, groups=["Engineering"])
    assert [action.kind for action in planned.actions] == [
        ActionKind.MANUAL_TASK,
        ActionKind.ADD_TO_GROUP,
        ActionKind.INVITE,
    ]
    task = planned.actions[0]
    assert any("grace.hopper@acme.example" in line for line in task.params["instructions"])
    assert task.params["link"] == "https://app.clickup.com/9001001/settings/users"
    assert "plan_too_small" in codes(planned)
    assert await confirm(clickup, books, task) is None
    await carry_out(clickup, books, planned)
    assert account(clickup)["groups"] == ["Engineering"], "Teams are open to every plan"
    assert is_settled(await plan(clickup, books, groups=["Engineering"]))
    role = await plan(clickup, books, groups=["Engineering"], role="admin")
    assert keys(role) == ["role"]
    assert role.actions[0].kind is ActionKind.MANUAL_TASK
    leaving = await make_plan(clickup, books, leaver("absent"))
    assert [action.kind for action in leaving.actions] == [
        ActionKind.REMOVE_FROM_GROUP,
        ActionKind.MANUAL_TASK,
    ]
    await carry_out(clickup, books, leaving)
    assert books.known == Known()


async def test_on_smaller_plans_a_person_shares_with_guests(clickup: ClickUpHarness, books: Books) -> None:
    switch(clickup, plan="free")
    planned = await plan(clickup, books, **guest_wish(clickup))
    assert keys(planned) == ["invite", "shares", "acceptance"]
    await act(clickup, books, planned.actions[0])
    done = await confirm(clickup, books, planned.actions[1])
    assert done is not None
    books.record(done)
    await act(clickup, books, planned.actions[2])
    assert is_settled(await plan(clickup, books, **guest_wish(clickup)))


async def test_a_list_that_does_not_tell_who_has_joined_is_not_waited_for(
    clickup: ClickUpHarness, books: Books
) -> None:
    switch(clickup, plan="free", team_members="published")
    planned = await plan(clickup, books)
    assert keys(planned) == ["invite"]
    assert "acceptance_unknown" in codes(planned)


@pytest.mark.parametrize("status", ["403", "401"])
async def test_a_plan_that_changed_meanwhile_refuses_and_keeps_the_connection(
    clickup: ClickUpHarness, books: Books, status: str
) -> None:
    planned = await plan(clickup, books)
    switch(clickup, plan="business", plan_refusal=status)
    with pytest.raises(Refused) as caught:
        await apply(clickup, books, planned.actions[0])
    assert caught.value.code is ErrorCode.NOT_ENTITLED
    assert keys(await plan(clickup, books))[0] == "invite"


async def test_another_workspace_s_token_is_no_valid_connection(clickup: ClickUpHarness) -> None:
    clickup.settings = clickup.settings.model_copy(update={"team_id": "9002002"})
    issues = await clickup.provider.validate(clickup.context(Known(), reading=True))
    assert [issue.field for issue in issues] == ["team_id"]


async def test_places_are_offered_with_where_they_are(clickup: ClickUpHarness) -> None:
    assert isinstance(clickup.provider, OffersOptions)
    context = clickup.context(Known(), reading=True)
    found = await clickup.provider.options(context, "lists", "launch")
    assert [one.label for one in found] == ["Delivery / Launch / Tasks"]
