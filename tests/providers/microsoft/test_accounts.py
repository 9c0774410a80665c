"""Whose an account is, what makes one, and what Microsoft shows late."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.accounts import nicknames
from services.shared.providers.microsoft.client import find
from services.shared.providers.microsoft.wire import DeletedUser, GraphUser
from services.shared.sdk.contract import Desired, Known, OutcomeState, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books, Fault, FaultKind
from services.shared.sdk.suite.driver import act, carry_out, is_settled, leaver, make_plan, wish
from tests.providers.microsoft.conftest import MakeContext
from tests.providers.microsoft.harness import MicrosoftHarness

BARE = {"usage_location": "GB"}


async def plan(microsoft: MicrosoftHarness, books: Books, **more: Any) -> Plan:
    fields = more.pop("fields", BARE)
    return await make_plan(microsoft, books, Desired(fields=fields, **more))


async def hire(microsoft: MicrosoftHarness, books: Books) -> None:
    await carry_out(microsoft, books, await plan(microsoft, books))


def change_joiner(microsoft: MicrosoftHarness, **changes: Any) -> None:
    microsoft.joiner = microsoft.joiner.model_copy(update=changes)


async def refused(microsoft: MicrosoftHarness, **more: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        await plan(microsoft, Books(), **more)
    return caught.value


async def test_a_new_account_is_marked_located_and_has_the_first_password(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    await hire(microsoft, books)
    account = microsoft.account()
    assert account is not None
    assert account["extension_attributes"] == {
        "extensionAttribute15": f"oneclick:{microsoft.joiner.employee_id}"
    }
    assert account["usage_location"] == "GB"
    password = microsoft.password.get_secret_value()
    assert microsoft.sandbox.has_password("microsoft", microsoft.joiner.work_email, password)


async def test_the_read_after_a_create_may_be_late(microsoft: MicrosoftHarness, books: Books) -> None:
    made = await plan(microsoft, books)
    microsoft.sandbox.configure("microsoft", settle_seconds=600, settle_reads=True, settle_lists=True)
    outcome = await microsoft.provider.apply(microsoft.context(Known()), made.actions[0])
    assert outcome.state is OutcomeState.SETTLING
    assert outcome.remote_id
    assert outcome.retry_after
    assert await microsoft.provider.confirm(microsoft.context(Known(), reading=True), made.actions[0]) is None
    with pytest.raises(Transient) as caught:
        await microsoft.provider.apply(microsoft.context(Known()), made.actions[0])
    assert caught.value.code is ErrorCode.SETTLING, (
        "a taken address that nothing shows is not somebody else's"
    )
    microsoft.sandbox.configure("microsoft", settle_seconds=0)
    settled = await act(microsoft, books, made.actions[0])
    assert settled.remote_id == outcome.remote_id
    assert len(await microsoft.effects()) == 1


async def test_planning_for_an_account_that_is_not_shown_yet_waits(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    await hire(microsoft, books)
    microsoft.sandbox.configure("microsoft", settle_seconds=60, settle_reads=True)
    with pytest.raises(Transient) as caught:
        await plan(microsoft, books)
    assert caught.value.code is ErrorCode.SETTLING


async def test_a_gateway_error_after_the_effect_is_found(microsoft: MicrosoftHarness, books: Books) -> None:
    made = await plan(microsoft, books)
    await microsoft.inject(Fault(kind=FaultKind.COMMIT_THEN_STATUS, method="POST"))
    with pytest.raises(Transient):
        await microsoft.provider.apply(microsoft.context(Known()), made.actions[0])
    found = await microsoft.provider.confirm(microsoft.context(Known(), reading=True), made.actions[0])
    assert found is not None
    assert await microsoft.count_accounts() == 1


async def test_an_unreadable_success_that_made_the_account_is_found(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    made = await plan(microsoft, books)
    microsoft.sandbox.arm("microsoft", "garbage", match={"method": "POST"}, commit=True)
    outcome = await act(microsoft, books, made.actions[0])
    assert outcome.remote_id == (microsoft.account() or {})["id"]


async def test_a_holder_in_the_recycle_bin_is_told_before_and_after_planning(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    made = await plan(microsoft, books)
    microsoft.sandbox.add_user("microsoft", microsoft.joiner.work_email, deleted=True)
    error = await refused(microsoft)
    assert error.code is ErrorCode.ALREADY_EXISTS
    assert "recycle bin" in str(error)
    assert "Restore" in str(error)
    with pytest.raises(ActionRequired) as caught:
        await microsoft.provider.apply(microsoft.context(Known()), made.actions[0])
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
    assert "recycle bin" in str(caught.value)
    assert caught.value.vendor_message is not None
    assert "already exists" in caught.value.vendor_message


def test_deleting_puts_the_id_before_the_name() -> None:
    user_id = "87d349ed-44d7-43e1-9a83-5f2406dee5bd"
    for prefix in (user_id.replace("-", ""), user_id, ""):
        deleted = DeletedUser(id=user_id, user_principal_name=f"{prefix}Ada@acme.example")
        assert deleted.was("ada@acme.example")
        assert not deleted.was("da@acme.example")


async def test_a_taken_mail_nickname_is_no_obstacle(microsoft: MicrosoftHarness, books: Books) -> None:
    """Nicknames are unique across the tenant's domains."""
    microsoft.sandbox.add_user("microsoft", "grace.hopper@acme-labs.example", tenant="acme.example")
    await hire(microsoft, books)
    account = microsoft.account()
    assert account is not None
    first, second = nicknames(microsoft.context(Known()))
    assert first == "grace.hopper"
    assert account["fields"]["mailNickname"] == second
    assert is_settled(await plan(microsoft, books))


