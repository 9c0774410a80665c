"""Copilot seats, credentials linked to single sign-on, and what the twin declares against what GitHub publishes."""

from __future__ import annotations

import re

import pytest

from services.sandbox.github.operations import ROUTER
from services.sandbox.github.twin import OPERATION_MODULES
from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import github_client
from tests.sandbox.judge import specs
from tests.sandbox.judge.openapi import read_specification

assert OPERATION_MODULES

ORG = "orgs/acme-example"
SEATS = f"{ORG}/copilot/billing/selected_users"


async def test_copilot_seats_are_given_and_marked_for_their_end(sandbox: Sandbox) -> None:
    names = {"selected_usernames": ["lena-fischer"]}
    async with github_client(sandbox) as client:
        assert (await client.get(f"{ORG}/copilot/billing")).json()[
            "seat_management_setting"
        ] == "assign_selected"
        assert (await client.get(f"{ORG}/members/lena-fischer/copilot")).status_code == 404
        for created in (1, 0):
            given = await client.post(SEATS, json=names)
            assert (given.status_code, given.json()) == (201, {"seats_created": created})
        seat = (await client.get(f"{ORG}/members/lena-fischer/copilot")).json()
        assert seat["pending_cancellation_date"] is None
        for cancelled in (1, 0):
            taken = await client.request("DELETE", SEATS, json=names)
            assert (taken.status_code, taken.json()) == (200, {"seats_cancelled": cancelled})
        seats = (await client.get(f"{ORG}/copilot/billing/seats")).json()
        ends = {one["assignee"]["login"]: one["pending_cancellation_date"] for one in seats["seats"]}
        assert seats["total_seats"] == 2
        assert ends["lena-fischer"] is not None
        assert ends["priya-raman"] is None
    assert [one["kind"] for one in sandbox.effects("github", "lena-fischer")] == [
        "copilot.add",
        "copilot.remove",
    ]


async def test_copilot_takes_members_alone_and_only_where_people_are_selected(sandbox: Sandbox) -> None:
    names = {"selected_usernames": ["lena-fischer", "octo-contractor"]}
    async with github_client(sandbox) as client:
        assert (await client.post(SEATS, json=names)).status_code == 422
        assert (await client.post(SEATS, json={})).status_code == 422
        for setting in ("assign_all", "unconfigured"):
            sandbox.configure("github", modes={"copilot": setting})
            refused = await client.post(SEATS, json={"selected_usernames": ["lena-fischer"]})
            assert refused.status_code == 422
        sandbox.configure("github", modes={"copilot": "disabled"})
        assert (await client.get(f"{ORG}/copilot/billing")).status_code == 404
    assert sandbox.effects("github", kind="copilot.add") == []


async def test_linked_credentials_exist_only_with_single_sign_on(sandbox: Sandbox) -> None:
    path = f"{ORG}/credential-authorizations"
    async with github_client(sandbox) as client:
        assert (await client.get(path)).status_code == 404
        sandbox.configure("github", modes={"sso": "on"})
        assert [one["login"] for one in (await client.get(path)).json()] == ["priya-raman"]
        number = sandbox.act("github", "link", login="lena-fischer")["credential_id"]
        mine = (await client.get(f"{path}?login=lena-fischer")).json()
        assert [one["credential_id"] for one in mine] == [number]
        assert (await client.delete(f"{path}/{number}")).status_code == 204
        assert (await client.delete(f"{path}/{number}")).status_code == 404
        revoked = await client.post(f"{path}/priya-raman/revoke")
        assert revoked.status_code == 202
        assert (await client.get(path)).json() == []
    kinds = [one["kind"] for one in sandbox.effects("github", kind="credential.revoke")]
    assert len(kinds) == 2


@pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)
def test_each_operation_is_published_with_its_parameters_and_body() -> None:
    published = {
        (one.verb, re.sub(r"\{[^}]*\}", "{}", one.template)): one
        for one in read_specification("github/ghec-user-admin.openapi.json").operations
    }
    for method, template, entry in ROUTER.list_operations():
        is_apps_own = template.partition("/")[0] == "app" and not template.endswith("access_tokens")
        if template.startswith("search/") or is_apps_own:
            continue  # of GitHub's file, the cut for user administration leaves these out
        shape = "/" + re.sub(r"\{[^}]*\}", "{}", template)
        assert (method, shape) in published, f"{method} {shape} is not published"
        known = published[method, shape]
        query = {one["name"] for one in known.parameters if one["in"] == "query"}
        assert entry.query == query, f"{method} {shape}"
        if known.needs_body:
            assert entry.body is not None, f"{method} {shape}"


async def test_the_companies_are_strictly_apart_and_described(sandbox: Sandbox) -> None:
    info = sandbox.info()["github"]
    assert info["environment"]["auth"]["GITHUB_ORG"] == "acme-example"
    assert "GITHUB_SCIM_TOKEN" not in info["environment"]["auth"]
    assert info["managed_environment"]["auth"]["GITHUB_ENTERPRISE"] == "acme-enterprise"
    acme = sandbox.state("github", tenant="acme.example")["users"]
    globex = sandbox.state("github", tenant="globex.example")["users"]
    assert not {one["id"] for one in acme} & {one["id"] for one in globex}
    added = sandbox.add_user("github", "stranger@acme.example", groups=["it"], licenses=["copilot"])
    assert (added["login"], added["groups"], added["licenses"]) == ("stranger", ["it"], ["copilot"])
    assert sandbox.effects("github") == []
