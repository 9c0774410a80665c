"""What is odd about HubSpot, met in the sandbox."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from services.shared.providers.hubspot.answers import HubSpotAnswer, explain_answer
from services.shared.providers.hubspot.form import HubSpotForm
from services.shared.sdk.contract import Desired, Known, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, leaver, make_plan, onboard, wish
from tests.fixtures.sandbox import Sandbox
from tests.providers.hubspot.harness import HubSpotHarness


async def plan(hubspot: HubSpotHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(hubspot, books, Desired(fields=fields))


@pytest.mark.parametrize(
    "path",
    [
        "/settings/v3/users",
        "/settings/users/v3",
        "/settings/users/2026-03",
        "/settings/users/2026-09-beta",
        "/settings/v3/users/",
    ],
)
async def test_every_family_of_paths_does_the_whole_job(sandbox: Sandbox, path: str) -> None:
    hubspot = HubSpotHarness(sandbox, path.rstrip("/"))
    fields = {name: value for name, value in hubspot.wish.items() if name != "seats"}
    books = Books()
    await carry_out(hubspot, books, await plan(hubspot, books, **fields))
    account = hubspot.account() or {}
    assert account["role"] == fields["permission_set"]
    assert account["primary_team"] == fields["primary_team"]
    assert sorted(account["groups"]) == sorted([fields["primary_team"], *fields["teams"]])
    assert is_settled(await plan(hubspot, books, **fields))
    gone = await make_plan(hubspot, books, leaver("absent"))
    await carry_out(hubspot, books, gone)
    assert hubspot.account() is None
    await hubspot.aclose()


@pytest.mark.parametrize(
    ("families", "told"),
    [
        ("dated beta", "Choose /settings/users/2026-03 in the connection's settings"),
        ("classic split dated beta", "Choose /settings/v3/users in the connection's settings"),
        ("none", "Choose another path"),
    ],
)
async def test_a_family_that_was_withdrawn_is_not_taken_for_an_absent_person(
    sandbox: Sandbox, families: str, told: str
) -> None:
    sandbox.configure("hubspot", modes={"families": families})
    hubspot = HubSpotHarness(sandbox, "/settings/users/2031-01")
    with pytest.raises(Refused, match=told):
        await plan(hubspot, Books())
    issues = await hubspot.provider.validate(hubspot.context(Known(), reading=True))
    assert [issue.field for issue in issues] == ["users_path"]
    assert told in issues[0].message
    await hubspot.aclose()


async def test_where_the_api_has_no_seats_a_person_assigns_them(sandbox: Sandbox) -> None:
    hubspot, books = HubSpotHarness(sandbox, "/settings/users/2026-03"), Books()
    made = await plan(hubspot, books, seats=["Core Seat"])
    task = made.actions[-1]
    assert task.kind is ActionKind.MANUAL_TASK
    assert task.params["instructions"]
    assert task.params["link"].startswith("https://app.hubspot.com/")
    await carry_out(hubspot, books, made.model_copy(update={"actions": made.actions[:1]}))
    said = await hubspot.provider.confirm(hubspot.context(books.known, reading=True), task)
    assert said is not None
    books.record(said)
    assert is_settled(await plan(hubspot, books, seats=["Core Seat"])), "it is not asked for twice"
    await hubspot.aclose()


async def test_free_seats_are_told_and_a_full_one_parks(hubspot: HubSpotHarness, books: Books) -> None:
    hubspot.sandbox.set_seats("hubspot", "Sales Seat", 0, tenant="acme.example")
    made = await plan(hubspot, books, seats=["Sales Seat", "Core Seat"])
    free = {seat.key: seat.free for seat in made.seats}
    assert free["Sales Seat"] == 0
    assert (free["Core Seat"] or 0) > 0
    await carry_out(hubspot, books, made.model_copy(update={"actions": made.actions[:1]}))
    with pytest.raises(ActionRequired) as parked:
        await hubspot.provider.apply(hubspot.context(books.known), made.actions[1])
    assert parked.value.code is ErrorCode.NO_SEATS
    assert isinstance(hubspot.provider, OffersOptions)
    offered = await hubspot.provider.options(hubspot.context(Known(), reading=True), "seats", "sales")
    assert [(one.value, one.free, one.disabled) for one in offered] == [("Sales Seat", 0, True)]


@pytest.mark.parametrize("status", ["409", "400"])
async def test_a_duplicate_in_either_form_is_somebody_elses(
    hubspot: HubSpotHarness, books: Books, status: str
) -> None:
    hubspot.sandbox.configure("hubspot", modes={"duplicate": status})
    made = await plan(hubspot, books)
    await hubspot.add_foreign_account()
    with pytest.raises(ActionRequired) as taken:
        await hubspot.provider.apply(hubspot.context(books.known), made.actions[0])
    assert taken.value.code is ErrorCode.ALREADY_EXISTS


async def test_another_main_team_takes_the_place_of_the_one_that_is_there(
    hubspot: HubSpotHarness, books: Books
) -> None:
    sales, engineering = hubspot.teams["Sales"], hubspot.teams["Engineering"]
    await carry_out(hubspot, books, await plan(hubspot, books, primary_team=sales))
    made = await plan(hubspot, books, primary_team=engineering)
    assert [action.kind for action in made.actions] == [ActionKind.ADD_TO_GROUP]
    assert made.actions[0].before == {"main_team": "Sales"}
    await carry_out(hubspot, books, made)
    assert (hubspot.account() or {})["primary_team"] == engineering
    none = await plan(hubspot, books)
    assert [action.kind for action in none.actions] == [ActionKind.REMOVE_FROM_GROUP]
    await carry_out(hubspot, books, none)
    assert (hubspot.account() or {})["groups"] == []


async def test_an_address_cannot_be_changed_and_the_plan_says_so(
    hubspot: HubSpotHarness, books: Books
) -> None:
    books, _ = await onboard(hubspot)
    hubspot.joiner = hubspot.joiner.model_copy(update={"work_email": "grace.murray@acme.example"})
    made = await make_plan(hubspot, books, wish(hubspot))
    assert is_settled(made)
    assert "other_address" in {notice.code for notice in made.notices}


async def test_the_welcome_mail_is_the_requests_choice(hubspot: HubSpotHarness, books: Books) -> None:
    await carry_out(hubspot, books, await plan(hubspot, books, send_welcome_email=True))
    assert (hubspot.account() or {})["welcomed"] is True


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"permission_set": "999"}, "permission_set"),
        ({"primary_team": "999"}, "primary_team"),
        ({"teams": ["999"]}, "teams"),
        ({"seats": ["Golden Seat"]}, "seats"),
    ],
)
async def test_what_hubspot_does_not_have_is_named_before_anything_happens(
    hubspot: HubSpotHarness, books: Books, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        await plan(hubspot, books, **fields)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_FIELD, field)


async def test_another_accounts_token_is_no_valid_connection(hubspot: HubSpotHarness) -> None:
    hubspot.settings = hubspot.settings.model_copy(update={"portal_id": "1"})
    issues = await hubspot.provider.validate(hubspot.context(Known(), reading=True))
    assert [issue.field for issue in issues] == ["portal_id"]


async def test_leaving_for_a_while_is_removal_said_plainly(hubspot: HubSpotHarness) -> None:
    books, _ = await onboard(hubspot)
    made = await make_plan(hubspot, books, leaver("suspended"))
    assert [action.kind for action in made.actions] == [ActionKind.DELETE]
    assert "removed_at_once" in {notice.code for notice in made.notices}
    await carry_out(hubspot, books, made)
    assert hubspot.account() is None


def test_a_day_that_is_used_up_is_looked_at_again_every_hour() -> None:
    body = {"status": "error", "message": "You have reached your daily limit.", "policyName": "DAILY"}
    error = explain_answer(HubSpotAnswer("GET users", httpx.Response(429, json=body)))
    assert isinstance(error, Transient)
    assert error.retry_after == 3600


def test_an_answer_that_nobody_knows_is_told_verbatim() -> None:
    error = explain_answer(HubSpotAnswer("GET users", httpx.Response(418, text="short and stout")))
    assert isinstance(error, Refused)
    assert (error.code, error.vendor_message) == (ErrorCode.UNKNOWN, "short and stout")


def test_the_form_takes_what_people_write() -> None:
    form = HubSpotForm.model_validate(
        {"roleId": "1", "primaryTeamId": "2", "secondaryTeamIds": ["2", "3", "3"], "seat": "Core Seat"}
    )
    assert (form.permission_set, form.primary_team, form.teams, form.seats) == (
        "1",
        "2",
        ("3",),
        ("Core Seat",),
    )
    with pytest.raises(ValidationError):
        HubSpotForm.model_validate({"teams": [" "]})
