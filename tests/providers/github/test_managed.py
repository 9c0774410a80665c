"""An enterprise's own logins: SCIM with GitHub's particularities."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, leaver, make_plan, onboard, wish
from tests.providers.github.harness import ENTERPRISE, ManagedHarness


async def plan(managed: ManagedHarness, books: Books, **changes: Any) -> Plan:
    return await make_plan(managed, books, wish(managed, {**managed.wish, **changes}))


async def scim(managed: ManagedHarness, user_id: str | None) -> dict[str, Any]:
    found: dict[str, Any] = await managed.call("GET", f"/scim/v2/enterprises/{ENTERPRISE}/Users/{user_id}")
    return found


async def test_a_managed_user_is_there_at_once(managed: ManagedHarness) -> None:
    books, made = await onboard(managed)
    assert [one.kind for one in made.actions] == [ActionKind.CREATE, ActionKind.ADD_TO_GROUP]
    shown = await scim(managed, books.known.remote_id)
    assert shown["externalId"] == str(managed.joiner.employee_id)
    assert (shown["userName"], shown["active"]) == (managed.joiner.work_email, True)
    assert shown["emails"][0] == {"value": managed.joiner.work_email, "type": "work", "primary": True}
    account = managed.account() or {}
    assert account["login"] == "grace-hopper_acme", "GitHub made it of the address"
    assert account["groups"] == ["security"], "the team is filled by the group"
    assert "sso" in {one.code for one in made.notices}


async def test_a_new_name_is_written_where_paths_have_no_filters(managed: ManagedHarness) -> None:
    books, _ = await onboard(managed)
    managed.joiner = managed.joiner.model_copy(update={"full_name": "Grace Murray"})
    changed = await plan(managed, books)
    assert [one.key for one in changed.actions] == ["update"]
    await carry_out(managed, books, changed)
    shown = await scim(managed, books.known.remote_id)
    assert (shown["displayName"], shown["name"]["givenName"], shown["name"]["familyName"]) == (
        "Grace Murray", "Grace", "Murray",
    )  # fmt: skip
    assert shown["name"]["formatted"], "what was not written stays"


async def test_suspending_comes_first_and_obfuscates_the_login(managed: ManagedHarness) -> None:
    books, _ = await onboard(managed)
    leaving = await make_plan(managed, books, leaver("suspended"))
    assert [one.kind for one in leaving.actions] == [ActionKind.SUSPEND, ActionKind.REMOVE_FROM_GROUP]
    assert leaving.actions[1].depends_on == ("suspend",)
    await carry_out(managed, books, leaving)
    account = managed.account() or {}
    assert (account["enabled"], account["state"]) == (False, "outside")
    assert not account["login"].startswith("grace")
    await carry_out(managed, books, await plan(managed, books))
    assert (managed.account() or {})["login"] == "grace-hopper_acme"


async def test_deleting_is_final_and_says_so(managed: ManagedHarness) -> None:
    books, _ = await onboard(managed)
    leaving = await make_plan(managed, books, leaver("absent"))
    assert leaving.actions[-1].reversible is False
    assert "final" in {one.code for one in leaving.notices}


async def test_adopting_writes_nothing(managed: ManagedHarness, books: Books) -> None:
    """`externalId` is the key of whoever provisioned the account, and may sign people in."""
    await managed.add_foreign_account()
    before = (managed.account() or {})["external_id"]
    adopting = await make_plan(managed, books, wish(managed, existing_account="adopt"))
    await carry_out(managed, books, adopting.model_copy(update={"actions": adopting.actions[:1]}))
    assert books.known.adopted
    assert (managed.account() or {})["external_id"] == before
    assert await managed.effects() == []


async def test_adopting_needs_consent(managed: ManagedHarness, books: Books) -> None:
    await managed.add_foreign_account()
    asked = await plan(managed, books)
    with pytest.raises(ActionRequired) as caught:
        await managed.provider.apply(managed.context(books.known), asked.actions[0])
    assert caught.value.code is ErrorCode.ALREADY_EXISTS


async def test_copilot_is_a_task_taken_at_a_person_s_word(managed: ManagedHarness, books: Books) -> None:
    made = await plan(managed, books, copilot=True)
    task = made.actions[-1]
    assert (task.kind, task.depends_on) == (ActionKind.MANUAL_TASK, ("create",))
    await carry_out(managed, books, made.model_copy(update={"actions": made.actions[:-1]}))
    outcome = await managed.provider.confirm(managed.context(books.known, reading=True), task)
    assert outcome is not None
    books.record(outcome)
    assert is_settled(await plan(managed, books, copilot=True))


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"username": "grace"}, "username"), ({"role": "admin"}, "role"), ({"teams": ["Nobody"]}, "teams")],
)
async def test_what_cannot_be_meant_of_managed_users(
    managed: ManagedHarness, books: Books, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(Refused) as caught:
        await plan(managed, books, **changes)
    assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_FIELD, field)


async def test_a_billing_manager_of_the_enterprise(managed: ManagedHarness, books: Books) -> None:
    await carry_out(managed, books, await plan(managed, books, role="billing_manager", teams=[]))
    roles = (await scim(managed, books.known.remote_id))["roles"]
    assert [one["value"] for one in roles] == ["billing_manager"]


async def test_an_address_that_would_end_a_filter_is_refused(managed: ManagedHarness, books: Books) -> None:
    managed.joiner = managed.joiner.model_copy(update={"work_email": '"grace"@acme.example'})
    with pytest.raises(Refused) as caught:
        await make_plan(managed, books, Desired(fields={}))
    assert caught.value.field == "employee.work_email"


async def test_a_group_that_is_gone_is_told(managed: ManagedHarness, books: Books) -> None:
    made = await plan(managed, books)
    joining = made.actions[1].model_copy(
        update={"params": {**made.actions[1].params, "group_id": "0d9f3c1e-0000-0000-0000-000000000000"}}
    )
    await carry_out(managed, books, made.model_copy(update={"actions": made.actions[:1]}))
    with pytest.raises(Refused) as caught:
        await managed.provider.apply(managed.context(books.known), joining)
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_FOUND, "teams")
