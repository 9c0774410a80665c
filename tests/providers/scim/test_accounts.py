"""Accounts in applications that differ from each other, met in the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.providers.scim.form import ScimSettings
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, leaver, make_plan, onboard, wish
from tests.providers.scim.harness import ScimHarness

_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def person(scim: ScimHarness, **changes: Any) -> None:
    scim.joiner = scim.joiner.model_copy(update=changes)


def switch(scim: ScimHarness, **modes: str) -> None:
    scim.sandbox.configure("scim", modes=modes)


async def plan(scim: ScimHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(scim, books, Desired(fields=fields))


def fields_of(scim: ScimHarness) -> dict[str, Any]:
    account = scim.account()
    assert account is not None
    return dict(account["fields"])


def codes(planned: Plan) -> set[str]:
    return {notice.code for notice in planned.notices}


async def test_a_new_account_has_what_is_known_of_the_person(scim: ScimHarness, books: Books) -> None:
    person(scim, external_id="E-17", manager_email="priya.raman@acme.example")
    await carry_out(scim, books, await plan(scim, books, user_type="Contractor", password_mode="generate"))
    fields = fields_of(scim)
    assert fields["externalId"] == str(scim.joiner.employee_id)
    assert fields["name"] == {
        "formatted": "Grace Brewster Hopper",
        "givenName": "Grace Brewster",
        "familyName": "Hopper",
    }
    assert fields["emails"] == [{"value": "grace.hopper@acme.example", "type": "work", "primary": True}]
    assert (fields["title"], fields["userType"]) == ("Compiler Engineer", "Contractor")
    extension = fields[_ENTERPRISE]
    assert (extension["department"], extension["employeeNumber"]) == ("Engineering", "E-17")
    assert extension["manager"]["value"] == scim.sandbox.user("scim", "priya.raman@acme.example")["id"]
    address = scim.joiner.work_email
    assert scim.sandbox.has_password("scim", address, scim.password.get_secret_value())
    assert is_settled(await plan(scim, books, user_type="Contractor", password_mode="generate"))


async def test_no_password_is_sent_unless_it_is_wished(scim: ScimHarness, books: Books) -> None:
    await carry_out(scim, books, await plan(scim, books))
    assert not scim.sandbox.has_password("scim", scim.joiner.work_email, scim.password.get_secret_value())


async def test_a_manager_whom_the_application_does_not_know_is_told(scim: ScimHarness, books: Books) -> None:
    person(scim, manager_email="nobody@acme.example")
    planned = await plan(scim, books)
    assert "no_manager" in codes(planned)
    await carry_out(scim, books, planned)
    assert "manager" not in fields_of(scim)[_ENTERPRISE]


async def test_what_the_schema_does_not_have_is_left_out_and_told(scim: ScimHarness, books: Books) -> None:
    switch(scim, enterprise="off")
    planned = await plan(scim, books)
    assert "unknown_attributes" in codes(planned)
    await carry_out(scim, books, planned)
    assert _ENTERPRISE not in fields_of(scim)
    assert is_settled(await plan(scim, books))


async def test_an_application_without_groups_says_so_and_goes_on(scim: ScimHarness, books: Books) -> None:
    for modes in ({"groups": "off"}, {"groups": "off", "discovery": "off"}):
        switch(scim, **modes)
        planned = await plan(scim, books, groups=["Engineering"])
        assert [action.kind for action in planned.actions] == [ActionKind.CREATE]
        assert "no_groups" in codes(planned)
        assert await scim.provider.options(scim.context(books.known, reading=True), "groups", "") == ()  # type: ignore[attr-defined]  # the class is known, its protocol is not declared


async def test_a_group_is_named_by_its_id_or_its_name(scim: ScimHarness, books: Books) -> None:
    by_name = await plan(scim, books, groups=["engineering"])
    assert by_name.actions[1].key == f"group:{scim.group_ids['Engineering']}"
    with pytest.raises(Refused) as caught:
        await plan(scim, books, groups=["No Such Group"])
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, "groups")


async def test_the_mapping_of_the_connection_decides(scim: ScimHarness, books: Books) -> None:
    scim.settings = ScimSettings.model_validate(
        {
            "base_url": scim.settings.base_url,  # type: ignore[attr-defined]  # the harness's settings are this vendor's
            "attributes": [
                {"person": "external_id", "path": "userName"},
                {"person": "full_name", "path": "displayName"},
                {"person": "work_email", "path": 'emails[type eq "work"].value'},
                {"person": "location", "path": 'addresses[type eq "work"].locality'},
            ],
        }
    )
    with pytest.raises(Refused) as caught:
        await plan(scim, books)
    assert caught.value.field == "employee.external_id"
    person(scim, external_id="E-17", location="Lisbon")
    await carry_out(scim, books, await plan(scim, books))
    fields = fields_of(scim)
    assert (fields["userName"], fields["addresses"]) == ("E-17", [{"type": "work", "locality": "Lisbon"}])
    assert "title" not in fields
    assert is_settled(await plan(scim, books))


async def test_a_change_of_the_person_is_one_update(scim: ScimHarness, books: Books) -> None:
    await carry_out(scim, books, await plan(scim, books))
    person(scim, job_title="Rear Admiral", department=None, full_name="Grace Hopper")
    planned = await plan(scim, books)
    assert [action.kind for action in planned.actions] == [ActionKind.UPDATE]
    assert planned.actions[0].after == {
        "displayName": "Grace Hopper",
        "name.formatted": "Grace Hopper",
        "name.givenName": "Grace",
        "title": "Rear Admiral",
    }
    await carry_out(scim, books, planned)
    assert fields_of(scim)[_ENTERPRISE]["department"] == "Engineering", "what nobody says is left alone"
    assert is_settled(await plan(scim, books))


async def test_nobody_is_renamed(scim: ScimHarness, books: Books) -> None:
    await carry_out(scim, books, await plan(scim, books))
    person(scim, work_email="grace@acme.example")
    planned = await plan(scim, books)
    assert "other_address" in codes(planned)
    await carry_out(scim, books, planned)
    fields = scim.sandbox.user("scim", "grace@acme.example")["fields"]
    assert fields["userName"] == "grace.hopper@acme.example"
    assert fields["emails"][0]["value"] == "grace@acme.example"


async def test_an_account_with_the_address_under_another_name_is_asked_about(
    scim: ScimHarness, books: Books
) -> None:
    scim.sandbox.add_user("scim", scim.joiner.work_email, fields={"userName": "ghopper"})
    switch(scim, emails="unique")
    planned = await plan(scim, books)
    assert planned.choices[0].code == "existing_account"
    await carry_out(scim, books, await make_plan(scim, books, Desired(existing_account="adopt")))
    assert (books.known.login, books.known.adopted) == ("ghopper", True)


async def test_a_stranger_who_came_meanwhile_is_left_alone(scim: ScimHarness, books: Books) -> None:
    planned = await plan(scim, books)
    scim.sandbox.add_user("scim", scim.joiner.work_email)
    with pytest.raises(ActionRequired) as caught:
        await scim.provider.apply(scim.context(books.known), planned.actions[0])
    assert caught.value.code is ErrorCode.ALREADY_EXISTS


async def test_the_mark_of_another_system_stays(scim: ScimHarness, books: Books) -> None:
    scim.sandbox.add_user("scim", scim.joiner.work_email, fields={"externalId": "okta-00u1"})
    planned = await make_plan(scim, books, wish(scim, existing_account="adopt"))
    assert "other_mark" in codes(planned)
    await carry_out(scim, books, planned)
    assert fields_of(scim)["externalId"] == "okta-00u1"
    assert is_settled(await make_plan(scim, books, wish(scim)))


async def test_what_stood_beside_an_attribute_stays_with_put_too(scim: ScimHarness, books: Books) -> None:
    address = scim.joiner.work_email
    kept = {
        "emails": [{"value": "g@home.example", "type": "home"}],
        "nickName": "Amazing",
        "preferredLanguage": "en",
    }
    scim.sandbox.add_user("scim", address, fields=kept)
    switch(scim, patch="off")
    await carry_out(scim, books, await make_plan(scim, books, wish(scim, existing_account="adopt")))
    fields = fields_of(scim)
    assert (fields["nickName"], fields["preferredLanguage"]) == ("Amazing", "en")
    assert {one["value"] for one in fields["emails"]} == {"g@home.example", address}


async def test_an_application_that_deletes_nobody_says_so(scim: ScimHarness, books: Books) -> None:
    switch(scim, delete="off")
    await carry_out(scim, books, await plan(scim, books))
    planned = await make_plan(scim, books, leaver("absent"))
    await act(scim, books, planned.actions[0])
    with pytest.raises(Refused) as caught:
        await act(scim, books, planned.actions[-1])
    assert caught.value.code is ErrorCode.NOT_ENTITLED
    account = scim.account()
    assert account is not None
    assert not account["enabled"]


async def test_a_role_that_is_no_longer_wished_goes(scim: ScimHarness, books: Books) -> None:
    await carry_out(scim, books, await plan(scim, books, roles=["author", "reviewer"], entitlements=["maps"]))
    planned = await plan(scim, books, roles=["author"])
    assert {action.key for action in planned.actions} == {"role:reviewer", "license:maps"}
    await carry_out(scim, books, planned)
    fields = fields_of(scim)
    assert [one["value"] for one in fields["roles"]] == ["author"]
    assert not fields.get("entitlements")
    assert {(grant.kind, grant.key) for grant in books.known.grants} == {("role", "author")}


async def test_reading_needs_no_page_that_is_larger_than_the_application_gives(
    scim: ScimHarness, books: Books
) -> None:
    switch(scim, max_results="2", filter="off")
    await onboard(scim)
    assert len(await scim.provider.options(scim.context(books.known, reading=True), "groups", "")) > 2  # type: ignore[attr-defined]  # see above
    counts = {dict(one["query"]).get("count") for one in scim.sandbox.requests("scim", method="GET")}
    assert counts <= {None, "1", "2"}
