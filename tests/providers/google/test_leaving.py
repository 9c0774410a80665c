"""Leaving at Google: cookies, app tokens and app passwords first."""

from __future__ import annotations

import httpx
import pytest

from services.shared.sdk.contract import Desired, Known
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books, Fault, FaultKind
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan, onboard
from tests.providers.google.harness import GoogleHarness


def priya(google: GoogleHarness) -> Books:
    """Somebody with app tokens and an app password, adopted long ago."""
    google.joiner = google.joiner.model_copy(update={"work_email": "priya.raman@acme.example"})
    books = Books()
    books.known = Known(remote_id=str((google.account() or {})["id"]), adopted=True)
    return books


async def test_every_way_in_is_closed(google: GoogleHarness) -> None:
    books = priya(google)
    plan = await make_plan(google, books, Desired(presence="suspended"))
    assert [one.kind for one in plan.actions] == [ActionKind.REVOKE_SESSIONS, ActionKind.SUSPEND]
    assert plan.actions[0].before == {"app_tokens_and_passwords": 2}
    assert plan.actions[1].depends_on == (), "a sign-out that fails must not delay the suspension"
    await carry_out(google, books, plan)
    kinds = [one.kind for one in await google.effects()]
    assert kinds == ["sessions.revoke", "token.delete", "asp.delete", "user.update"]
    assert {one.code for one in plan.notices} >= {"kept_license", "kept_group"}
    assert is_settled(await make_plan(google, books, Desired(presence="suspended")))


async def test_keys_that_appear_after_the_suspension_are_revoked(google: GoogleHarness) -> None:
    books = priya(google)
    plan = await make_plan(google, books, Desired(presence="suspended"))
    await act(google, books, plan.actions[1])
    again = await make_plan(google, books, Desired(presence="suspended"))
    assert [one.kind for one in again.actions] == [ActionKind.REVOKE_SESSIONS]


async def test_a_token_that_went_meanwhile_is_no_error(google: GoogleHarness) -> None:
    books = priya(google)
    plan = await make_plan(google, books, Desired(presence="suspended"))
    fault = Fault(kind=FaultKind.COMMIT_THEN_DROP, method="DELETE", path_regex="tokens")
    await google.inject(fault)
    with pytest.raises(httpx.TransportError):
        await google.provider.apply(google.context(books.known), plan.actions[0])
    assert await google.provider.confirm(google.context(books.known), plan.actions[0]) is None
    await act(google, books, plan.actions[0])
    assert [one.kind for one in await google.effects()].count("token.delete") == 1


@pytest.mark.parametrize("status", [200, 204])
async def test_deleting_answers_with_either_code(status: int, google: GoogleHarness) -> None:
    google.sandbox.configure("google", delete_status=status)
    books, _ = await onboard(google)
    plan = await make_plan(google, books, Desired(presence="absent"))
    assert [one.code for one in plan.notices] == ["restorable"]
    assert [one.key for one in plan.actions][:2] == ["sessions", "suspend"]
    assert all("suspend" in one.depends_on for one in plan.actions[2:])
    outcomes = await carry_out(google, books, plan)
    assert outcomes[-1].gone
    assert await google.count_accounts() == 0


async def test_an_unmanaged_account_leaves_with_consent_only(google: GoogleHarness, books: Books) -> None:
    await google.add_foreign_account()
    asked = await make_plan(google, books, Desired(presence="suspended"))
    assert [one.code for one in asked.choices] == ["existing_account"]
    with pytest.raises(Refused) as caught:
        await make_plan(google, books, Desired(presence="suspended", existing_account="fail"))
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
    agreed = await make_plan(google, books, Desired(presence="suspended", existing_account="adopt"))
    assert not agreed.choices
    await carry_out(google, books, agreed)
    assert (google.account() or {})["enabled"] is False


async def test_unmanaged_grants_go_on_purpose(google: GoogleHarness) -> None:
    books = priya(google)
    plan = await make_plan(google, books, Desired(presence="suspended", unmanaged="remove"))
    await carry_out(google, books, plan)
    account = google.account() or {}
    assert (account["licenses"], account["groups"]) == ([], [])


async def test_coming_back_within_twenty_days_is_told(google: GoogleHarness) -> None:
    books, _ = await onboard(google)
    await carry_out(google, books, await make_plan(google, books, Desired(presence="absent")))
    plan = await make_plan(google, books, Desired())
    assert [one.code for one in plan.notices] == ["deleted_account"]
    assert plan.actions[0].kind is ActionKind.CREATE
