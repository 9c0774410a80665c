"""Licences and groups: what is given, what is kept, and why Microsoft says no."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.providers.microsoft.groups import groups_of
from services.shared.providers.microsoft.provider import Microsoft365
from services.shared.providers.microsoft.wire import GraphGroup, GraphUser
from services.shared.sdk.contract import Desired, Grant, Known, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan
from tests.providers.microsoft.conftest import MakeContext
from tests.providers.microsoft.harness import E3, POWER_BI, MicrosoftHarness
from tests.providers.microsoft.test_accounts import user_from

BUSINESS, VISIO = "f245ecc8-75af-4f8e-b61f-27d8114de5f3", "c5928f49-12ba-48f7-ada3-0d743a3601d5"
TEAMS = "57ff2da0-773e-42df-b2af-ffb7a2317929"


async def plan(microsoft: MicrosoftHarness, books: Books, *licenses: Any, **more: Any) -> Plan:
    fields = {"usage_location": "GB", "licenses": list(licenses), "groups": more.pop("groups", [])}
    return await make_plan(microsoft, books, Desired(fields=fields, **more))


async def hire(microsoft: MicrosoftHarness, books: Books, *licenses: Any, **more: Any) -> None:
    await carry_out(microsoft, books, await plan(microsoft, books, *licenses, **more))


async def ask(microsoft: MicrosoftHarness, method: str, path: str, body: Any = None) -> None:
    """Somebody else does something; it is not counted among our effects."""
    before = microsoft._ledger()
    url = f"{microsoft.sandbox.microsoft_url}/v1.0{path}"
    (await microsoft.http.request(method, url, json=body)).raise_for_status()
    microsoft.note_gifts(before)


async def give(microsoft: MicrosoftHarness, books: Books, sku: str, *off: str) -> None:
    body = {"addLicenses": [{"skuId": sku, "disabledPlans": list(off)}], "removeLicenses": []}
    await ask(microsoft, "POST", f"/users/{books.known.remote_id}/assignLicense", body)


def held(microsoft: MicrosoftHarness) -> dict[str, list[str]]:
    return dict((microsoft.account() or {})["license_ids"])


async def test_names_part_numbers_and_ids_mean_the_same(microsoft: MicrosoftHarness) -> None:
    for name in ("SPE_E3", "spe_e3", E3, E3.upper()):
        made = await plan(microsoft, Books(), name)
        assert made.actions[1].key == f"license:{E3}"
        assert made.actions[1].title == "Assign Microsoft 365 E3"
    with pytest.raises(Refused) as caught:
        await plan(microsoft, Books(), "SPE_E3", {"sku_id": E3, "disabled_plans": [TEAMS]})
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "licenses")


@pytest.mark.parametrize(
    "wrong",
    ["NO_SUCH_SKU", "00000000-0000-4000-8000-000000000001", {"sku_id": E3, "disabled_plans": ["YAMMER"]}],
)
async def test_a_licence_or_service_that_the_tenant_does_not_have(
    microsoft: MicrosoftHarness, wrong: Any
) -> None:
    with pytest.raises(Refused) as caught:
        await plan(microsoft, Books(), wrong)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "licenses")


async def test_seats_are_counted_and_a_missing_one_is_told_before_applying(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    made = await plan(microsoft, books, E3, POWER_BI)
    assert [(one.name, one.free, one.needed) for one in made.seats] == [
        ("Microsoft 365 E3", 22, 1),
        ("Power BI Pro", 20, 1),
    ]
    microsoft.sandbox.set_seats("microsoft", "SPE_E3", 3, tenant="acme.example")
    short = await plan(microsoft, books, E3, POWER_BI)
    assert [one.code for one in short.notices] == ["no_seats"]
    assert short.seats[0].free == 0
    assert short.fingerprint != made.fingerprint
    for action in short.actions:
        if action.key == f"license:{E3}":
            with pytest.raises(ActionRequired) as caught:
                await act(microsoft, books, action)
            assert (caught.value.code, caught.value.field) == (ErrorCode.NO_SEATS, "licenses")
        else:
            await act(microsoft, books, action)
    microsoft.sandbox.set_seats("microsoft", "SPE_E3", 25, tenant="acme.example")
    await act(microsoft, books, short.actions[1])
    assert is_settled(await plan(microsoft, books, E3, POWER_BI))


async def test_a_suspended_subscription_has_no_seats(microsoft: MicrosoftHarness, books: Books) -> None:
    made = await plan(microsoft, books, "VISIOCLIENT")
    assert "suspended" in made.notices[0].message


async def test_seats_that_others_take_do_not_move_the_plan(microsoft: MicrosoftHarness, books: Books) -> None:
    before = await plan(microsoft, books, E3)
    microsoft.sandbox.set_seats("microsoft", "SPE_E3", 20, tenant="acme.example")
    after = await plan(microsoft, books, E3)
    assert after.seats != before.seats
    assert after.fingerprint == before.fingerprint


async def test_changing_the_services_of_a_licence_shows_before_and_after(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    await hire(microsoft, books, E3)
    made = await plan(microsoft, books, {"sku_id": E3, "disabled_plans": ["TEAMS1"]})
    (change,) = made.actions
    assert change.kind is ActionKind.ASSIGN_LICENSE
    assert change.before == {"license": "Microsoft 365 E3", "services_off": []}
    assert change.after == {"license": "Microsoft 365 E3", "services_off": ["TEAMS1"]}
    assert not made.seats, "the seat is taken already"
    assert await microsoft.provider.confirm(microsoft.context(books.known, reading=True), change) is None
    await carry_out(microsoft, books, made)
    assert held(microsoft) == {E3: [TEAMS]}
    assert books.known.gave("license", E3)


async def test_changing_what_others_gave_does_not_make_it_ours(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    await hire(microsoft, books)
    await give(microsoft, books, E3, TEAMS)
    await hire(microsoft, books, E3)
    assert held(microsoft) == {E3: []}
    assert not books.known.grants
    kept = await plan(microsoft, books)
    assert is_settled(kept)
    assert [one.code for one in kept.notices] == ["kept_license"]
    assert "Microsoft 365 E3" in kept.notices[0].message


async def test_a_switch_removes_before_it_assigns(microsoft: MicrosoftHarness, books: Books) -> None:
    """The services of one licence may exclude those of the other."""
    await hire(microsoft, books, E3)
    made = await plan(microsoft, books, BUSINESS)
    assert [(one.key, one.kind) for one in made.actions] == [
        (f"license:{E3}", ActionKind.REMOVE_LICENSE),
        (f"license:{BUSINESS}", ActionKind.ASSIGN_LICENSE),
    ]
    assert made.actions[1].depends_on == (f"license:{E3}",)
    await carry_out(microsoft, books, made)
    assert list(held(microsoft)) == [BUSINESS]
    assert [one.key for one in books.known.grants] == [BUSINESS]


async def test_licences_that_exclude_each_other_are_a_conflict(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    await hire(microsoft, books, E3)
    made = await plan(microsoft, books, E3, BUSINESS)
    with pytest.raises(Refused) as caught:
        await carry_out(microsoft, books, made)
    assert (caught.value.code, caught.value.field) == (ErrorCode.CONFLICT, "licenses")


async def test_a_location_that_was_just_written_is_waited_for(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    before = microsoft.joiner.work_email
    microsoft.sandbox.add_user("microsoft", before)
    made = await plan(microsoft, books, E3, existing_account="adopt")
    licence = made.actions[-1]
    assert "update" in licence.depends_on, "the location is written before the licence is assigned"
    for action in made.actions[:-1]:
        await act(microsoft, books, action)
    microsoft.sandbox.configure("microsoft", usage_location_race_seconds=600)
    with pytest.raises(Transient) as caught:
        await microsoft.provider.apply(microsoft.context(books.known), licence)
    assert caught.value.code is ErrorCode.SETTLING
    microsoft.sandbox.configure("microsoft", usage_location_race_seconds=0)
    await act(microsoft, books, licence)
    assert list(held(microsoft)) == [E3]


async def test_an_account_without_a_location_is_the_form_s_fault(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    made = await plan(microsoft, books, E3)
    account = microsoft.sandbox.add_user("microsoft", "nowhere@acme.example", usage_location=None)
    licence = made.actions[1].model_copy(
        update={"params": {**made.actions[1].params, "remote_id": account["id"]}, "depends_on": ()}
    )
    with pytest.raises(Refused) as caught:
        await microsoft.provider.apply(microsoft.context(Known()), licence)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "usage_location")


async def test_removing_what_somebody_removed_is_done(microsoft: MicrosoftHarness, books: Books) -> None:
    group = microsoft.group_ids["Engineering"]
    await hire(microsoft, books, E3, groups=[group])
    made = await plan(microsoft, books)
    assert [one.kind for one in made.actions] == [ActionKind.REMOVE_LICENSE, ActionKind.REMOVE_FROM_GROUP]
    body = {"addLicenses": [], "removeLicenses": [E3]}
    await ask(microsoft, "POST", f"/users/{books.known.remote_id}/assignLicense", body)
    await ask(microsoft, "DELETE", f"/groups/{group}/members/{books.known.remote_id}/$ref")
    before = await microsoft.effects()
    await carry_out(microsoft, books, made)
    assert await microsoft.effects() == before
    assert not books.known.grants


async def test_a_member_already_is_one(microsoft: MicrosoftHarness, books: Books) -> None:
    group = microsoft.group_ids["Engineering"]
    made = await plan(microsoft, books, groups=[group])
    await act(microsoft, books, made.actions[0])
    link = f"https://graph.microsoft.com/v1.0/directoryObjects/{books.known.remote_id}"
    await ask(microsoft, "POST", f"/groups/{group}/members/$ref", {"@odata.id": link})
    outcome = await act(microsoft, books, made.actions[1])
    assert outcome.given == (Grant(kind="group", key=group, label="Engineering"),)


async def test_leaving_a_group_deletes_the_link_and_not_the_person(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    group = microsoft.group_ids["Engineering"]
    await hire(microsoft, books, groups=[group])
    await hire(microsoft, books)
    assert await microsoft.count_accounts() == 1
    deletes = microsoft.sandbox.requests("microsoft", method="DELETE")
    assert [one["path"].rsplit("/", 1)[-1] for one in deletes] == ["$ref"]


async def test_groups_that_nobody_can_join_are_refused_while_planning(microsoft: MicrosoftHarness) -> None:
    with pytest.raises(Refused) as caught:
        await plan(microsoft, Books(), groups=[microsoft.group_ids["All Employees"]])
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "groups")
    assert "dynamic" in str(caught.value)
    with pytest.raises(Refused) as caught:
        await plan(microsoft, Books(), groups=["00000000-0000-4000-8000-000000000001"])
    assert caught.value.field == "groups"


async def test_a_group_that_goes_meanwhile_is_told(microsoft: MicrosoftHarness, books: Books) -> None:
    group = microsoft.group_ids["VPN Users"]
    made = await plan(microsoft, books, groups=[group])
    await act(microsoft, books, made.actions[0])
    await ask(microsoft, "DELETE", f"/groups/{group}")
    with pytest.raises(Refused) as caught:
        await act(microsoft, books, made.actions[1])
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_FOUND, "groups")


async def test_more_groups_than_one_question_holds(microsoft: MicrosoftHarness) -> None:
    """`in (...)` takes fifteen values."""
    made_up = [f"00000000-0000-4000-8000-0000000000{number:02d}" for number in range(10, 30)]
    with pytest.raises(Refused) as caught:
        await plan(microsoft, Books(), groups=[microsoft.group_ids["Engineering"], *made_up])
    assert made_up[0] in str(caught.value)
    assert len(microsoft.sandbox.requests("microsoft", path="/v1.0/groups")) == 2


@pytest.mark.parametrize(
    ("group", "kept_by"),
    [
        ({"groupTypes": ["DynamicMembership", "Unified"], "mailEnabled": True}, "rule"),
        ({"groupTypes": [], "mailEnabled": True, "securityEnabled": True}, "exchange"),
        ({"groupTypes": [], "mailEnabled": True, "securityEnabled": False}, "exchange"),
        ({"groupTypes": [], "mailEnabled": False, "onPremisesSyncEnabled": True}, "on-premises"),
        ({"groupTypes": ["Unified"], "mailEnabled": True}, None),
        ({"groupTypes": [], "mailEnabled": False, "securityEnabled": True}, None),
    ],
)
def test_who_keeps_a_group_s_members(group: dict[str, Any], kept_by: str | None) -> None:
    assert GraphGroup.model_validate({"id": "1", **group}).kept_by == kept_by


async def test_roles_and_units_are_no_groups(graph: MakeContext) -> None:
    listed = [
        {"@odata.type": "#microsoft.graph.directoryRole", "id": "1", "displayName": "User Administrator"},
        {"@odata.type": "#microsoft.graph.administrativeUnit", "id": "2", "displayName": "Nordics"},
        {"@odata.type": "#microsoft.graph.group", "id": "3", "displayName": None},
    ]
    ctx = graph(lambda _: httpx.Response(200, json={"value": listed}))
    assert list(await groups_of(ctx, "x")) == ["3"]


# Licences through groups: the sandbox has none, so Graph is a function here.

GROUP = "02bd9fd6-8f93-4758-87c3-1fb73740a315"
SKU = {
    "skuId": E3,
    "skuPartNumber": "SPE_E3",
    "capabilityStatus": "Enabled",
    "consumedUnits": 1,
    "prepaidUnits": {"enabled": 5},
    "servicePlans": [{"servicePlanId": TEAMS, "servicePlanName": "TEAMS1"}],
}


def state(group: str | None, error: str = "None") -> dict[str, Any]:
    working = "Active" if error == "None" else "Error"
    return {"skuId": E3, "assignedByGroup": group, "state": working, "error": error, "disabledPlans": []}


async def plan_with(graph: MakeContext, licences: list[str], *states: dict[str, Any], **more: Any) -> Plan:
    holds = [{"skuId": E3, "disabledPlans": []}] if any(one["error"] == "None" for one in states) else []
    user = user_from(
        usageLocation="GB",
        displayName="Sean O'Brien",
        givenName="Sean",
        surname="O'Brien",
        assignedLicenses=holds,
        licenseAssignmentStates=list(states),
        onPremisesExtensionAttributes={
            "extensionAttribute15": "oneclick:0190a6d0-0000-7000-8000-00000000abcd"
        },
    )

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1.0")
        lists: dict[str, list[Any]] = {"/users": [user], "/subscribedSkus": [SKU]}
        if path == f"/users/{user['id']}":
            return httpx.Response(200, json=user)
        return httpx.Response(200, json={"value": lists.get(path, [])})

    desired = Desired(fields={"usage_location": "GB", "licenses": licences}, **more)
    return await Microsoft365().plan(graph(answer), desired)


async def test_a_licence_through_a_group_is_enough(graph: MakeContext) -> None:
    assert is_settled(await plan_with(graph, [E3], state(GROUP)))


async def test_a_licence_through_a_group_is_never_taken_away(graph: MakeContext) -> None:
    made = await plan_with(graph, [], state(GROUP), unmanaged="remove")
    assert is_settled(made)
    assert "through a group" in made.notices[0].message


async def test_a_group_that_could_not_give_is_shown_and_made_up_for(graph: MakeContext) -> None:
    made = await plan_with(graph, [E3], state(GROUP, "CountViolation"))
    assert [one.key for one in made.actions] == [f"license:{E3}"]
    assert [one.code for one in made.notices] == ["license_error"]
    assert "no seat is free" in made.notices[0].message


@pytest.mark.parametrize("error", ["MutuallyExclusiveViolation", "Others", "SomethingNew"])
async def test_every_failure_of_group_based_licensing_is_shown(graph: MakeContext, error: str) -> None:
    made = await plan_with(graph, [], state(GROUP, error))
    assert is_settled(made)
    assert [one.code for one in made.notices] == ["license_error"]


async def test_a_direct_licence_beside_one_through_a_group_is_ours_to_judge(graph: MakeContext) -> None:
    made = await plan_with(graph, [], state(GROUP), state(None), unmanaged="remove")
    assert [one.kind for one in made.actions] == [ActionKind.REMOVE_LICENSE]


def test_licences_count_as_direct_until_microsoft_says_how_they_came() -> None:
    user = GraphUser.model_validate(
        user_from(assignedLicenses=[{"skuId": E3.upper(), "disabledPlans": [TEAMS]}])
    )
    assert user.direct[E3].disabled_plans == (TEAMS,)
