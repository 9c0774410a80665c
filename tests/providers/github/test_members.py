"""What members have: role, teams, Copilot; and logins that change hands."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.sdk.contract import Desired, Known, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan, wish
from tests.providers.github.harness import LOGIN, ORG, OrganizationHarness


async def plan(github: OrganizationHarness, books: Books, **changes: Any) -> Plan:
    return await make_plan(github, books, wish(github, {**github.wish, **changes}))


async def join(github: OrganizationHarness, books: Books, **changes: Any) -> None:
    await carry_out(github, books, await plan(github, books, **changes))


def account(github: OrganizationHarness) -> dict[str, Any]:
    return github.account() or {}


async def test_ownership_that_we_gave_is_taken_back(github: OrganizationHarness, books: Books) -> None:
    await join(github, books)
    up = await plan(github, books, role="admin")
    assert [(one.kind, one.title) for one in up.actions] == [
        (ActionKind.GRANT_ROLE, f"Make {LOGIN} an owner of the organisation")
    ]
    await carry_out(github, books, up)
    assert account(github)["role"] == "admin"
    assert books.known.gave("role", "admin")
    await carry_out(github, books, await plan(github, books))
    assert account(github)["role"] == "member"
    assert not books.known.gave("role", "admin")
    assert is_settled(await plan(github, books))


async def test_ownership_that_others_gave_stays(github: OrganizationHarness, books: Books) -> None:
    await join(github, books)
    await github.call("PUT", f"/orgs/{ORG}/memberships/{LOGIN}", json={"role": "admin"})
    kept = await plan(github, books)
    assert is_settled(kept)
    assert [one.code for one in kept.notices] == ["kept_role"]


async def test_a_member_is_made_a_billing_manager_by_hand(github: OrganizationHarness, books: Books) -> None:
    await join(github, books)
    made = await plan(github, books, role="billing_manager", teams=[], copilot=False)
    task = next(one for one in made.actions if one.kind is ActionKind.MANUAL_TASK)
    assert task.params["link"] == f"https://github.com/organizations/{ORG}/settings/billing"
    assert await github.provider.confirm(github.context(books.known, reading=True), task) is None


async def test_a_maintainer_is_not_made_a_member(github: OrganizationHarness, books: Books) -> None:
    await join(github, books, teams=[])
    path = f"/orgs/{ORG}/teams/platform/memberships/{LOGIN}"
    adding = await plan(github, books, teams=["platform"])
    await github.call("PUT", path, json={"role": "maintainer"})
    await carry_out(github, books, adding)
    assert (await github.call("GET", path))["role"] == "maintainer"


async def test_a_team_that_is_synced_cannot_be_joined(github: OrganizationHarness, books: Books) -> None:
    await join(github, books, teams=[])
    adding = await plan(github, books, teams=["security"])
    with pytest.raises(Refused) as caught:
        await act(github, books, adding.actions[0])
    assert (caught.value.code, caught.value.field) == (ErrorCode.CONFLICT, "teams")


async def test_everybody_may_have_copilot(github: OrganizationHarness, books: Books) -> None:
    github.sandbox.configure("github", modes={"copilot": "assign_all"})
    made = await plan(github, books)
    assert ActionKind.ASSIGN_LICENSE not in {one.kind for one in made.actions}
    assert "copilot_for_all" in {one.code for one in made.notices}


@pytest.mark.parametrize("mode", ["disabled", "unconfigured"])
async def test_without_a_subscription_copilot_is_a_task(
    github: OrganizationHarness, books: Books, mode: str
) -> None:
    github.sandbox.configure("github", modes={"copilot": mode})
    made = await plan(github, books)
    task = made.actions[-1]
    assert (task.kind, task.depends_on) == (ActionKind.MANUAL_TASK, ("invite",))
    await act(github, books, made.actions[0])
    reading = github.context(books.known, reading=True)
    assert await github.provider.confirm(reading, task) is None, "GitHub does not show a seat"
    github.sandbox.configure("github", modes={"copilot": "assign_selected"})
    await github.call(
        "POST", f"/orgs/{ORG}/copilot/billing/selected_users", json={"selected_usernames": [LOGIN]}
    )
    done = await github.provider.confirm(reading, task)
    assert done is not None
    assert [one.key for one in done.given] == ["copilot"]
    books.record(done)
    assert is_settled(await plan(github, books))


async def test_a_setting_that_changed_meanwhile_is_told(github: OrganizationHarness, books: Books) -> None:
    await join(github, books, copilot=False)
    made = await plan(github, books)
    github.sandbox.configure("github", modes={"copilot": "assign_all"})
    with pytest.raises(ActionRequired) as caught:
        await act(github, books, made.actions[0])
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_ENTITLED, "copilot")


async def test_a_seat_ends_with_the_cycle(github: OrganizationHarness, books: Books) -> None:
    await join(github, books)
    ending = await plan(github, books, copilot=False)
    assert [one.kind for one in ending.actions] == [ActionKind.REMOVE_LICENSE]
    assert "cycle" in ending.actions[0].title
    await carry_out(github, books, ending)
    assert account(github)["licenses"] == []
    await join(github, books)
    assert account(github)["licenses"] == ["copilot"]


async def test_another_login_is_not_put_beside_the_linked_one(
    github: OrganizationHarness, books: Books
) -> None:
    await join(github, books)
    with pytest.raises(Refused) as caught:
        await plan(github, books, username="lena-fischer")
    assert (caught.value.code, caught.value.field) == (ErrorCode.CONFLICT, "username")


async def _rename(github: OrganizationHarness, books: Books, *, has_heir: bool) -> None:
    """From now on GitHub shows the joiner as `grace-new`; the old login is a stranger's, or nobody's."""
    number = int(books.known.remote_id or 0)
    stranger_view = {"id": 4711, "login": LOGIN}

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/github")
        membership = {"state": "active", "role": "member", "direct_membership": True}
        if path == f"/orgs/{ORG}/memberships/{LOGIN}":
            if not has_heir:
                return httpx.Response(404, json={"message": "Not Found"})
            return httpx.Response(200, json={**membership, "user": stranger_view})
        if path == f"/orgs/{ORG}/memberships/grace-new":
            return httpx.Response(200, json={**membership, "user": {"id": number, "login": "grace-new"}})
        if path == f"/orgs/{ORG}/members":
            return httpx.Response(200, json=[stranger_view, {"id": number, "login": "grace-new"}])
        return httpx.Response(204 if request.method == "DELETE" else 404, json=None)

    await github.answer_by(answer)


@pytest.mark.parametrize("heir", ["somebody", "nobody"])
async def test_the_number_is_followed_and_not_the_login(
    github: OrganizationHarness, books: Books, heir: str
) -> None:
    await join(github, books, teams=[], copilot=False)
    await _rename(github, books, has_heir=heir == "somebody")
    leaving = await make_plan(github, books, Desired(presence="absent"))
    (removal,) = leaving.actions
    assert (removal.kind, removal.target) == (ActionKind.DELETE, "grace-new")


async def test_an_action_never_falls_on_a_stranger_with_the_old_login(
    github: OrganizationHarness, books: Books
) -> None:
    await join(github, books, teams=[], copilot=False)
    leaving = await make_plan(github, books, Desired(presence="absent"))
    await _rename(github, books, has_heir=True)
    kept = Known(remote_id="1", login=LOGIN)
    stale = leaving.actions[0].model_copy(update={"params": {"account_id": 1, "login": LOGIN}})
    assert await github.provider.confirm(github.context(kept, reading=True), stale) is not None
    outcome = await github.provider.apply(github.context(kept), stale)
    assert outcome.gone, "the account is not there; the stranger who is was not touched"
