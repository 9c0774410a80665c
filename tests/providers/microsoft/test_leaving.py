"""Leaving: sessions, sign-in, what we gave, and only then the account."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.providers.microsoft.provider import Microsoft365
from services.shared.sdk.contract import Desired, PlannedAction
from services.shared.sdk.errors import ActionRequired, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, leaver, make_plan, onboard
from tests.providers.microsoft.conftest import MakeContext
from tests.providers.microsoft.harness import MicrosoftHarness
from tests.providers.microsoft.test_accounts import user_from


async def test_sessions_end_first_and_the_rest_waits_for_the_block(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    made = await make_plan(microsoft, books, leaver("absent"))
    assert [one.key for one in made.actions[:2]] == ["sessions", "suspend"]
    assert made.actions[0].depends_on == made.actions[1].depends_on == ()
    removals = made.actions[2:-1]
    assert {one.kind for one in removals} == {ActionKind.REMOVE_LICENSE, ActionKind.REMOVE_FROM_GROUP}
    assert all(one.depends_on == ("suspend",) for one in removals)
    assert made.actions[-1].depends_on == ("suspend", *(one.key for one in removals))
    assert [one.reversible for one in made.actions if one.key in {"sessions", "delete"}] == [False, False]
    assert {one.code for one in made.notices} == {"tokens_live_on", "restorable"}


async def test_the_manager_stays_for_who_takes_over(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    await carry_out(microsoft, books, await make_plan(microsoft, books, leaver("suspended")))
    assert (microsoft.account() or {})["manager"] == "priya.raman@acme.example"
    assert not books.known.grants


async def test_what_others_gave_stays_and_is_told(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    await microsoft.give_by_hand()
    made = await make_plan(microsoft, books, leaver("suspended"))
    assert "Sales" in next(one.message for one in made.notices if one.code == "kept_group")
    await carry_out(microsoft, books, made)
    assert (await microsoft.describe_account() or {})["groups"] == ["Sales"]


async def test_sessions_that_ended_show(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    made = await make_plan(microsoft, books, leaver("suspended"))
    sessions = made.actions[0]
    reading = microsoft.context(books.known, reading=True)
    assert await microsoft.provider.confirm(reading, sessions) is None
    await act(microsoft, books, sessions)
    earlier = {**sessions.params, "sessions_valid_from": "2020-01-01T00:00:00Z"}
    found = await microsoft.provider.confirm(reading, sessions.model_copy(update={"params": earlier}))
    assert found is not None
    unknown = {**sessions.params, "sessions_valid_from": None}
    assert await microsoft.provider.confirm(reading, sessions.model_copy(update={"params": unknown})) is None


@pytest.mark.parametrize(
    "reply",
    [
        httpx.Response(204),
        httpx.Response(200, text="true"),
        httpx.Response(200, json={"value": True}),
        httpx.Response(200, json={"@odata.context": "x", "value": False}),
    ],
    ids=["204", "true", "value", "false"],
)
async def test_every_success_of_ending_sessions_is_one(graph: MakeContext, reply: httpx.Response) -> None:
    user = user_from()

    def answer(request: httpx.Request) -> httpx.Response:
        return reply if request.method == "POST" else httpx.Response(200, json=user)

    action = PlannedAction(
        key="sessions",
        kind=ActionKind.REVOKE_SESSIONS,
        target="x",
        title="x",
        params={"remote_id": user["id"], "sessions_valid_from": None},
    )
    outcome = await Microsoft365().apply(graph(answer), action)
    assert outcome.remote_id == user["id"]


async def test_a_stranger_s_account_is_left_alone_without_consent(microsoft: MicrosoftHarness) -> None:
    await microsoft.add_foreign_account()
    asked = await make_plan(microsoft, Books(), leaver("suspended"))
    assert asked.choices
    assert [one.kind for one in asked.actions][:2] == [ActionKind.ADOPT, ActionKind.REVOKE_SESSIONS]
    assert all("adopt" in one.depends_on for one in asked.actions[1:])
    with pytest.raises(Refused):
        await make_plan(microsoft, Books(), Desired(presence="suspended", existing_account="fail"))


async def test_leaving_with_consent_takes_over_and_blocks(microsoft: MicrosoftHarness) -> None:
    await microsoft.add_foreign_account()
    books = Books()
    made = await make_plan(microsoft, books, Desired(presence="suspended", existing_account="adopt"))
    await carry_out(microsoft, books, made)
    assert not (microsoft.account() or {})["enabled"]
    assert books.known.adopted


async def test_nobody_leaves_twice_or_who_never_came(microsoft: MicrosoftHarness) -> None:
    made = await make_plan(microsoft, Books(), leaver("absent"))
    assert is_settled(made)
    assert [one.code for one in made.notices] == ["no_account"]


async def test_an_account_that_somebody_else_deleted_leaves_the_books(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    url = f"{microsoft.sandbox.microsoft_url}/v1.0/users/{books.known.remote_id}"
    (await microsoft.http.delete(url)).raise_for_status()
    made = await make_plan(microsoft, books, leaver("suspended"))
    assert is_settled(made)
    await carry_out(microsoft, books, made)
    assert books.known.remote_id is None


async def test_removals_of_an_account_that_is_gone_are_done(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    made = await make_plan(microsoft, books, leaver("absent"))
    known = books.known
    await act(microsoft, books, made.actions[-1])
    for action in made.actions[2:-1]:
        outcome = await microsoft.provider.apply(microsoft.context(known), action)
        assert outcome.taken


async def test_coming_back_after_a_delete_meets_the_recycle_bin(microsoft: MicrosoftHarness) -> None:
    books, plan = await onboard(microsoft)
    await carry_out(microsoft, books, await make_plan(microsoft, books, leaver("absent")))
    with pytest.raises(Refused, match="recycle bin"):
        await make_plan(microsoft, books, Desired(fields=microsoft.wish))
    with pytest.raises(ActionRequired, match="recycle bin"):
        await act(microsoft, books, plan.actions[0])


async def test_a_blocked_account_needs_no_second_block(microsoft: MicrosoftHarness) -> None:
    books, _ = await onboard(microsoft)
    plan = await make_plan(microsoft, books, leaver("suspended"))
    for action in plan.actions[:2]:
        await act(microsoft, books, action)
    rest = await make_plan(microsoft, books, leaver("suspended"))
    kinds: set[Any] = {one.kind for one in rest.actions}
    assert kinds == {ActionKind.REMOVE_LICENSE, ActionKind.REMOVE_FROM_GROUP}
    assert all(not one.depends_on for one in rest.actions)
