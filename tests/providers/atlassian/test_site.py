"""A company without a directory: what the site's API can and cannot do."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.sdk.contract import Known
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import carry_out, is_settled, leaver, make_plan, onboard, wish
from tests.fixtures.sandbox import Sandbox
from tests.providers.atlassian.conftest import MakeHarness
from tests.providers.atlassian.harness import AtlassianHarness

ADDRESS = "grace.hopper@acme.example"


@pytest.fixture
async def site(make: MakeHarness) -> AtlassianHarness:
    return make("jira", site=True)


def modes(sandbox: Sandbox, **switches: str) -> None:
    sandbox.configure("atlassian", modes={"scim": "off", **switches})


def effects(sandbox: Sandbox) -> list[str]:
    return [one["kind"] for one in sandbox.effects("atlassian", ADDRESS)]


async def test_inviting_to_a_product_brings_its_default_group(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    books, plan = await onboard(site)
    assert [one.key.partition(":")[0] for one in plan.actions] == ["create", "group"]
    assert plan.actions[0].after == {"address": ADDRESS, "products": ["Jira"], "groups": ["jira-users-acme"]}
    assert {grant.label for grant in books.known.grants} == {"jira-users-acme", "acme-reviewers"}
    assert effects(sandbox) == ["user.invite", "member.add", "member.add"]


async def test_a_chosen_access_group_is_given_instead_of_the_default(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    """Jira would put the person into its default group: it is told no product at all."""
    site.wish = {"access_groups": ["jira-users"]}
    _, plan = await onboard(site)
    assert plan.actions[0].params["products"] == []
    assert sandbox.user("atlassian", ADDRESS)["groups"] == ["jira-users"]


async def test_an_account_that_cannot_be_seen_asks_for_a_person(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    """400: it exists and has no access; a search by address does not find it."""
    modes(sandbox, email_visibility="unfindable")
    sandbox.add_user("atlassian", ADDRESS, fields={"scim": False})
    plan = await make_plan(site, Books(), wish(site))
    with pytest.raises(ActionRequired) as required:
        await site.provider.apply(site.context(Known()), plan.actions[0])
    assert required.value.code is ErrorCode.ALREADY_EXISTS
    assert "already exists" in str(required.value.vendor_message)


async def test_an_invitation_that_was_refused_and_took_effect_is_not_success(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    modes(sandbox, email_visibility="unfindable", existing_user="refused_but_invited")
    sandbox.add_user("atlassian", ADDRESS, fields={"scim": False})
    plan = await make_plan(site, Books(), wish(site))
    with pytest.raises(ActionRequired):
        await site.provider.apply(site.context(Known()), plan.actions[0])


async def test_somebody_who_hides_their_address_is_found_when_alone(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    sandbox.add_user(
        "atlassian", ADDRESS, licenses=["jira-software"], fields={"scim": False, "hides_email": True}
    )
    assert (await make_plan(site, Books(), wish(site))).choices


async def test_no_seat_at_the_invitation_asks_for_a_person(site: AtlassianHarness, sandbox: Sandbox) -> None:
    plan = await make_plan(site, Books(), wish(site))
    sandbox.set_seats("atlassian", "jira-software", 0)
    with pytest.raises(ActionRequired) as required:
        await site.provider.apply(site.context(Known()), plan.actions[0])
    assert required.value.code is ErrorCode.NO_SEATS
    assert not effects(sandbox)


@pytest.mark.parametrize("again", ["400", "201"])
async def test_joining_by_somebody_else_meanwhile_is_success(
    site: AtlassianHarness, sandbox: Sandbox, again: str
) -> None:
    modes(sandbox, group_again=again)
    books, plan = Books(), await make_plan(site, Books(), wish(site))
    await carry_out(site, books, plan.model_copy(update={"actions": plan.actions[:1]}))
    sandbox.act("atlassian", "join", email=ADDRESS, group="acme-reviewers")
    outcome = await site.provider.apply(site.context(books.known), plan.actions[1])
    assert [grant.label for grant in outcome.given] == ["acme-reviewers"]


async def test_a_group_of_the_identity_provider_cannot_be_changed_here(make: MakeHarness) -> None:
    site = make("jira", doors=("site",))
    plan = await make_plan(site, Books(), wish(site, {"groups": ["Engineering"]}))
    books = Books()
    await carry_out(site, books, plan.model_copy(update={"actions": plan.actions[:1]}))
    with pytest.raises(Refused, match="identity provider") as refused:
        await site.provider.apply(site.context(books.known), plan.actions[-1])
    assert refused.value.code is ErrorCode.CONFLICT


async def test_without_the_organisation_s_key_leaving_removes_from_jira(
    make: MakeHarness, sandbox: Sandbox
) -> None:
    site = make("jira", site=True, doors=("site",))
    books, _ = await onboard(site)
    plan = await make_plan(site, books, leaver("suspended"))
    assert [one.kind for one in plan.actions] == [ActionKind.REMOVE_FROM_GROUP, ActionKind.DELETE]
    assert plan.actions[-1].title == "Remove from the site"
    assert plan.actions[-1].reversible
    await carry_out(site, books, plan)
    assert sandbox.user("atlassian", ADDRESS)["licenses"] == []
    assert books.known == Known()
    assert is_settled(await make_plan(site, books, leaver("suspended")))


async def test_an_account_of_another_domain_cannot_be_closed(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    """The organisation manages accounts of its verified domains alone."""
    books, _ = await onboard(site)
    sandbox.act("atlassian", "unverify", domain="acme.example")
    plan = await make_plan(site, books, leaver("suspended"))
    assert ActionKind.SUSPEND not in {one.kind for one in plan.actions}
    assert plan.actions[-1].kind is ActionKind.DELETE


async def test_closing_and_opening_is_the_organisation_s_key(
    site: AtlassianHarness, sandbox: Sandbox
) -> None:
    books, _ = await onboard(site)
    await carry_out(site, books, await make_plan(site, books, leaver("suspended")))
    account = sandbox.user("atlassian", ADDRESS)
    assert (account["enabled"], account["sessions_ended"]) == (False, 1)
    plan = await make_plan(site, books, wish(site))
    assert plan.actions[0].title == "Activate the account"
    await carry_out(site, books, plan)
    assert sandbox.user("atlassian", ADDRESS)["licenses"] == ["jira-software"]


async def test_a_closed_account_that_may_not_be_opened_is_told(
    make: MakeHarness, site: AtlassianHarness
) -> None:
    books, _ = await onboard(site)
    await carry_out(site, books, await make_plan(site, books, leaver("suspended")))
    keyless = make("jira", site=True, doors=("site",))
    plan = await make_plan(keyless, books, wish(keyless))
    assert "may not activate it" in plan.notices[0].message


async def test_confluence_takes_its_groups_and_deletes_nobody(make: MakeHarness, sandbox: Sandbox) -> None:
    site = make("confluence", site=True, doors=("site",))
    books, first = await onboard(site)
    assert first.actions[0].params["products"] == []
    assert sandbox.user("atlassian", ADDRESS)["licenses"] == ["confluence"]
    plan = await make_plan(site, books, leaver("absent"))
    assert {one.kind for one in plan.actions} == {ActionKind.REMOVE_FROM_GROUP}
    await carry_out(site, books, plan)
    assert sandbox.user("atlassian", ADDRESS)["licenses"] == []
    assert is_settled(await make_plan(site, books, leaver("absent")))


async def test_the_account_stays_for_the_other_app(make: MakeHarness, sandbox: Sandbox) -> None:
    jira, confluence = make("jira", site=True), make("confluence", site=True)
    confluence.wish = {}
    one, _ = await onboard(jira)
    other = Books()
    await carry_out(
        confluence, other, await make_plan(confluence, other, wish(confluence, existing_account="adopt"))
    )
    await carry_out(jira, one, await make_plan(jira, one, leaver("absent")))
    account = sandbox.user("atlassian", ADDRESS)
    assert (account["enabled"], account["licenses"]) == (True, ["confluence"])
    await carry_out(confluence, other, await make_plan(confluence, other, leaver("suspended")))
    assert not sandbox.user("atlassian", ADDRESS)["enabled"]


class ConfluenceAlone(httpx.AsyncBaseTransport):
    """A site without Jira: every path of Jira's is unknown to it."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if "/rest/api/3/" in request.url.path:
            return httpx.Response(404, json={"errorMessages": ["No Jira here"], "errors": {}})
        return await self._inner.handle_async_request(request)