async def test_an_unverified_domain_is_refused_while_planning(microsoft: MicrosoftHarness) -> None:
    change_joiner(microsoft, work_email="grace.hopper@elsewhere.example")
    error = await refused(microsoft)
    assert (error.code, error.field) == (ErrorCode.DOMAIN_NOT_VERIFIED, "employee.work_email")


@pytest.mark.parametrize(
    "address", ["grace+x@acme.example", "grâce@acme.example", f"{'g' * 65}@acme.example"]
)
async def test_an_address_that_is_no_sign_in_name_is_refused(
    microsoft: MicrosoftHarness, address: str
) -> None:
    change_joiner(microsoft, work_email=address)
    error = await refused(microsoft)
    assert (error.code, error.field) == (ErrorCode.INVALID_FIELD, "employee.work_email")


async def test_what_is_too_long_is_refused_with_its_field(microsoft: MicrosoftHarness) -> None:
    change_joiner(microsoft, job_title="x" * 129)
    assert (await refused(microsoft)).field == "employee.job_title"


async def test_a_wrong_form_names_its_field(microsoft: MicrosoftHarness) -> None:
    error = await refused(microsoft, fields={"usage_location": "XX"})
    assert (error.code, error.field) == (ErrorCode.INVALID_FIELD, "usage_location")
    assert not str(error).startswith("Value error")


async def test_a_decision_does_not_change_the_fingerprint(microsoft: MicrosoftHarness, books: Books) -> None:
    """The plan is shown with the choice and verified with the choice taken."""
    await microsoft.add_foreign_account()
    asked = await plan(microsoft, books, existing_account="ask")
    for taken in ("adopt", "skip"):
        decided = await plan(microsoft, books, existing_account=taken)
        assert not decided.choices
        assert decided.fingerprint == asked.fingerprint
    leaving = await make_plan(microsoft, books, leaver("suspended"))
    assert leaving.choices
    skipped = await make_plan(
        microsoft, books, leaver("suspended").model_copy(update={"existing_account": "skip"})
    )
    assert skipped.fingerprint == leaving.fingerprint
    assert is_settled(skipped)


