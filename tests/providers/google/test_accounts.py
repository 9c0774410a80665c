"""Google's oddities about accounts, met in the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.providers.google.accounts import explain_write, mark_entry
from services.shared.providers.google.answers import GoogleAnswer
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, ProviderError, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, make_plan, wish
from tests.providers.google.harness import GoogleHarness


def person(google: GoogleHarness, **changes: Any) -> None:
    google.joiner = google.joiner.model_copy(update=changes)


async def plan(google: GoogleHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(google, books, Desired(fields=fields))


async def test_a_new_account_is_as_planned(google: GoogleHarness, books: Books) -> None:
    person(google, external_id="E-1017")
    made = await plan(google, books, primary_org_unit="/sales/emea")
    await carry_out(google, books, made)
    account = google.account() or {}
    assert account["name"] == {"givenName": "Grace Brewster", "familyName": "Hopper"}
    assert account["org_unit"] == "/Sales/EMEA", "written as Google writes it"
    assert account["change_password_at_next_login"] is True
    marks = [one for one in account["external_ids"] if one["type"] == "custom"]
    assert marks == [mark_entry(str(google.joiner.employee_id))]
    assert {"type": "organization", "value": "E-1017"} in account["external_ids"]
    work = {"title": "Compiler Engineer", "department": "Engineering", "primary": True}
    assert account["fields"]["organizations"] == [work]
    address = google.joiner.work_email
    assert google.sandbox.has_password("google", address, google.password.get_secret_value())
    assert books.known.login == address
    assert made.actions[0].params["org_unit"] == "/Sales/EMEA"


async def test_a_person_without_a_family_name_gets_both_names(google: GoogleHarness, books: Books) -> None:
    person(google, full_name="Sukarno")
    await carry_out(google, books, await plan(google, books))
    assert (google.account() or {})["name"] == {"givenName": "Sukarno", "familyName": "Sukarno"}


async def test_an_alias_of_somebody_else_is_not_an_account_to_adopt(
    google: GoogleHarness, books: Books
) -> None:
    person(google, work_email="priya@acme.example")
    with pytest.raises(Refused) as caught:
        await make_plan(google, books, wish(google, existing_account="adopt"))
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
    assert "priya.raman@acme.example" in str(caught.value)
    leaving = await make_plan(google, books, Desired(presence="absent", existing_account="adopt"))
    assert [one.kind for one in leaving.actions] == [ActionKind.NOOP]


async def test_a_group_at_the_address_is_no_account(google: GoogleHarness, books: Books) -> None:
    person(google, work_email="engineering@acme.example")
    made = await plan(google, books)
    with pytest.raises(ActionRequired, match="group") as caught:
        await act(google, books, made.actions[0])
    assert caught.value.code is ErrorCode.ALREADY_EXISTS


async def test_a_personal_account_at_the_address_is_never_invited(
    google: GoogleHarness, books: Books
) -> None:
    """409, and nobody to be seen: it waits within the core's bound, and says why."""
    person(google, work_email="personal@acme.example")
    made = await plan(google, books)
    with pytest.raises(Transient, match="personal account") as caught:
        await google.provider.apply(google.context(books.known), made.actions[0])
    assert caught.value.code is ErrorCode.SETTLING
    assert await google.effects() == []


async def test_a_deleted_account_is_told_about(google: GoogleHarness, books: Books) -> None:
    google.sandbox.add_user("google", google.joiner.work_email, deleted=True)
    made = await plan(google, books)
    assert [one.code for one in made.notices] == ["deleted_account"]
    assert made.actions[0].kind is ActionKind.CREATE
    await carry_out(google, books, made)
    assert await google.count_accounts() == 1


async def test_a_foreign_domain_does_not_cost_the_connection(google: GoogleHarness, books: Books) -> None:
    """Google answers 403 for addresses outside the customer's domains, as it does for want of rights."""
    person(google, work_email="grace@elsewhere.example")
    with pytest.raises(Refused) as caught:
        await plan(google, books)
    assert (caught.value.code, caught.value.field) == (ErrorCode.DOMAIN_NOT_VERIFIED, "employee.work_email")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"primary_org_unit": "/Nowhere"}, "primary_org_unit"),
        ({"groups": ["nobody@acme.example"]}, "groups"),
        ({"license_skus": ["101099/1010990001"]}, "license_skus"),
        ({"license_skus": ["nonsense"]}, "license_skus"),
    ],
)
@pytest.mark.parametrize("exists", [False, True])
async def test_a_wish_for_what_is_not_there_names_the_field(
    fields: dict[str, Any], field: str, google: GoogleHarness, books: Books, *, exists: bool
) -> None:
    if exists:
        await carry_out(google, books, await plan(google, books))
    with pytest.raises(Refused) as caught:
        await plan(google, books, **fields)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, field)


async def test_adopting_keeps_what_others_wrote(google: GoogleHarness, books: Books) -> None:
    """Google replaces arrays as a whole."""
    badge = {"type": "custom", "customType": "badge", "value": "77"}
    google.sandbox.add_user("google", google.joiner.work_email, fields={"externalIds": [badge]})
    made = await make_plan(google, books, Desired(existing_account="adopt"))
    await carry_out(google, books, made)
    assert (google.account() or {})["external_ids"] == [badge, mark_entry(str(google.joiner.employee_id))]


