"""Accounts of the directory: domains, marks, links, names, and the oddities of Atlassian's SCIM."""

from __future__ import annotations

import pytest

from services.shared.sdk.contract import Known, OutcomeState
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, make_plan, onboard, wish
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.conftest import MakeHarness
from tests.providers.atlassian.harness import AtlassianHarness

ADDRESS = "grace.hopper@acme.example"


def modes(sandbox: Sandbox, **switches: str) -> None:
    sandbox.configure("atlassian", modes=switches)


@pytest.mark.parametrize("status", ["400", "403"])
async def test_an_unverified_domain_is_said_as_such(
    jira: AtlassianHarness, sandbox: Sandbox, books: Books, status: str
) -> None:
    modes(sandbox, unverified=status)
    jira.joiner = jira.joiner.model_copy(update={"work_email": "grace@elsewhere.example"})
    plan = await make_plan(jira, books, wish(jira))
    with pytest.raises(Refused) as refused:
        await jira.provider.apply(jira.context(books.known), plan.actions[0])
    assert refused.value.code is ErrorCode.DOMAIN_NOT_VERIFIED
    assert refused.value.field == "employee.work_email"
    assert not sandbox.effects("atlassian", "grace@elsewhere.example")


@pytest.mark.parametrize("extension", ["published", "ietf"])
async def test_the_account_id_is_read_from_either_spelling_of_the_extension(
    jira: AtlassianHarness, sandbox: Sandbox, books: Books, extension: str
) -> None:
    modes(sandbox, extension=extension)
    plan = await make_plan(jira, books, wish(jira))
    outcome = await jira.provider.apply(jira.context(books.known), plan.actions[0])
    assert outcome.url is not None
    assert outcome.url.endswith("/users/" + sandbox.user("atlassian", ADDRESS)["id"])


async def test_an_account_id_that_comes_late_is_no_failure(
    jira: AtlassianHarness, sandbox: Sandbox, books: Books
) -> None:
    sandbox.configure("atlassian", modes={"account_id": "late"}, settle_seconds=60)
    plan = await make_plan(jira, books, wish(jira))
    outcome = await jira.provider.apply(jira.context(books.known), plan.actions[0])
    assert outcome.state is OutcomeState.DONE
    assert outcome.url is None
    assert outcome.remote_id == sandbox.user("atlassian", ADDRESS)["scim_id"]


async def test_a_group_write_that_comes_too_early_is_settling(
    jira: AtlassianHarness, sandbox: Sandbox, books: Books
) -> None:
    plan = await make_plan(jira, books, wish(jira))
    sandbox.configure("atlassian", settle_seconds=60)
    books.record(await jira.provider.apply(jira.context(books.known), plan.actions[0]))
    with pytest.raises(Transient) as settling:
        await jira.provider.apply(jira.context(books.known), plan.actions[1])
    assert settling.value.code is ErrorCode.SETTLING


async def test_what_the_directory_does_not_know_and_the_site_does_is_asked_about(
    jira: AtlassianHarness, sandbox: Sandbox
) -> None:
    """Creating links a managed account that exists: that is an adoption."""
    sandbox.add_user("atlassian", ADDRESS, fields={"scim": False})
    asked = await make_plan(jira, Books(), wish(jira))
    assert asked.choices[0].code == "existing_account"
    with pytest.raises(ActionRequired) as required:
        await jira.provider.apply(jira.context(Known()), asked.actions[0])
    assert required.value.code is ErrorCode.ALREADY_EXISTS
    with pytest.raises(Refused):
        await make_plan(jira, Books(), wish(jira, existing_account="fail"))
    skipped = await make_plan(jira, Books(), wish(jira, existing_account="skip"))
    assert is_settled(skipped)
    plan = await make_plan(jira, Books(), wish(jira, existing_account="adopt"))
    assert {asked.fingerprint, skipped.fingerprint} == {plan.fingerprint}
    assert plan.actions[0].kind is ActionKind.ADOPT
    assert not sandbox.effects("atlassian", ADDRESS)
    books = Books()
    await carry_out(jira, books, plan)
    assert books.known.adopted
    assert sandbox.effects("atlassian", ADDRESS)[0]["kind"] == "user.link"
    assert is_settled(await make_plan(jira, books, wish(jira)))


