"""Access by groups: which group is taken, what is refused, seats."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.sdk.contract import Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, make_plan, onboard, wish
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.conftest import MakeHarness
from tests.providers.atlassian.harness import AtlassianHarness, tenant

ADDRESS = "grace.hopper@acme.example"


async def plan_for(harness: AtlassianHarness, **fields: Any) -> Plan:
    return await make_plan(harness, Books(), wish(harness, fields))


def targets(plan: Plan) -> list[str]:
    return [action.target for action in plan.actions]


async def test_the_only_synced_group_that_gives_the_product_is_taken(
    jira: AtlassianHarness, confluence: AtlassianHarness
) -> None:
    """The site's default groups are local ones: the directory cannot fill them."""
    plan = await plan_for(jira)
    assert targets(plan) == [ADDRESS, "jira-users"]
    assert plan.actions[1].title == "Give access to Jira through jira-users"
    assert targets(await plan_for(jira, products=["jira-servicedesk"])) == [
        ADDRESS,
        "jira-servicedesk-agents",
    ]
    assert targets(await plan_for(confluence)) == [ADDRESS, "confluence-users"]


async def test_a_further_group_that_gives_the_product_is_enough(jira: AtlassianHarness) -> None:
    assert targets(await plan_for(jira, groups=["jira-users"])) == [ADDRESS, "jira-users"]


async def test_a_group_that_gives_no_access_is_refused(jira: AtlassianHarness) -> None:
    with pytest.raises(Refused, match="Engineering gives no access to Jira") as refused:
        await plan_for(jira, access_groups=["Engineering"])
    assert refused.value.field == "access_groups"


async def test_a_group_that_is_not_there_or_not_synced_names_its_field(jira: AtlassianHarness) -> None:
    for fields, field in (
        ({"groups": ["Compilers"]}, "groups"),
        ({"groups": ["acme-reviewers"]}, "groups"),
        ({"access_groups": ["jira-users-acme"]}, "access_groups"),
    ):
        with pytest.raises(Refused, match="There is no group") as refused:
            await plan_for(jira, **fields)
        assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_FIELD, field)


async def test_a_product_that_the_site_lacks_is_refused(jira: AtlassianHarness) -> None:
    with pytest.raises(Refused, match="Jira Product Discovery") as refused:
        await plan_for(jira, products=["jira-product-discovery"])
    assert refused.value.field == "products"


async def test_without_the_site_access_must_be_named(make: MakeHarness) -> None:
    alone = make("jira", doors=("scim",))
    with pytest.raises(Refused) as refused:
        await plan_for(alone)
    assert (refused.value.code, refused.value.field) == (ErrorCode.INVALID_FIELD, "access_groups")
    assert targets(await plan_for(alone, access_groups=["jira-users"])) == [ADDRESS, "jira-users"]


async def test_no_synced_group_gives_access(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    await jira.scim("DELETE", f"Groups/{tenant(sandbox)['scim_groups']['jira-users']}")
    with pytest.raises(Refused, match="No synced group gives access to Jira") as refused:
        await plan_for(jira)
    assert refused.value.field == "access_groups"


async def test_who_has_access_is_not_given_it_twice(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    sandbox.add_user("atlassian", ADDRESS, groups=["jira-users"])
    books = Books()
    await carry_out(jira, books, await make_plan(jira, books, wish(jira, {}, existing_account="adopt")))
    assert not books.known.grants
    assert is_settled(await make_plan(jira, books, wish(jira, {})))


async def test_the_plan_tells_the_free_seats_of_each_product(
    jira: AtlassianHarness, confluence: AtlassianHarness, sandbox: Sandbox
) -> None:
    sandbox.set_seats("atlassian", "jira-servicedesk", 7)
    plan = await plan_for(jira, products=["jira-servicedesk"])
    seats = {one.key: (one.free, one.needed) for one in plan.seats}
    used = next(
        one
        for one in sandbox.state("atlassian", tenant="acme.example")["skus"]
        if one["id"] == "jira-servicedesk"
    )
    assert seats == {"jira-servicedesk": (used["free"], 1)}
    assert [(one.name, one.free) for one in (await plan_for(confluence)).seats] == [("Confluence", None)]
    books, _ = await onboard(jira)
    assert not (await make_plan(jira, books, wish(jira))).seats


async def test_a_product_without_seats_asks_for_a_person(jira: AtlassianHarness, sandbox: Sandbox) -> None:
    plan = await plan_for(jira)
    books = Books()
    await carry_out(jira, books, plan.model_copy(update={"actions": plan.actions[:1]}))
    sandbox.set_seats("atlassian", "jira-software", 0)
    with pytest.raises(ActionRequired) as required:
        await jira.provider.apply(jira.context(books.known), plan.actions[1])
    assert required.value.code is ErrorCode.NO_SEATS
    assert "user limit" in str(required.value.vendor_message)


async def test_a_group_that_went_since_the_plan_is_said_as_such(
    jira: AtlassianHarness, sandbox: Sandbox
) -> None:
    plan, books = await plan_for(jira, groups=["Engineering"]), Books()
    await carry_out(jira, books, plan.model_copy(update={"actions": plan.actions[:2]}))
    await jira.scim("DELETE", f"Groups/{tenant(sandbox)['scim_groups']['Engineering']}")
    with pytest.raises(Refused, match="no longer there") as refused:
        await jira.provider.apply(jira.context(books.known), plan.actions[2])
    assert refused.value.code is ErrorCode.NOT_FOUND


async def test_options_name_groups_and_what_they_give(
    jira: AtlassianHarness, confluence: AtlassianHarness
) -> None:
    reading = jira.context(Books().known, reading=True)
    access = await jira.provider.options(reading, "access_groups", "")  # type: ignore[attr-defined]  # an optional protocol
    assert [one.value for one in access] == ["jira-servicedesk-agents", "jira-users"]
    assert access[1].detail == "Gives Jira"
    assert isinstance(access[1].free, int)
    every = await confluence.provider.options(reading, "groups", "SALES")  # type: ignore[attr-defined]  # an optional protocol
    assert [(one.value, one.detail) for one in every] == [("Sales", None)]