async def test_adopting_without_consent_is_refused_even_when_asked_to(
    google: GoogleHarness, books: Books
) -> None:
    await google.add_foreign_account()
    made = await make_plan(google, books, Desired(existing_account="ask"))
    assert made.choices
    with pytest.raises(ActionRequired):
        await act(google, books, made.actions[0])
    assert await google.effects() == []


async def test_the_mark_of_another_employee_is_not_ours(google: GoogleHarness, books: Books) -> None:
    mark = mark_entry("0190a6d0-0000-7000-8000-00000000beef")
    google.sandbox.add_user("google", google.joiner.work_email, fields={"externalIds": [mark]})
    made = await make_plan(google, books, Desired(existing_account="ask"))
    assert "another employee" in made.choices[0].message


async def test_the_root_moves_no_account_that_others_placed(google: GoogleHarness, books: Books) -> None:
    google.sandbox.add_user("google", google.joiner.work_email, org_unit="/Sales")
    root = {"primary_org_unit": "/"}
    made = await make_plan(google, books, Desired(fields=root, existing_account="adopt"))
    assert [one.code for one in made.notices] == ["kept_org_unit"]
    await carry_out(google, books, made)
    assert (google.account() or {})["org_unit"] == "/Sales"
    moved = await plan(google, books, primary_org_unit="/IT")
    assert [(one.kind, one.before, one.after) for one in moved.actions] == [
        (ActionKind.UPDATE, {"org_unit": "/Sales"}, {"org_unit": "/IT"})
    ]
    await carry_out(google, books, moved)
    assert (google.account() or {})["org_unit"] == "/IT"


async def test_our_own_account_goes_where_the_request_says(google: GoogleHarness, books: Books) -> None:
    await carry_out(google, books, await plan(google, books, primary_org_unit="/IT"))
    await carry_out(google, books, await plan(google, books, primary_org_unit="/"))
    assert (google.account() or {})["org_unit"] == "/"


async def test_a_renamed_account_is_found_by_its_id(google: GoogleHarness, books: Books) -> None:
    """The licence service then knows the new primary address alone."""
    await carry_out(google, books, await plan(google, books))
    reply = await google.http.put(
        f"{google.sandbox.google_url}/admin/directory/v1/users/{books.known.remote_id}",
        json={"primaryEmail": "amazing.grace@acme.example"},
    )
    reply.raise_for_status()
    made = await plan(google, books, license_skus=["1010020028"])
    assert [one.code for one in made.notices] == ["other_address"]
    assert [one.kind for one in made.actions] == [ActionKind.ASSIGN_LICENSE]
    await carry_out(google, books, made)
    account = google.sandbox.user("google", "amazing.grace@acme.example") or {}
    assert account["licenses"] == ["Google-Apps/1010020028"]


async def test_writes_after_a_rename_wait(google: GoogleHarness, books: Books) -> None:
    """409 `conflict` for about a minute after an address changed."""
    await carry_out(google, books, await plan(google, books))
    google.sandbox.configure("google", rename_settle_seconds=600)
    url = f"{google.sandbox.google_url}/admin/directory/v1/users/{books.known.remote_id}"
    (await google.http.put(url, json={"primaryEmail": "g.hopper@acme.example"})).raise_for_status()
    made = await plan(google, books, primary_org_unit="/IT")
    with pytest.raises(Transient) as caught:
        await google.provider.apply(google.context(books.known), made.actions[0])
    assert caught.value.code is ErrorCode.SETTLING
    google.sandbox.configure("google", rename_settle_seconds=0)
    await act(google, books, made.actions[0])


async def test_an_archived_account_comes_back(google: GoogleHarness, books: Books) -> None:
    google.sandbox.add_user("google", google.joiner.work_email, fields={"archived": True})
    made = await make_plan(google, books, Desired(existing_account="adopt"))
    await carry_out(google, books, made)
    assert (google.account() or {})["fields"]["archived"] is False


async def test_an_administrator_is_no_lost_consent(google: GoogleHarness, books: Books) -> None:
    """Google says 403 `forbidden` when a delegated administrator touches a super administrator."""
    google.sandbox.add_user("google", google.joiner.work_email, admin=True)
    made = await make_plan(google, books, Desired(existing_account="adopt"))
    context = google.context(books.known)
    answer = GoogleAnswer("users.update", 403, "forbidden", "Not Authorized to access this resource/api")
    error: ProviderError = await explain_write(context, answer, made.actions[0].params["user_id"])
    assert type(error) is Refused
    assert "administrator" in str(error)


async def test_a_vanished_account_is_told_from_one_that_is_not_there_yet(
    google: GoogleHarness, books: Books
) -> None:
    await carry_out(google, books, await plan(google, books))
    made = await plan(google, books, groups=["sales@acme.example"])
    url = f"{google.sandbox.google_url}/admin/directory/v1/users/{books.known.remote_id}"
    (await google.http.delete(url)).raise_for_status()
    with pytest.raises(Refused) as caught:
        await act(google, books, made.actions[0])
    assert caught.value.code is ErrorCode.NOT_FOUND
    again = await plan(google, books, groups=["sales@acme.example"])
    assert [one.kind for one in again.actions] == [ActionKind.CREATE, ActionKind.ADD_TO_GROUP]
    assert [one.code for one in again.notices] == ["deleted_account"]
