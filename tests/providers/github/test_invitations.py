"""Invitations: how they wait, lapse, are sent again, and whom their acceptance is believed of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.shared.sdk.contract import Known, Outcome, OutcomeState, Plan, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, make_plan, wish
from tests.providers.github.harness import LOGIN, OrganizationHarness


async def plan(github: OrganizationHarness, books: Books, **changes: Any) -> Plan:
    return await make_plan(github, books, wish(github, {**github.wish, **changes}))


async def send(github: OrganizationHarness, books: Books, **changes: Any) -> tuple[PlannedAction, Outcome]:
    """Plan, apply the invitation, and keep what it told."""
    action = (await plan(github, books, **changes)).actions[0]
    assert action.kind is ActionKind.INVITE
    outcome = await github.provider.apply(github.context(books.known), action)
    books.record(outcome)
    return action, outcome


async def look(github: OrganizationHarness, books: Books, action: PlannedAction) -> Outcome | None:
    return await github.provider.confirm(github.context(books.known, reading=True), action)


async def ask(github: OrganizationHarness, books: Books, action: PlannedAction) -> ActionRequired:
    """The question that looking ends in."""
    with pytest.raises(ActionRequired) as caught:
        await look(github, books, action)
    assert caught.value.field == "username"
    return caught.value


def again(action: PlannedAction, at: datetime) -> PlannedAction:
    return action.model_copy(update={"params": {**action.params, "resend_at": at.isoformat()}})


def invitations(github: OrganizationHarness, kind: str = "invitation.create") -> int:
    return len(github.sandbox.effects("github", github.joiner.work_email, kind=kind))


async def test_an_invitation_waits_seven_days(github: OrganizationHarness, books: Books) -> None:
    action, outcome = await send(github, books, role="admin")
    assert outcome.state is OutcomeState.AWAITING_ACCEPTANCE
    assert outcome.expires_at is not None
    left = outcome.expires_at - datetime.now(UTC)
    assert timedelta(days=6, hours=23) < left <= timedelta(days=7)
    assert outcome.remote_id
    assert "@" in outcome.remote_id, "so that it is not taken for a login when an event names somebody"
    account = github.account() or {}
    assert (account["state"], account["role"]) == ("pending", "admin")
    assert account["groups"] == ["engineering", "platform"], "one invitation leads into the teams"
    assert await look(github, books, action) == outcome
    assert not is_settled(await plan(github, books, role="admin")), "waiting is not done"


async def test_planning_while_it_waits_plans_to_wait(github: OrganizationHarness, books: Books) -> None:
    await send(github, books)
    waiting = await plan(github, books)
    assert waiting.actions[0].key == "invite"
    assert "Wait" in waiting.actions[0].title
    assert not waiting.seats or all(one.key != "seats" for one in waiting.seats), "the seat is taken already"
    await github.provider.apply(github.context(books.known), waiting.actions[0])
    assert invitations(github) == 1


async def test_a_team_wished_later_follows_the_acceptance(github: OrganizationHarness, books: Books) -> None:
    await send(github, books, teams=["engineering"])
    bigger = await plan(github, books)
    assert [one.key.partition(":")[0] for one in bigger.actions] == ["invite", "team", "license"]
    await carry_out(github, books, bigger)
    assert (github.account() or {})["groups"] == ["engineering", "platform"]
    assert invitations(github) == 1


async def test_a_lapsed_invitation_is_gone_and_can_be_sent_again(
    github: OrganizationHarness, books: Books
) -> None:
    action, _ = await send(github, books)
    await github.lapse()
    assert await look(github, books, action) is None
    outcome = await github.provider.apply(github.context(books.known), action)
    assert outcome.state is OutcomeState.AWAITING_ACCEPTANCE
    assert invitations(github) == 2


async def test_an_invitation_lapses_by_itself(by_login: OrganizationHarness, books: Books) -> None:
    action, _ = await send(by_login, books)
    by_login.sandbox.act("github", "age", login=LOGIN, days=8)
    assert await look(by_login, books, action) is None


async def test_sending_again_replaces_an_older_invitation_once(
    github: OrganizationHarness, books: Books
) -> None:
    action, first = await send(github, books)
    github.sandbox.act("github", "age", email=github.joiner.work_email, days=2)
    wanted = again(action, datetime.now(UTC))
    second = await github.provider.apply(github.context(books.known), wanted)
    assert second.state is OutcomeState.AWAITING_ACCEPTANCE
    assert second.remote_id != first.remote_id
    assert (invitations(github), invitations(github, "invitation.cancel")) == (2, 1)
    for known in (books.known, Known(remote_id=second.remote_id), Known()):
        repeated = await github.provider.apply(github.context(known), wanted)
        assert repeated.remote_id == second.remote_id, "whether or not the end of the first try was seen"
    assert invitations(github) == 2


async def test_a_fresh_invitation_is_not_sent_again(github: OrganizationHarness, books: Books) -> None:
    action, first = await send(github, books)
    early = again(action, datetime.now(UTC) - timedelta(minutes=1))
    assert (await github.provider.apply(github.context(books.known), early)).remote_id == first.remote_id
    assert invitations(github) == 1


async def test_another_role_needs_another_invitation(github: OrganizationHarness, books: Books) -> None:
    await send(github, books)
    _, outcome = await send(github, books, role="admin")
    assert outcome.state is OutcomeState.AWAITING_ACCEPTANCE
    assert (github.account() or {})["role"] == "admin"
    assert invitations(github, "invitation.cancel") == 1


async def test_who_shows_the_address_is_linked(github: OrganizationHarness, books: Books) -> None:
    action, _ = await send(github, books, role="admin")
    await github.accept()
    outcome = await look(github, books, action)
    assert outcome is not None
    assert (outcome.state, outcome.login) == (OutcomeState.DONE, LOGIN)
    assert outcome.remote_id == (github.account() or {})["id"]
    assert {(one.kind, one.label) for one in outcome.given} == {
        ("team", "Engineering"), ("team", "Platform"), ("role", "Owner"),
    }  # fmt: skip


async def test_nobody_is_linked_for_having_joined_meanwhile(shy: OrganizationHarness, books: Books) -> None:
    """Exactly one person joined since, and it even is the right one: GitHub does not say so, so we do not."""
    action, _ = await send(shy, books)
    await shy.accept()
    error = await ask(shy, books, action)
    assert error.code is ErrorCode.CONFLICT
    assert books.known.login is None
    blind = await plan(shy, books)
    assert {one.code for one in blind.notices} >= {"invitation_gone", "login_unknown"}
    with pytest.raises(ActionRequired) as caught:
        await shy.provider.apply(shy.context(books.known), blind.actions[0])
    assert (caught.value.code, caught.value.field) == (ErrorCode.ALREADY_EXISTS, "username")
    assert invitations(shy) == 1


async def test_a_username_filled_in_later_asks_before_it_links(
    shy: OrganizationHarness, books: Books
) -> None:
    await send(shy, books)
    await shy.accept()
    asked = await plan(shy, books, username=LOGIN)
    assert [one.code for one in asked.choices] == ["existing_account"]
    fields = {**shy.wish, "username": LOGIN}
    await carry_out(shy, books, await make_plan(shy, books, wish(shy, fields, existing_account="adopt")))
    assert books.known.login == LOGIN
    assert is_settled(await plan(shy, books, username=LOGIN))
    assert is_settled(await plan(shy, books)), "the number is known from now on"


async def test_a_declined_invitation_looks_like_an_accepted_one_and_is_asked_about(
    shy: OrganizationHarness, books: Books
) -> None:
    action, _ = await send(shy, books)
    shy.sandbox.act("github", "decline", email=shy.joiner.work_email)
    shy.sandbox.add_user("github", "somebody.else@acme.example")
    await ask(shy, books, action)
    outcome = await shy.provider.apply(shy.context(books.known), action)
    assert outcome.state is OutcomeState.AWAITING_ACCEPTANCE, "sending again shows that nobody had accepted"


async def test_a_login_that_declines_is_known_to_have_declined(
    by_login: OrganizationHarness, books: Books
) -> None:
    action, outcome = await send(by_login, books)
    assert outcome.login == LOGIN
    by_login.sandbox.act("github", "decline", login=LOGIN, tenant="acme.example")
    assert await look(by_login, books, action) is None


async def test_an_address_that_a_member_hides_is_refused_by_github(
    shy: OrganizationHarness, books: Books
) -> None:
    shy.sandbox.add_user("github", "hidden@acme.example")
    shy.joiner = shy.joiner.model_copy(update={"work_email": "hidden@acme.example"})
    action = (await plan(shy, books)).actions[0]
    with pytest.raises(ActionRequired) as caught:
        await shy.provider.apply(shy.context(books.known), action)
    assert (caught.value.code, caught.value.field) == (ErrorCode.ALREADY_EXISTS, "username")


async def test_an_invitation_of_others_is_waited_for_and_what_it_gives_is_not_ours(
    github: OrganizationHarness, books: Books
) -> None:
    github.sandbox.act("github", "invite", email=github.joiner.work_email, tenant="acme.example")
    made = await plan(github, books, copilot=False)
    assert "invited_by_others" in {one.code for one in made.notices}
    await carry_out(github, books, made)
    assert invitations(github) == 0
    assert {one.kind for one in books.known.grants} == {"team"}
    assert (github.account() or {})["groups"] == ["engineering", "platform"]


async def test_an_invitation_of_others_for_another_role_is_not_taken(
    github: OrganizationHarness, books: Books
) -> None:
    github.sandbox.act("github", "invite", email=github.joiner.work_email, tenant="acme.example")
    action = (await plan(github, books, role="admin")).actions[0]
    with pytest.raises(ActionRequired) as caught:
        await github.provider.apply(github.context(books.known), action)
    assert (caught.value.code, caught.value.field) == (ErrorCode.CONFLICT, "role")


async def test_seats_are_read_and_a_full_organisation_asks_for_a_person(
    github: OrganizationHarness, books: Books
) -> None:
    github.sandbox.set_seats("github", "seats", 11, tenant="acme.example")
    made = await plan(github, books)
    assert [(one.key, one.free, one.needed) for one in made.seats] == [("seats", 1, 1), ("copilot", None, 1)]
    github.sandbox.set_seats("github", "seats", 10, tenant="acme.example")
    assert (await plan(github, books)).seats[0].free == 0
    with pytest.raises(ActionRequired) as caught:
        await github.provider.apply(github.context(books.known), made.actions[0])
    assert caught.value.code is ErrorCode.NO_SEATS


async def test_the_daily_limit_of_invitations_passes(github: OrganizationHarness, books: Books) -> None:
    github.sandbox.configure("github", modes={"invitations_per_day": "0"})
    action = (await plan(github, books)).actions[0]
    with pytest.raises(Transient) as caught:
        await github.provider.apply(github.context(books.known), action)
    assert (caught.value.code, caught.value.retry_after) == (ErrorCode.RATE_LIMITED, 3600)


async def test_single_sign_on_is_told_and_holds_nothing_up(github: OrganizationHarness, books: Books) -> None:
    github.sandbox.configure("github", modes={"sso": "on"})
    made = await plan(github, books, sso=True)
    assert "sso" in {one.code for one in made.notices}
    action, waiting = await send(github, books, sso=True)
    assert waiting.note
    assert "single sign-on" in waiting.note
    await github.accept()
    unlinked = await look(github, books, action)
    assert unlinked is not None
    assert unlinked.note
    assert "authorised" in unlinked.note
    github.sandbox.act("github", "link", login=LOGIN)
    linked = await look(github, books, action)
    assert linked is not None
    assert linked.note is None


async def test_a_billing_manager_is_invited_without_teams(github: OrganizationHarness, books: Books) -> None:
    with pytest.raises(Refused, match="in no team"):
        await plan(github, books, role="billing_manager")
    await send(github, books, role="billing_manager", teams=[], copilot=False)
    assert (github.account() or {})["role"] == "billing_manager"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"username": "no-such-login"}, "username"), ({"teams": ["no-such-team"]}, "teams")],
)
async def test_names_that_github_does_not_know(
    github: OrganizationHarness, books: Books, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        await plan(github, books, **changes)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, field)


async def test_a_team_that_the_identity_provider_fills_is_refused(
    github: OrganizationHarness, books: Books
) -> None:
    action = (await plan(github, books, teams=["security"])).actions[0]
    with pytest.raises(Refused) as caught:
        await github.provider.apply(github.context(books.known), action)
    assert (caught.value.code, caught.value.field) == (ErrorCode.CONFLICT, "teams")