async def test_skipping_links_nothing(microsoft: MicrosoftHarness, books: Books) -> None:
    await microsoft.add_foreign_account()
    await carry_out(microsoft, books, await plan(microsoft, books, existing_account="skip"))
    assert books.known == Known()


async def test_an_account_found_by_an_alias_is_asked_about_by_its_name(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    microsoft.sandbox.add_user("microsoft", "ghopper@acme.example", aliases=[microsoft.joiner.work_email])
    made = await plan(microsoft, books)
    assert made.actions[0].kind is ActionKind.ADOPT
    assert "ghopper@acme.example" in made.choices[0].message
    assert [one.code for one in made.notices] == ["other_address"]


async def test_the_account_of_another_employee_is_not_ours(microsoft: MicrosoftHarness, books: Books) -> None:
    await hire(microsoft, books)
    change_joiner(microsoft, employee_id=microsoft.joiner.employee_id.__class__(int=7))
    made = await plan(microsoft, Books())
    assert made.choices
    assert "another employee" in made.choices[0].message


async def test_adopting_writes_nothing_but_what_differs(microsoft: MicrosoftHarness, books: Books) -> None:
    await microsoft.add_foreign_account()
    made = await plan(microsoft, books, existing_account="adopt")
    assert [one.key for one in made.actions] == ["adopt", "update"]
    await act(microsoft, books, made.actions[0])
    assert not await microsoft.effects()
    assert await microsoft.provider.confirm(microsoft.context(books.known, reading=True), made.actions[0])
    await act(microsoft, books, made.actions[1])
    account = microsoft.account()
    assert account is not None
    assert account["name"] == microsoft.joiner.full_name
    assert account["extension_attributes"] == {}


async def test_lost_books_fill_again_from_a_noop(microsoft: MicrosoftHarness, books: Books) -> None:
    await hire(microsoft, books)
    forgotten = Books()
    again = await plan(microsoft, forgotten)
    assert is_settled(again)
    await carry_out(microsoft, forgotten, again)
    assert forgotten.known.remote_id == books.known.remote_id
    assert forgotten.known.login == microsoft.joiner.work_email


async def test_changes_are_shown_before_and_after(microsoft: MicrosoftHarness, books: Books) -> None:
    await hire(microsoft, books)
    change_joiner(microsoft, job_title="Rear Admiral", department=None)
    made = await plan(microsoft, books, fields={"usage_location": "US"})
    (update,) = made.actions
    assert update.before == {"usage_location": "GB", "job_title": "Compiler Engineer"}
    assert update.after == {"usage_location": "US", "job_title": "Rear Admiral"}
    await carry_out(microsoft, books, made)
    account = microsoft.account()
    assert account is not None
    assert account["fields"]["department"] == "Engineering", "what nobody said is left alone"
    assert is_settled(await plan(microsoft, books, fields={"usage_location": "US"}))


async def test_another_way_to_cut_a_name_is_left_alone(microsoft: MicrosoftHarness, books: Books) -> None:
    names = {"displayName": microsoft.joiner.full_name, "givenName": "Grace", "surname": "Brewster Hopper"}
    microsoft.sandbox.add_user("microsoft", microsoft.joiner.work_email, fields=names)
    made = await plan(microsoft, books, existing_account="adopt")
    update = made.actions[1]
    assert update.after is not None
    assert not {"display_name", "given_name", "surname"} & update.after.keys()


async def test_the_manager_is_the_employee_s_unless_the_form_names_one(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    change_joiner(microsoft, manager_email="marcus.oyelaran@acme.example")
    made = await plan(microsoft, books)
    assert [one.key for one in made.actions] == ["create", "manager"]
    assert made.actions[1].after == {"manager": "Marcus Oyelaran"}
    await carry_out(microsoft, books, made)
    named = await plan(microsoft, books, fields={**BARE, "manager": "priya.raman@acme.example"})
    (change,) = named.actions
    assert change.before == {"manager": "Marcus Oyelaran"}
    await carry_out(microsoft, books, named)
    assert (microsoft.account() or {})["manager"] == "priya.raman@acme.example"
    assert is_settled(await plan(microsoft, books, fields={**BARE, "manager": "PRIYA.raman@acme.example"}))


async def test_a_manager_who_is_not_there(microsoft: MicrosoftHarness, books: Books) -> None:
    for manager in ("nobody@acme.example", "00000000-0000-4000-8000-000000000001"):
        error = await refused(microsoft, fields={**BARE, "manager": manager})
        assert (error.code, error.field) == (ErrorCode.INVALID_FIELD, "manager")
    change_joiner(microsoft, manager_email="nobody@acme.example")
    made = await plan(microsoft, books)
    assert [one.key for one in made.actions] == ["create"]
    assert [one.code for one in made.notices] == ["no_manager"]
    change_joiner(microsoft, manager_email="priya.raman@acme.example")
    made = await plan(microsoft, books)
    await act(microsoft, books, made.actions[0])
    manager = (microsoft.sandbox.user("microsoft", "priya.raman@acme.example") or {})["id"]
    url = f"{microsoft.sandbox.microsoft_url}/v1.0/users/{manager}"
    (await microsoft.http.delete(url)).raise_for_status()
    with pytest.raises(Refused) as caught:
        await act(microsoft, books, made.actions[1])
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_FOUND, "manager")


async def test_an_account_that_was_deleted_meanwhile_is_not_waited_for(
    microsoft: MicrosoftHarness, books: Books
) -> None:
    made = await make_plan(microsoft, books, wish(microsoft))
    await act(microsoft, books, made.actions[0])
    url = f"{microsoft.sandbox.microsoft_url}/v1.0/users/{books.known.remote_id}"
    (await microsoft.http.delete(url)).raise_for_status()
    for action in made.actions[1:]:
        with pytest.raises(Refused) as caught:
            await microsoft.provider.apply(microsoft.context(books.known), action)
        assert caught.value.code is ErrorCode.NOT_FOUND


def user_from(**more: Any) -> dict[str, Any]:
    return {
        "id": "87d349ed-44d7-43e1-9a83-5f2406dee5bd",
        "userPrincipalName": "sean.o'brien@acme.example",
        "displayName": "Sean",
        "accountEnabled": True,
        "onPremisesExtensionAttributes": None,
        **more,
    }


def directory(user: dict[str, Any]) -> Any:
    """Just enough of Graph to plan for one account."""

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/v1.0")
        if path == "/users":
            return httpx.Response(200, json={"value": [user]})
        if path == f"/users/{user['id']}":
            return httpx.Response(200, json=user)
        return httpx.Response(200, json={"value": []})

    return answer


async def test_a_synchronised_account_is_changed_where_it_is_kept(graph: MakeContext) -> None:
    from services.shared.providers.microsoft.provider import Microsoft365

    ctx = graph(directory(user_from(onPremisesSyncEnabled=True, proxyAddresses=None, assignedLicenses=None)))
    desired = Desired(fields=BARE, existing_account="adopt")
    made = await Microsoft365().plan(ctx, desired)
    assert [one.key for one in made.actions] == ["adopt", "update"]
    assert made.actions[1].after == {"usage_location": "GB"}
    assert [one.code for one in made.notices] == ["synchronised"]
    leaving = await Microsoft365().plan(ctx, Desired(presence="suspended", existing_account="adopt"))
    assert "synchronised" in [one.code for one in leaving.notices]


async def test_a_user_is_read_with_its_mark_whatever_is_missing(graph: MakeContext) -> None:
    marked = user_from(onPremisesExtensionAttributes={"extensionAttribute15": "oneclick:abc"}, manager=None)
    user = await find(graph(lambda _: httpx.Response(200, json=marked)), requests.get_user("x"), GraphUser)
    assert user is not None
    assert user.mark == "abc"
    assert user.enabled
    other = GraphUser.model_validate(
        user_from(onPremisesExtensionAttributes={"extensionAttribute15": "theirs"})
    )
    assert other.mark is None