async def test_a_lost_reply_of_linking_is_found(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    sandbox.add_user("atlassian", ADDRESS, fields={"scim": False})
    plan = await make_plan(jira, Books(), wish(jira, existing_account="adopt"))
    reading = jira.context(Known(), reading=True)
    assert await jira.provider.confirm(reading, plan.actions[0]) is None
    await jira.provider.apply(jira.context(Known()), plan.actions[0])
    found = await jira.provider.confirm(reading, plan.actions[0])
    assert found is not None
    assert found.adopted


async def test_without_the_site_nobody_sees_what_linking_takes_over(
    make: MakeHarness, sandbox: Sandbox
) -> None:
    """Atlassian's rule: creating in the directory links the managed account, and that is success."""
    alone = make("jira", doors=("scim",))
    alone.wish = {"access_groups": ["jira-users"]}
    sandbox.add_user("atlassian", ADDRESS, fields={"scim": False})
    books, plan = await onboard(alone)
    assert plan.actions[0].kind is ActionKind.CREATE
    assert not books.known.adopted


async def test_adopting_replaces_another_system_s_external_id_and_says_so(
    jira: AtlassianHarness, sandbox: Sandbox
) -> None:
    sandbox.add_user("atlassian", ADDRESS, fields={"external_id": "okta-17"})
    asked = await make_plan(jira, Books(), wish(jira))
    assert "okta-17" in asked.choices[0].message
    books = Books()
    plan = await make_plan(jira, books, wish(jira, existing_account="adopt"))
    assert plan.actions[0].before == {"managed_by_oneclick": False, "external_id": "okta-17"}
    await carry_out(jira, books, plan)
    assert sandbox.user("atlassian", ADDRESS)["external_id"] == str(jira.joiner.employee_id)


async def test_an_account_that_was_renamed_is_found_by_its_mark(
    jira: AtlassianHarness, sandbox: Sandbox
) -> None:
    books, _ = await onboard(jira)
    change = {"op": "replace", "path": "userName", "value": "rear.admiral@acme.example"}
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [change]}
    await jira.scim("PATCH", f"Users/{books.known.remote_id}", json=body)
    plan = await make_plan(jira, Books(), wish(jira))
    assert [one.kind for one in plan.actions] == [ActionKind.ADOPT]
    assert "rear.admiral@acme.example" in plan.notices[-1].message
    assert len([one for one in sandbox.effects("atlassian", ADDRESS) if one["kind"] == "user.create"]) == 1


async def test_a_new_name_is_written_with_the_name_that_is_shown(
    jira: AtlassianHarness, sandbox: Sandbox
) -> None:
    books, _ = await onboard(jira)
    jira.joiner = jira.joiner.model_copy(update={"full_name": "Grace Murray Hopper-Smith"})
    plan = await make_plan(jira, books, wish(jira))
    assert [(one.kind, one.after) for one in plan.actions] == [
        (ActionKind.UPDATE, {"given_name": "Grace Murray", "family_name": "Hopper-Smith"})
    ]
    await carry_out(jira, books, plan)
    assert sandbox.user("atlassian", ADDRESS)["name"] == "Grace Murray Hopper-Smith"


async def test_a_deleted_account_comes_back_with_a_new_id(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    """Deleting destroys the record and deactivates the account; a new record links it again."""
    books, _ = await onboard(jira)
    first = books.known.remote_id
    await jira.scim("DELETE", f"Users/{first}")
    plan = await make_plan(jira, books, wish(jira))
    assert plan.actions[0].kind is ActionKind.CREATE
    await carry_out(jira, books, plan)
    assert books.known.remote_id not in {None, first}
    assert sandbox.user("atlassian", ADDRESS)["enabled"]


async def test_title_and_department_are_written_once(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    books, _ = await onboard(jira)
    fields = sandbox.user("atlassian", ADDRESS)["fields"]
    assert (fields["title"], fields["department"]) == ("Compiler Engineer", "Engineering")
    jira.joiner = jira.joiner.model_copy(update={"job_title": "Rear Admiral"})
    assert is_settled(await make_plan(jira, books, wish(jira)))
