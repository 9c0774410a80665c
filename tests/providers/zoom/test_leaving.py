"""Leaving Zoom: deactivated, unlinked, deleted; and whom Zoom protects."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.providers.zoom.form import ZoomSettings
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, ProviderError, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, leaver, make_plan
from tests.providers.zoom.harness import ZoomHarness


async def bring(zoom: ZoomHarness, books: Books, **fields: Any) -> None:
    await carry_out(zoom, books, await make_plan(zoom, books, Desired(fields=fields)))


def keys(made: Plan) -> list[str]:
    return [action.key for action in made.actions]


async def failing(zoom: ZoomHarness, books: Books, made: Plan, key: str) -> ProviderError:
    action = next(one for one in made.actions if one.key == key)
    with pytest.raises(ProviderError) as caught:
        await zoom.provider.apply(zoom.context(books.known), action)
    return caught.value


@pytest.mark.parametrize("presence", ["suspended", "absent"])
async def test_who_is_pending_is_unlinked(zoom: ZoomHarness, books: Books, presence: Any) -> None:
    """Zoom neither deactivates nor deletes pending people."""
    made = await make_plan(zoom, books, Desired())
    books.record(await zoom.provider.apply(zoom.context(books.known), made.actions[0]))
    plan = await make_plan(zoom, books, leaver(presence))
    assert [(one.kind, one.title) for one in plan.actions] == [
        (ActionKind.DELETE, "Withdraw Zoom's invitation")
    ]
    (outcome,) = await carry_out(zoom, books, plan)
    assert outcome.gone
    last = zoom.sandbox.effects("zoom", zoom.joiner.work_email)[-1]
    assert (last["kind"], last["detail"]["action"]) == ("user.disassociate", "disassociate")
    assert is_settled(await make_plan(zoom, books, leaver(presence)))


async def test_who_accepts_between_plan_and_withdrawal_is_not_unlinked(
    zoom: ZoomHarness, books: Books
) -> None:
    made = await make_plan(zoom, books, Desired())
    books.record(await zoom.provider.apply(zoom.context(books.known), made.actions[0]))
    plan = await make_plan(zoom, books, leaver("suspended"))
    await zoom.accept()
    error = await failing(zoom, books, plan, "delete")
    assert isinstance(error, Refused)
    assert error.code is ErrorCode.CONFLICT
    assert await zoom.count_accounts() == 1


async def test_a_lapsed_invitation_leaves_nothing_to_do(zoom: ZoomHarness, books: Books) -> None:
    made = await make_plan(zoom, books, Desired())
    books.record(await zoom.provider.apply(zoom.context(books.known), made.actions[0]))
    await zoom.lapse()
    assert is_settled(await make_plan(zoom, books, leaver("absent")))


async def test_deactivating_takes_every_licence_and_the_books_say_so(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books, license_type="licensed", add_ons=["webinar500"])
    await carry_out(zoom, books, await make_plan(zoom, books, leaver("suspended")))
    account = zoom.account() or {}
    assert (account["status"], account["licenses"], account["sign_outs"]) == ("inactive", [], 1)
    assert books.known.grants == ()


async def test_an_administrator_whom_oneclick_made_one_is_deactivated(
    zoom: ZoomHarness, books: Books
) -> None:
    await bring(zoom, books, role="Admin")
    plan = await make_plan(zoom, books, leaver("suspended"))
    assert keys(plan) == ["sessions", "role:1", "suspend"]
    assert plan.actions[2].depends_on == (), "a role that cannot be taken must not hold up the deactivation"
    await carry_out(zoom, books, plan)
    assert (zoom.account() or {})["status"] == "inactive"


async def test_an_administrator_whom_others_made_one_is_a_person_s_matter(
    zoom: ZoomHarness, books: Books
) -> None:
    await bring(zoom, books)
    body = {"members": [{"id": books.known.remote_id}]}
    (await zoom.http.post(f"{zoom.endpoints['zoom_api']}/roles/1/members", json=body)).raise_for_status()
    plan = await make_plan(zoom, books, leaver("suspended"))
    assert "kept_role" in {one.code for one in plan.notices}
    error = await failing(zoom, books, plan, "suspend")
    assert isinstance(error, ActionRequired)
    assert error.code is ErrorCode.CONFLICT


@pytest.mark.parametrize("how", ["delete", "disassociate"])
async def test_deleting_is_said_out_loud_whatever_zoom_s_own_default_is(
    zoom: ZoomHarness, books: Books, how: Any
) -> None:
    zoom.settings = ZoomSettings(account_id="a", on_delete=how)
    await bring(zoom, books)
    plan = await make_plan(zoom, books, leaver("absent"))
    assert [one.code for one in plan.notices] == ["final" if how == "delete" else "handed_over"]
    await carry_out(zoom, books, plan)
    assert zoom.sandbox.effects("zoom", zoom.joiner.work_email)[-1]["detail"]["action"] == how


async def test_people_of_a_managed_domain_are_not_unlinked(zoom: ZoomHarness, books: Books) -> None:
    zoom.settings = ZoomSettings(account_id="a", on_delete="disassociate")
    zoom.sandbox.configure("zoom", modes={"managed_domain": "on"})
    await bring(zoom, books)
    error = await failing(zoom, books, await make_plan(zoom, books, leaver("absent")), "delete")
    assert isinstance(error, ActionRequired)
    assert error.code is ErrorCode.CONFLICT


async def test_a_deactivated_user_that_zoom_keeps_is_told(zoom: ZoomHarness, books: Books) -> None:
    zoom.sandbox.configure("zoom", modes={"inactive_delete": "refused"})
    await bring(zoom, books)
    await carry_out(zoom, books, await make_plan(zoom, books, leaver("suspended")))
    plan = await make_plan(zoom, books, leaver("absent"))
    assert keys(plan) == ["delete"]
    error = await failing(zoom, books, plan, "delete")
    assert isinstance(error, ActionRequired)
    assert "activate it first" in str(error)


async def test_coming_back_without_a_seat_waits_for_a_person(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books)
    await carry_out(zoom, books, await make_plan(zoom, books, leaver("suspended")))
    zoom.sandbox.set_seats("zoom", "basic", 0, tenant="acme.example")
    plan = await make_plan(zoom, books, Desired())
    assert keys(plan) == ["activate"]
    error = await failing(zoom, books, plan, "activate")
    assert isinstance(error, ActionRequired)
    assert error.code is ErrorCode.NO_SEATS