@pytest.fixture
async def alone(make: MakeHarness, monkeypatch: pytest.MonkeyPatch) -> AtlassianHarness:
    """Confluence on a site that has no Jira."""
    harness = make("confluence", site=True, doors=("site",))
    harness.joiner = harness.joiner.model_copy(update={"full_name": "Grace Hopper"})
    for client in (harness.http, harness._reading):
        monkeypatch.setattr(client, "_transport", ConfluenceAlone(client._transport))
    return harness


async def test_confluence_alone_asks_a_person_to_invite(alone: AtlassianHarness, sandbox: Sandbox) -> None:
    books = Books()
    plan = await make_plan(alone, books, wish(alone, {}))
    task, access = plan.actions
    assert task.kind is ActionKind.MANUAL_TASK
    assert any(ADDRESS in line for line in task.params["instructions"])
    assert access.depends_on == ("invite",)
    reading: Any = alone.context(books.known, reading=True)
    assert await alone.provider.confirm(reading, task) is None
    sandbox.add_user(
        "atlassian",
        ADDRESS,
        given_name="Grace",
        family_name="Hopper",
        licenses=["confluence"],
        fields={"scim": False},
    )
    done = await alone.provider.confirm(reading, task)
    assert done is not None
    books.record(done)
    assert books.known.remote_id == sandbox.user("atlassian", ADDRESS)["id"]
    await carry_out(alone, books, plan.model_copy(update={"actions": (access,)}))
    assert is_settled(await make_plan(alone, books, wish(alone, {})))


async def test_the_second_app_links_what_the_first_one_invited(
    site: AtlassianHarness, make: MakeHarness, sandbox: Sandbox
) -> None:
    """No mark says whose the account is: the books of the other app do, also where the address is hidden."""
    books, _ = await onboard(site)
    modes(sandbox, email_visibility="unfindable")
    confluence, own = make("confluence", site=True), Books()
    own.known = Known(siblings=(str(books.known.remote_id),))
    plan = await make_plan(confluence, own, wish(confluence))
    assert not plan.choices
    assert plan.actions[0].title == f"Link OneClick's account {ADDRESS}"
    await carry_out(confluence, own, plan)
    assert own.known.remote_id == books.known.remote_id
    assert not own.known.adopted
    assert effects(sandbox).count("user.invite") == 1


async def test_the_second_app_waits_while_the_first_one_may_invite(
    site: AtlassianHarness, make: MakeHarness, sandbox: Sandbox
) -> None:
    confluence = make("confluence", site=True)
    plan = await make_plan(confluence, Books(), wish(confluence))
    assert plan.actions[0].kind is ActionKind.CREATE
    await onboard(site)
    with pytest.raises(Transient) as waits:
        await confluence.provider.apply(confluence.context(Known(sibling_at_work=True)), plan.actions[0])
    assert waits.value.code is ErrorCode.SETTLING
    assert effects(sandbox).count("user.invite") == 1
