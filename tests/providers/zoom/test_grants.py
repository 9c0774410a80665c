"""Zoom's licences, add-ons, groups and roles."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import httpx
import pytest

from services.shared.providers.zoom.add_ons import read_seats
from services.shared.providers.zoom.provider import Zoom
from services.shared.sdk.contract import Desired, Known, OutcomeState, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, ProviderError, Refused
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan
from tests.providers.zoom.harness import ZoomHarness

WEBINAR: dict[str, Any] = {"license_type": "licensed", "add_ons": ["webinar500"]}


async def plan(zoom: ZoomHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(zoom, books, Desired(fields=fields))


async def bring(zoom: ZoomHarness, books: Books, **fields: Any) -> None:
    await carry_out(zoom, books, await plan(zoom, books, **fields))


def keys(made: Plan) -> list[str]:
    return [action.key for action in made.actions]


async def refusal_of(zoom: ZoomHarness, books: Books, key: str, **fields: Any) -> ProviderError:
    """Apply the plan up to the action with this key, which fails."""
    for action in (await plan(zoom, books, **fields)).actions:
        if action.key == key:
            with pytest.raises(ProviderError) as caught:
                await zoom.provider.apply(zoom.context(books.known), action)
            return caught.value
        await act(zoom, books, action)
    raise AssertionError(f"no {key} is planned")


@pytest.mark.parametrize("code", ["2034", "3412"])
async def test_a_used_up_licence_waits_for_a_person(zoom: ZoomHarness, books: Books, code: str) -> None:
    zoom.sandbox.configure("zoom", modes={"paid_limit_code": code})
    zoom.sandbox.set_seats("zoom", "licensed", 0, tenant="acme.example")
    made = await plan(zoom, books, license_type="licensed")
    assert [(one.key, one.free, one.needed) for one in made.seats] == [("licensed", 0, 1)]
    error = await refusal_of(zoom, books, "license:licensed", license_type="licensed")
    assert isinstance(error, ActionRequired)
    assert error.code is ErrorCode.NO_SEATS


async def test_a_used_up_add_on_says_so_by_sentence_alone(zoom: ZoomHarness, books: Books) -> None:
    zoom.sandbox.set_seats("zoom", "webinar500", 0, tenant="acme.example")
    error = await refusal_of(zoom, books, "license:webinar500", **WEBINAR)
    assert isinstance(error, ActionRequired)
    assert (error.code, error.vendor_message) == (
        ErrorCode.NO_SEATS,
        "You can add max 0 Webinar 500 users.",
    )


async def test_a_licence_is_not_given_to_somebody_who_is_pending(zoom: ZoomHarness, books: Books) -> None:
    made = await plan(zoom, books, license_type="licensed")
    books.record(await zoom.provider.apply(zoom.context(books.known), made.actions[0]))
    licence = next(one for one in made.actions if one.key == "license:licensed")
    with pytest.raises(Refused) as caught:
        await zoom.provider.apply(zoom.context(books.known), licence)
    assert caught.value.code is ErrorCode.CONFLICT
    assert (zoom.account() or {})["type"] == 1


async def test_another_size_takes_the_place_of_the_one_that_is_there(zoom: ZoomHarness, books: Books) -> None:
    zoom.sandbox.set_seats("zoom", "webinar1000", 1, tenant="acme.example")
    await bring(zoom, books, **WEBINAR)
    grown = {**WEBINAR, "add_ons": ["webinar1000"]}
    made = await plan(zoom, books, **grown)
    assert [one.title for one in made.actions] == ["Switch Webinar 500 to Webinar 1000"]
    await carry_out(zoom, books, made)
    assert (zoom.account() or {})["licenses"] == ["licensed", "webinar1000"]
    assert {grant.key for grant in books.known.grants} == {"licensed", "webinar1000"}


async def test_without_the_licence_the_add_ons_go_first(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books, **WEBINAR)
    made = await plan(zoom, books)
    assert keys(made) == ["license:webinar500", "license:licensed"]
    assert made.actions[1].depends_on == ("license:webinar500",)
    await carry_out(zoom, books, made)
    assert (zoom.account() or {})["licenses"] == []


async def test_add_ons_that_others_gave_keep_the_licence(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books, license_type="licensed")
    feature = {"feature": {"webinar": True, "webinar_capacity": 500}}
    url = f"{zoom.endpoints['zoom_api']}/users/{books.known.remote_id}/settings"
    (await zoom.http.patch(url, json=feature)).raise_for_status()
    made = await plan(zoom, books)
    assert is_settled(made)
    assert [one.code for one in made.notices] == ["kept_license", "kept_license"]


async def test_free_seats_are_told_and_used_up_add_ons_cannot_be_chosen(zoom: ZoomHarness) -> None:
    offered = await Zoom().options(zoom.context(Known(), reading=True), "add_ons", "webinar")
    shown = {one.value: (one.label, one.free, one.disabled) for one in offered}
    assert shown == {"webinar500": ("Webinar 500", 2, False), "webinar1000": ("Webinar 1000", 0, True)}


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ({"plan_base": {"hosts": 2, "type": "monthly", "usage": 1}}, {"licensed": 1}),
        ({"plan_base": [{"hosts": 2, "usage": 1}, {"hosts": 3, "usage": 3}]}, {"licensed": 1}),
        (
            {
                "plan_webinar": [
                    {"type": "webinar500_monthly", "hosts": 2, "usage": 2},
                    {"type": "webinar500_yearly", "hosts": 1, "usage": 0},
                    {"type": "something", "hosts": 9, "usage": 0},
                ],
                "plan_large_meeting": [{"type": "large1000_monthly", "hosts": 1, "usage": 2}],
            },
            {"webinar500": 1, "large1000": 0},
        ),
        ({"plan_base": "none"}, {}),
    ],
)
async def test_plan_usage_is_read_in_each_published_form(
    zoom: ZoomHarness, usage: dict[str, Any], expected: dict[str, int]
) -> None:
    """The schema has a list where its own example has one object; plans name their period."""
    answers = httpx.MockTransport(lambda _: httpx.Response(200, json=usage))
    async with httpx.AsyncClient(transport=answers) as client:
        context = replace(zoom.context(Known()), http=client)
        assert {key: one.free for key, one in (await read_seats(context)).items()} == expected


async def test_an_account_that_tells_no_seats_is_planned_without(zoom: ZoomHarness) -> None:
    """400 code 200, "Only available for paid account": seats are unknown, nothing else changes."""
    body = {"code": 200, "message": "Only available for paid account."}
    answers = httpx.MockTransport(lambda _: httpx.Response(400, json=body))
    async with httpx.AsyncClient(transport=answers) as client:
        context = replace(zoom.context(Known()), http=client)
        assert await read_seats(context) == {}


async def test_whom_zoom_leaves_out_silently_is_not_told_as_a_member(zoom: ZoomHarness, books: Books) -> None:
    """`POST /groups/{id}/members` answers 201 for people whom it did not add."""
    await bring(zoom, books)
    join = (await plan(zoom, books, groups=["Sales"])).actions[0]
    zoom.sandbox.arm("zoom", "garbage", match={"method": "POST"}, body="json")
    with pytest.raises(ProviderError):
        await zoom.provider.apply(zoom.context(books.known), join)
    outcome = await act(zoom, books, join)
    assert outcome.state is OutcomeState.DONE


async def test_names_that_zoom_does_not_have_name_their_field(zoom: ZoomHarness, books: Books) -> None:
    for fields, field in (
        ({"groups": ["Nobody"]}, "groups"),
        ({"role": "King"}, "role"),
        ({"role": "Owner"}, "role"),
    ):
        with pytest.raises(Refused) as caught:
            await plan(zoom, books, **fields)
        assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, field)


async def test_a_group_that_is_gone_is_left_and_cannot_be_joined(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books, groups=["Sales"])
    leaving = (await plan(zoom, books)).actions
    join = (await plan(zoom, Books(), groups=["Engineering"])).actions[1]
    for name in ("Sales", "Engineering"):
        url = f"{zoom.endpoints['zoom_api']}/groups/{zoom.groups[name]}"
        (await zoom.http.delete(url)).raise_for_status()
    outcome = await zoom.provider.apply(zoom.context(books.known), leaving[0])
    assert [grant.label for grant in outcome.taken] == ["Sales"]
    with pytest.raises(Refused) as caught:
        await zoom.provider.apply(zoom.context(books.known), join)
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_FOUND, "groups")


async def test_a_role_replaces_the_other_and_is_taken_back(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books, role="Meeting Support")
    made = await plan(zoom, books, role="admin")
    assert made.actions[0].before == {"role": "Meeting Support"}
    await carry_out(zoom, books, made)
    assert (zoom.account() or {})["role"] == "1"
    back = await plan(zoom, books)
    assert [one.title for one in back.actions] == ["Take the role Admin back"]
    await carry_out(zoom, books, back)
    assert (zoom.account() or {})["role"] == "2"
    assert is_settled(await plan(zoom, books))


async def test_a_role_that_others_gave_stays(zoom: ZoomHarness, books: Books) -> None:
    await bring(zoom, books)
    url = f"{zoom.endpoints['zoom_api']}/roles/{zoom.roles['Meeting Support']}/members"
    body = {"members": [{"id": books.known.remote_id}]}
    (await zoom.http.post(url, json=body)).raise_for_status()
    made = await plan(zoom, books)
    assert is_settled(made)
    assert [one.code for one in made.notices] == ["kept_role"]
    assert is_settled(await plan(zoom, books, role="Meeting Support"))


async def test_member_is_no_role_to_give(zoom: ZoomHarness, books: Books) -> None:
    assert "role:2" not in keys(await plan(zoom, books, role="Member"))
    offered = await Zoom().options(zoom.context(Known(), reading=True), "roles", "")
    assert [one.label for one in offered] == ["Admin", "Meeting Support"]
