"""Zoom's people: invited, made at once, taken, lapsed, sent anew."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.shared.sdk.contract import Desired, Known, OutcomeState, Plan, PlannedAction
from services.shared.sdk.errors import ActionRequired, ErrorCode, ProviderError, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan
from tests.providers.zoom.harness import ZoomHarness

_SALES = {"groups": ["Sales"]}


async def plan(zoom: ZoomHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(zoom, books, Desired(fields=fields))


async def apply_until_waiting(zoom: ZoomHarness, books: Books, **fields: Any) -> PlannedAction:
    """Everything up to the acceptance, which is out now; returns its action."""
    for action in (await plan(zoom, books, **fields)).actions:
        outcome = await zoom.provider.apply(zoom.context(books.known), action)
        books.record(outcome)
        if outcome.state is OutcomeState.AWAITING_ACCEPTANCE:
            return action
    raise AssertionError("nothing waits for an acceptance")


def keys(made: Plan) -> list[str]:
    return [action.key for action in made.actions]


async def test_what_can_be_had_while_pending_does_not_wait(zoom: ZoomHarness, books: Books) -> None:
    waiting = await apply_until_waiting(zoom, books, license_type="licensed", **_SALES)
    account = zoom.account()
    assert account is not None
    assert (account["status"], account["type"], account["group_names"]) == ("pending", 1, ["Sales"])
    assert (waiting.kind, waiting.depends_on) == (ActionKind.INVITE, ("create",))
    await zoom.accept()
    found = await zoom.provider.confirm(zoom.context(books.known, reading=True), waiting)
    assert found is not None
    assert (found.state, found.remote_id, found.note) == (OutcomeState.DONE, account["id"], None)


@pytest.mark.parametrize("mode", ["full", "half"])
async def test_while_our_invitation_is_out_the_waiting_is_planned_again(
    zoom: ZoomHarness, books: Books, mode: str
) -> None:
    zoom.sandbox.configure("zoom", modes={"pending_read": mode})
    await apply_until_waiting(zoom, books, license_type="licensed", **_SALES)
    again = await plan(zoom, books, license_type="licensed", **_SALES)
    assert keys(again) == ["acceptance", "profile", "license:licensed"]
    assert again.fingerprint == (await plan(zoom, books, license_type="licensed", **_SALES)).fingerprint
    reading = zoom.context(books.known, reading=True)
    seen = await zoom.provider.confirm(reading, again.actions[0])
    assert seen is not None
    assert seen.state is OutcomeState.AWAITING_ACCEPTANCE


async def test_an_invitation_that_ran_out_is_neither_waiting_nor_accepted(
    zoom: ZoomHarness, books: Books
) -> None:
    waiting = await apply_until_waiting(zoom, books)
    await zoom.lapse()
    assert await zoom.provider.confirm(zoom.context(books.known, reading=True), waiting) is None
    again = await plan(zoom, books)
    assert keys(again)[0] == "create"
    assert again.notices[0].code == "lapsed"
    await carry_out(zoom, books, again)
    account = zoom.account()
    assert account is not None
    assert (account["status"], account["id"]) == ("active", books.known.remote_id)


async def test_waiting_for_what_is_gone_invites_anew(zoom: ZoomHarness, books: Books) -> None:
    waiting = await apply_until_waiting(zoom, books, **_SALES)
    await zoom.lapse()
    outcome = await zoom.provider.apply(zoom.context(books.known), waiting)
    assert outcome.state is OutcomeState.AWAITING_ACCEPTANCE
    assert outcome.remote_id != books.known.remote_id
    account = zoom.account()
    assert account is not None
    assert (account["status"], account["group_names"]) == ("pending", ["Sales"])


def sent_again(waiting: PlannedAction) -> PlannedAction:
    """As the core asks for an invitation that is not older than now."""
    return waiting.model_copy(
        update={"params": {**waiting.params, "resend_at": datetime.now(UTC).isoformat()}}
    )


async def test_sending_again_unlinks_and_invites_with_the_same_groups(
    zoom: ZoomHarness, books: Books
) -> None:
    waiting = await apply_until_waiting(zoom, books, **_SALES)
    first = books.known.remote_id
    outcome = await zoom.provider.apply(zoom.context(books.known), sent_again(waiting))
    account = zoom.account()
    assert account is not None
    assert outcome.state is OutcomeState.AWAITING_ACCEPTANCE
    assert (outcome.remote_id, account["group_names"]) == (account["id"], ["Sales"])
    assert account["id"] != first
    kinds = [one.kind for one in await zoom.effects()]
    assert kinds == ["user.create", "member.add", "user.disassociate", "user.create", "member.add"]


@pytest.mark.parametrize("cut", ["DELETE", "POST", "PATCH"])
async def test_sending_again_that_was_cut_off_goes_on_and_sends_once(
    zoom: ZoomHarness, books: Books, cut: str
) -> None:
    waiting = sent_again(await apply_until_waiting(zoom, books, **_SALES))
    zoom.sandbox.arm("zoom", "commit_then_status", match={"method": cut})
    with pytest.raises(Transient):
        await zoom.provider.apply(zoom.context(books.known), waiting)
    seen = await zoom.provider.confirm(zoom.context(books.known, reading=True), waiting)
    assert seen is None or seen.state is OutcomeState.AWAITING_ACCEPTANCE
    outcome = await zoom.provider.apply(zoom.context(books.known), waiting)
    account = zoom.account()
    assert account is not None
    assert (outcome.remote_id, account["group_names"]) == (account["id"], ["Sales"])
    assert [one.kind for one in await zoom.effects()].count("user.create") == 2


async def test_sending_again_to_somebody_who_accepted_meanwhile_changes_nothing(
    zoom: ZoomHarness, books: Books
) -> None:
    waiting = sent_again(await apply_until_waiting(zoom, books))
    await zoom.accept()
    before = len(await zoom.effects())
    outcome = await zoom.provider.apply(zoom.context(books.known), waiting)
    assert outcome.state is OutcomeState.DONE
    assert len(await zoom.effects()) == before


async def test_a_group_that_zoom_forgot_is_told_and_planned_again(zoom: ZoomHarness, books: Books) -> None:
    waiting = await apply_until_waiting(zoom, books, **_SALES)
    await zoom.accept()
    url = f"{zoom.endpoints['zoom_api']}/groups/{zoom.groups['Sales']}/members/{books.known.remote_id}"
    (await zoom.http.delete(url)).raise_for_status()
    outcome = await act(zoom, books, waiting)
    assert outcome.note is not None
    assert "Sales" in outcome.note
    assert books.known.grants == ()
    assert f"group:{zoom.groups['Sales']}" in keys(await plan(zoom, books, **_SALES))


async def test_somebody_whom_others_invited_is_asked_about_and_waited_for(
    zoom: ZoomHarness, books: Books
) -> None:
    zoom.sandbox.add_user("zoom", zoom.joiner.work_email, fields={"status": "pending"})
    asked = await plan(zoom, books)
    assert [one.code for one in asked.choices] == ["existing_account"]
    assert "pending" in asked.choices[0].message
    adopting = await make_plan(zoom, books, Desired(existing_account="adopt"))
    assert keys(adopting)[:2] == ["adopt", "acceptance"]
    await carry_out(zoom, books, adopting)
    assert is_settled(await plan(zoom, books))


@pytest.mark.parametrize("mode", ["live", "spec", "active"])
async def test_both_forms_of_a_duplicate_ask_a_person(zoom: ZoomHarness, books: Books, mode: str) -> None:
    zoom.sandbox.configure("zoom", modes={"duplicate": mode})
    create = (await plan(zoom, books)).actions[0]
    await zoom.add_foreign_account()
    with pytest.raises(ActionRequired) as caught:
        await zoom.provider.apply(zoom.context(Known()), create)
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
    assert "OneClick did not make it" in str(caught.value)


async def failing_create(zoom: ZoomHarness, **fields: Any) -> ProviderError:
    create = (await plan(zoom, Books(), **fields)).actions[0]
    with pytest.raises(ProviderError) as caught:
        await zoom.provider.apply(zoom.context(Known()), create)
    return caught.value


@pytest.mark.parametrize("way", ["autoCreate", "ssoCreate"])
async def test_a_way_that_zoom_has_not_enabled_is_not_entitled(zoom: ZoomHarness, way: str) -> None:
    error = await failing_create(zoom, creation=way)
    assert (error.code, error.field) == (ErrorCode.NOT_ENTITLED, "creation")


@pytest.mark.parametrize("code", ["2033", "3412"])
async def test_without_a_basic_seat_somebody_has_to_make_room(zoom: ZoomHarness, code: str) -> None:
    zoom.sandbox.configure("zoom", modes={"basic_limit_code": code})
    zoom.sandbox.set_seats("zoom", "basic", 0, tenant="acme.example")
    error = await failing_create(zoom)
    assert isinstance(error, ActionRequired)
    assert error.code is ErrorCode.NO_SEATS


async def test_a_blocked_domain_names_the_address(zoom: ZoomHarness) -> None:
    zoom.joiner = zoom.joiner.model_copy(update={"work_email": "grace@blocked.example"})
    error = await failing_create(zoom)
    assert (error.code, error.field) == (ErrorCode.INVALID_FIELD, "employee.work_email")


async def test_the_day_s_invitations_are_waited_for_an_hour_at_a_time(zoom: ZoomHarness) -> None:
    zoom.sandbox.configure("zoom", modes={"create_cap": "0"})
    error = await failing_create(zoom)
    assert isinstance(error, Transient)
    assert (error.code, error.retry_after) == (ErrorCode.RATE_LIMITED, 3600.0)


async def test_only_auto_create_sets_the_first_password(zoom: ZoomHarness, books: Books) -> None:
    zoom.sandbox.configure("zoom", modes={"auto_create": "on"})
    await carry_out(zoom, books, await plan(zoom, books, creation="autoCreate"))
    secret = zoom.password.get_secret_value()
    assert zoom.sandbox.has_password("zoom", zoom.joiner.work_email, secret)
    assert (zoom.account() or {})["status"] == "active"


async def test_sso_create_can_make_a_user_without_a_licence(zoom: ZoomHarness, books: Books) -> None:
    zoom.sandbox.configure("zoom", modes={"sso_create": "on"})
    await carry_out(zoom, books, await plan(zoom, books, creation="ssoCreate", license_type="none"))
    assert (zoom.account() or {})["type"] == 99
    assert is_settled(await plan(zoom, books, creation="ssoCreate", license_type="none"))


async def test_the_profile_follows_the_employee(zoom: ZoomHarness, books: Books) -> None:
    await carry_out(zoom, books, await plan(zoom, books))
    zoom.joiner = zoom.joiner.model_copy(update={"full_name": "Grace Murray", "job_title": "Rear Admiral"})
    changed = await plan(zoom, books)
    assert keys(changed) == ["profile"]
    assert changed.actions[0].before == {
        "first_name": "Grace Brewster",
        "last_name": "Hopper",
        "job_title": "Compiler Engineer",
    }
    await carry_out(zoom, books, changed)
    account = zoom.account() or {}
    assert (account["name"]["last_name"], account["fields"]["job_title"]) == ("Murray", "Rear Admiral")


async def test_an_address_that_differs_is_told_and_left(zoom: ZoomHarness, books: Books) -> None:
    await carry_out(zoom, books, await plan(zoom, books))
    zoom.joiner = zoom.joiner.model_copy(update={"work_email": "g.murray@acme.example"})
    assert [one.code for one in (await plan(zoom, books)).notices] == ["other_address"]


@pytest.mark.parametrize("suffix", ["", "/v2", "/"])
async def test_the_address_that_came_with_the_token_is_used(
    zoom: ZoomHarness, books: Books, suffix: str
) -> None:
    """Zoom says it without the version (developers.zoom.us/docs/internal-apps/s2s-oauth)."""
    zoom.endpoints = {"zoom_api": "http://127.0.0.1:9/v2", "api_url": f"{zoom.sandbox.url}/zoom{suffix}"}
    await carry_out(zoom, books, await plan(zoom, books))
    assert (zoom.account() or {})["status"] == "active"


async def test_each_missing_scope_is_named(zoom: ZoomHarness) -> None:
    zoom.sandbox.reset(tokens=True)
    zoom.sandbox.configure("zoom", modes={"scopes": "user:read:admin user:write:admin"})
    narrow = ZoomHarness(zoom.sandbox)
    try:
        issues = await narrow.provider.validate(narrow.context(Known(), reading=True))
    finally:
        await narrow.aclose()
    assert [one.message.split()[2] for one in issues] == [
        "group:read:admin",
        "role:read:admin",
        "account:read:admin",
    ]


async def test_a_success_that_shows_nobody_is_no_success(zoom: ZoomHarness, books: Books) -> None:
    create = (await plan(zoom, books)).actions[0]
    zoom.sandbox.arm("zoom", "garbage", match={"method": "POST"}, body="empty")
    with pytest.raises(Refused) as caught:
        await zoom.provider.apply(zoom.context(Known()), create)
    assert caught.value.code is ErrorCode.UNKNOWN
