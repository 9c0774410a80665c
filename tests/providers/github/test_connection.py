"""Whether a connection is usable, and what the form offers."""

from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from services.shared.sdk.contract import Known
from services.shared.sdk.errors import ConsentLost, ErrorCode, Refused
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import make_plan, wish
from tests.fixtures.sandbox import Sandbox
from tests.providers.github.harness import ManagedHarness, OrganizationHarness


async def issues(github: OrganizationHarness | ManagedHarness) -> dict[str, str]:
    found = await github.provider.validate(github.context(Known(), reading=True))
    return {one.field: one.message for one in found}


def settle(github: OrganizationHarness | ManagedHarness, **changes: Any) -> None:
    github.settings = github.settings.model_copy(update=changes)


def offered(github: OrganizationHarness | ManagedHarness) -> OffersOptions:
    assert isinstance(github.provider, OffersOptions)
    return github.provider


def narrow_token(sandbox: Sandbox, **permissions: str) -> str:
    """A token of the installation with these permissions alone."""
    info, now = sandbox.info()["github"], int(time.time())
    claims = {"iss": str(info["app_id"]), "iat": now - 10, "exp": now + 540}
    signed = jwt.encode({"alg": "RS256"}, claims, RSAKey.import_key(info["private_key"]))
    number = info["tenants"][0]["installation_id"]
    reply = httpx.post(
        f"{sandbox.url}/github/app/installations/{number}/access_tokens",
        headers={"authorization": f"Bearer {signed}", "user-agent": "tests"},
        json={"permissions": permissions},
        trust_env=False,
    )
    return str(reply.raise_for_status().json()["token"])


async def test_a_missing_permission_is_named(github: OrganizationHarness, sandbox: Sandbox) -> None:
    token = narrow_token(sandbox, members="read", metadata="read")
    github._auth._headers = {sandbox.url: f"Bearer {token}"}
    found = await issues(github)
    assert set(found) == {"scopes"}
    assert "organization_copilot_seat_management:write" in found["scopes"]


async def test_the_plan_works_without_knowing_the_seats(
    github: OrganizationHarness, sandbox: Sandbox
) -> None:
    token = narrow_token(sandbox, members="write", metadata="read")
    github._auth._headers = {sandbox.url: f"Bearer {token}"}
    plan = await make_plan(github, Books(), wish(github, {"teams": ["platform"]}))
    assert [(one.key, one.free) for one in plan.seats] == [("seats", None)]


async def test_writing_without_the_permission_stops_the_connection(
    github: OrganizationHarness, sandbox: Sandbox
) -> None:
    token = narrow_token(sandbox, members="read", metadata="read")
    github._auth._headers = {sandbox.url: f"Bearer {token}"}
    plan = await make_plan(github, Books(), wish(github, {}))
    with pytest.raises(ConsentLost) as caught:
        await github.provider.apply(github.context(Known()), plan.actions[0])
    assert caught.value.code is ErrorCode.MISSING_SCOPE


async def test_another_organisation_is_not_reached(github: OrganizationHarness) -> None:
    settle(github, org="globex-example")
    assert "org" in await issues(github)
    settle(github, org="no-such-organisation")
    assert "org" in await issues(github)
    with pytest.raises(Refused) as caught:
        await make_plan(github, Books(), wish(github, {}))
    assert caught.value.code is ErrorCode.NOT_FOUND


async def test_an_organisation_of_managed_users_invites_nobody(github: OrganizationHarness) -> None:
    github.sandbox.configure("github", modes={"accounts": "managed_users"})
    found = await issues(github)
    assert "managed users" in found["org"]


async def test_without_copilot_the_connection_is_fine(github: OrganizationHarness) -> None:
    github.sandbox.configure("github", modes={"copilot": "disabled"})
    assert await issues(github) == {}


async def test_managed_users_need_their_enterprise(managed: ManagedHarness) -> None:
    settle(managed, enterprise="globex-enterprise")
    assert "globex-enterprise" in (await issues(managed))["enterprise"]
    settle(managed, enterprise=None)
    assert "short name" in (await issues(managed))["enterprise"]
    with pytest.raises(ConsentLost):
        await make_plan(managed, Books(), wish(managed))


async def test_teams_are_offered_by_short_name_and_groups_by_name(
    github: OrganizationHarness, sandbox: Sandbox
) -> None:
    context = github.context(Known(), reading=True)
    found = await offered(github).options(context, "teams", "sales")
    assert [(one.value, one.label) for one in found] == [("sales-tools", "Sales Tools")]


async def test_an_enterprise_offers_its_groups(managed: ManagedHarness) -> None:
    context = managed.context(Known(), reading=True)
    found = await offered(managed).options(context, "teams", "sec")
    assert [one.value for one in found] == ["Security"]


async def test_lists_longer_than_a_page_are_read_whole(github: OrganizationHarness) -> None:
    """`Link` says that there is more; 100 is the most that GitHub gives at once."""
    for number in range(105):
        github.sandbox.act("github", "invite", email=f"many{number}@acme.example", tenant="acme.example")
    email = github.joiner.work_email
    github.sandbox.act("github", "invite", email=email, tenant="acme.example")
    plan = await make_plan(github, Books(), wish(github, {}))
    assert "Wait" in plan.actions[0].title, "the invitation on the second page was found"


async def test_an_organisation_that_takes_no_invitations_says_so_when_inviting(
    github: OrganizationHarness,
) -> None:
    action = (await make_plan(github, Books(), wish(github, {}))).actions[0]

    def answer(request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/github")
        if path.endswith("/invitations") and request.method == "POST":
            return httpx.Response(404, json={"message": "Not Found"})
        bodies: dict[str, Any] = {"/search/users": {"items": []}, "/orgs/acme-example": {"login": "acme"}}
        return httpx.Response(200, json=bodies.get(path, []))

    await github.answer_by(answer)
    with pytest.raises(Refused) as caught:
        await github.provider.apply(github.context(Known()), action)
    assert caught.value.code is ErrorCode.NOT_ENTITLED
