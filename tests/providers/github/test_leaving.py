"""Leaving an organisation, which knows no suspended members."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from services.shared.sdk.contract import Desired, OutcomeState, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, PlanStale
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, leaver, make_plan, onboard, wish
from tests.providers.github.harness import LOGIN, ORG, OrganizationHarness


async def leave(github: OrganizationHarness, books: Books, **changes: Any) -> Plan:
    return await make_plan(github, books, Desired(presence="suspended", **changes))


async def invited(github: OrganizationHarness, books: Books) -> None:
    """Our invitation is out."""
    plan = await make_plan(github, books, wish(github))
    books.record(await github.provider.apply(github.context(books.known), plan.actions[0]))


@pytest.mark.parametrize("presence", ["suspended", "absent"])
async def test_the_membership_ends_with_all_it_held(github: OrganizationHarness, presence: Any) -> None:
    books, _ = await onboard(github)
    plan = await make_plan(github, books, leaver(presence))
    (removal,) = plan.actions
    assert (removal.kind, removal.title) == (ActionKind.DELETE, f"Remove {LOGIN} from {ORG}")
    assert removal.reversible, "inviting again brings the same login back"
    assert removal.before == {
        "role": "member",
        "given_by_oneclick": ["Engineering", "Platform", "GitHub Copilot"],
    }
    assert [one.code for one in plan.notices] == ["no_suspension"]
    await carry_out(github, books, plan)
    assert github.account() is None
    assert is_settled(await make_plan(github, books, leaver(presence)))
    assert [one["kind"] for one in github._ledger()].count("member.remove") == 1


async def test_leaving_is_safe_to_repeat(github: OrganizationHarness) -> None:
    books, _ = await onboard(github)
    (removal,) = (await leave(github, books)).actions
    known = books.known
    assert await github.provider.confirm(github.context(known, reading=True), removal) is None
    for _ in range(2):
        assert (await github.provider.apply(github.context(known), removal)).gone
    assert await github.provider.confirm(github.context(known, reading=True), removal) is not None
    assert len(github.sandbox.effects("github", LOGIN, kind="member.remove")) == 1


async def test_somebody_removed_by_hand_is_invited_by_number(
    github: OrganizationHarness,
) -> None:
    books, _ = await onboard(github)
    number = books.known.remote_id
    github.sandbox.act("github", "remove", login=LOGIN, tenant="acme.example")
    plan = await make_plan(github, books, wish(github))
    assert plan.actions[0].params["account_id"] == int(number or 0)
    await carry_out(github, books, plan)
    assert books.known.remote_id == number
    assert is_settled(await make_plan(github, books, wish(github)))


async def test_our_pending_invitation_is_withdrawn(github: OrganizationHarness, books: Books) -> None:
    await invited(github, books)
    plan = await leave(github, books)
    assert [(one.kind, one.key) for one in plan.actions] == [(ActionKind.DELETE, "delete")]
    assert "Withdraw" in plan.actions[0].title
    known = books.known
    assert await github.provider.confirm(github.context(known, reading=True), plan.actions[0]) is None
    assert (await github.provider.apply(github.context(known), plan.actions[0])).gone
    assert await github.provider.confirm(github.context(known, reading=True), plan.actions[0]) is not None
    assert github.account() is None


async def test_an_invitation_that_lapsed_meanwhile_is_gone(github: OrganizationHarness, books: Books) -> None:
    await invited(github, books)
    plan = await leave(github, books)
    await github.lapse()
    assert (await github.provider.apply(github.context(books.known), plan.actions[0])).gone


async def test_an_acceptance_between_plan_and_withdrawal_makes_the_plan_stale(
    github: OrganizationHarness, books: Books
) -> None:
    await invited(github, books)
    plan = await leave(github, books)
    await github.accept()
    with pytest.raises(PlanStale):
        await github.provider.apply(github.context(books.known), plan.actions[0])
    await carry_out(github, books, await linked_and_left(github, books))
    assert github.account() is None


async def linked_and_left(github: OrganizationHarness, books: Books) -> Plan:
    """Planning again sees that it was accepted, and by whom."""
    plan = await leave(github, books)
    assert [(one.kind, one.target) for one in plan.actions] == [(ActionKind.DELETE, LOGIN)]
    return plan


async def test_a_hidden_acceptance_is_a_task_for_a_person(shy: OrganizationHarness, books: Books) -> None:
    await invited(shy, books)
    withdrawal = (await leave(shy, books)).actions[0]
    await shy.accept()
    with pytest.raises(ActionRequired):
        await shy.provider.apply(shy.context(books.known), withdrawal)
    (task,) = (await leave(shy, books)).actions
    assert task.kind is ActionKind.MANUAL_TASK
    shy.sandbox.act("github", "remove", login=LOGIN, tenant="acme.example")
    outcome = await shy.provider.confirm(shy.context(books.known, reading=True), task)
    assert outcome is not None
    assert outcome.gone


async def test_the_invited_login_is_removed_though_the_acceptance_was_not_seen(
    by_login: OrganizationHarness, books: Books
) -> None:
    await invited(by_login, books)
    await by_login.accept()
    await carry_out(by_login, books, await linked_and_left(by_login, books))
    assert by_login.account() is None


async def test_an_invitation_of_others_is_left_alone(github: OrganizationHarness, books: Books) -> None:
    github.sandbox.act("github", "invite", email=github.joiner.work_email, tenant="acme.example")
    plan = await leave(github, books)
    assert is_settled(plan)
    assert [one.code for one in plan.notices] == ["skipped"]
    assert (github.account() or {})["state"] == "pending"


async def test_a_member_of_others_leaves_with_consent_only(github: OrganizationHarness, books: Books) -> None:
    await github.add_foreign_account()
    assert [one.code for one in (await leave(github, books)).choices] == ["existing_account"]
    await carry_out(github, books, await leave(github, books, existing_account="adopt"))
    assert github.account() is None


async def test_the_last_owner_stays(github: OrganizationHarness) -> None:
    owner = github.sandbox.user("github", "admin@acme.example")
    books = Books()
    books.known = books.known.model_copy(update={"remote_id": str(owner["number"]), "login": owner["login"]})
    (removal,) = (await leave(github, books)).actions
    with pytest.raises(ActionRequired, match="last owner") as caught:
        await github.provider.apply(github.context(books.known), removal)
    assert caught.value.code is ErrorCode.CONFLICT


def _showing(membership: dict[str, Any]) -> Callable[[httpx.Request], httpx.Response]:
    """Whatever is deleted, this membership is there."""
    return lambda request: (
        httpx.Response(204) if request.method == "DELETE" else httpx.Response(200, json=membership)
    )


async def test_an_enterprise_team_may_keep_somebody_in(github: OrganizationHarness) -> None:
    books, _ = await onboard(github)
    (removal,) = (await leave(github, books)).actions
    membership = {
        "state": "active",
        "role": "member",
        "user": {"id": int(books.known.remote_id or 0), "login": LOGIN},
        "direct_membership": False,
        "enterprise_teams_providing_indirect_membership": ["ent:everyone"],
    }
    await github.answer_by(_showing(membership))
    with pytest.raises(ActionRequired, match="ent:everyone") as caught:
        await github.provider.apply(github.context(books.known), removal)
    assert caught.value.code is ErrorCode.CONFLICT


async def test_a_removal_that_does_not_show_yet_settles(github: OrganizationHarness) -> None:
    books, _ = await onboard(github)
    (removal,) = (await leave(github, books)).actions
    membership = {
        "state": "active",
        "role": "member",
        "user": {"id": int(books.known.remote_id or 0), "login": LOGIN},
    }
    await github.answer_by(_showing(membership))
    outcome = await github.provider.apply(github.context(books.known), removal)
    assert outcome.state is OutcomeState.SETTLING
