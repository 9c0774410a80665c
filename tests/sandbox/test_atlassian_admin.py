"""Atlassian's organisation administration and account management."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.atlassian_client import admin_client, organisation, site_client

LENA, NEW = "lena.fischer@acme.example", "new@acme.example"


@pytest.fixture
async def admin(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with admin_client(sandbox) as client:
        yield client


def directory(sandbox: Sandbox) -> str:
    mine = organisation(sandbox)
    return f"admin/v2/orgs/{mine['org_id']}/directories/{mine['user_directory_id']}"


async def find(admin: httpx.AsyncClient, sandbox: Sandbox, *emails: str) -> list[dict[str, Any]]:
    reply = await admin.post(f"{directory(sandbox)}/users/search", json={"emails": list(emails)})
    data: list[dict[str, Any]] = reply.json()["data"]
    return data


async def test_people_are_found_by_exact_address_and_listed_in_pages(
    admin: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    found = await find(admin, sandbox, LENA.upper(), "nobody@acme.example")
    assert [one["email"] for one in found] == [LENA]
    assert found[0]["claimStatus"] == "managed"
    path, cursor, seen = f"{directory(sandbox)}/users", None, []
    while True:
        params = {"limit": "3"} | ({"cursor": cursor} if cursor else {})
        page = (await admin.get(path, params=params)).json()
        seen += [one["accountId"] for one in page["data"]]
        cursor = page["links"].get("next")
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 8


async def test_suspending_takes_products_and_restoring_gives_them_back(
    admin: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    account = (await find(admin, sandbox, LENA))[0]["accountId"]
    path = f"{directory(sandbox)}/users/{account}"
    for _ in range(2):
        assert (await admin.post(f"{path}/suspend", json={})).status_code == 204
    state = sandbox.user("atlassian", LENA)
    assert (state["enabled"], state["licenses"], "jira-users" in state["groups"]) == (False, [], True)
    assert (await admin.get(path)).json()["data"]["status"] == "suspended"
    assert (await admin.post(f"{path}/restore", json={})).status_code == 204
    assert sandbox.user("atlassian", LENA)["licenses"] == ["jira-software", "confluence"]
    kinds = [one["kind"] for one in sandbox.effects("atlassian", LENA)]
    assert kinds == ["user.suspend", "user.restore"]


async def test_suspending_without_a_media_type_is_415(admin: httpx.AsyncClient, sandbox: Sandbox) -> None:
    account = (await find(admin, sandbox, LENA))[0]["accountId"]
    path = f"{directory(sandbox)}/users/{account}/suspend"
    assert (await admin.post(path)).status_code == 415
    sandbox.configure("atlassian", modes={"empty_body": "accepted"})
    assert (await admin.post(path)).status_code == 204


async def test_the_retired_form_is_gone(admin: httpx.AsyncClient, sandbox: Sandbox) -> None:
    account = (await find(admin, sandbox, LENA))[0]["accountId"]
    path = f"admin/v1/orgs/{organisation(sandbox)['org_id']}/directory/users/{account}/suspend-access"
    assert (await admin.post(path, json={})).status_code == 410
    sandbox.configure("atlassian", modes={"v1": "on"})
    assert (await admin.post(path, json={})).status_code == 204


async def test_lifecycle_blocks_a_managed_account_alone(admin: httpx.AsyncClient, sandbox: Sandbox) -> None:
    account = (await find(admin, sandbox, LENA))[0]["accountId"]
    path = f"users/{account}/manage"
    assert (await admin.get(path)).json()["lifecycle.enablement"]["allowed"] is False
    assert (await admin.post(f"{path}/lifecycle/disable", json={"message": "left"})).status_code == 204
    assert sandbox.user("atlassian", LENA)["active"] is False
    assert (await admin.get(f"{path}/profile")).json()["account"]["account_status"] == "inactive"
    assert (await admin.post(f"{path}/lifecycle/enable", json={})).status_code == 204
    stranger = sandbox.add_user("atlassian", "guest@elsewhere.example", tenant="acme.example")
    reply = await admin.post(f"users/{stranger['id']}/manage/lifecycle/disable", json={})
    assert (reply.status_code, reply.json()["key"]) == (403, "notManaged")
    sandbox.configure("atlassian", modes={"lifecycle": "refused"})
    assert (await admin.post(f"{path}/lifecycle/disable", json={})).status_code == 400


async def test_who_is_synced_is_not_removed_here(admin: httpx.AsyncClient, sandbox: Sandbox) -> None:
    account = (await find(admin, sandbox, LENA))[0]["accountId"]
    assert (await admin.delete(f"{directory(sandbox)}/users/{account}")).status_code == 400
    local = sandbox.add_user("atlassian", NEW, fields={"scim": False}, groups=["jira-users-acme"])
    assert (await admin.delete(f"{directory(sandbox)}/users/{local['id']}")).status_code == 204
    assert (await find(admin, sandbox, NEW)) == []
    assert sandbox.user("atlassian", NEW)["licenses"] == []


async def test_inviting_grants_a_product_and_groups_and_mails_only_when_asked(
    admin: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    mine = organisation(sandbox)
    path = f"admin/v2/orgs/{mine['org_id']}/users/invite"
    rule = {"resource": mine["products"]["confluence"], "role": "atlassian/user"}
    body = {
        "emails": [NEW],
        "permissionRules": [rule],
        "additionalGroups": [mine["groups"]["acme-reviewers"]],
        "sendNotification": False,
    }
    assert (await admin.post(path, json=body)).json()["data"][0]["email"] == NEW
    state = sandbox.user("atlassian", NEW)
    assert (state["invited"], state["licenses"]) == (True, ["confluence"])
    assert state["groups"] == ["confluence-users-acme", "acme-reviewers"]
    assert sandbox.effects("atlassian", NEW)[0]["detail"] == {"mail": False}
    sandbox.set_seats("atlassian", "confluence", 9, tenant="acme.example")
    refused = await admin.post(path, json=body | {"emails": ["late@acme.example"]})
    assert (refused.status_code, refused.json()["errors"][0]["status"]) == (409, "409")
    sandbox.configure("atlassian", modes={"plan": "free"})
    assert (await admin.post(path, json=body)).status_code == 402


async def test_groups_tell_what_they_grant_and_synced_ones_take_nobody(
    admin: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    mine, base = organisation(sandbox), directory(sandbox)
    synced, local = mine["groups"]["jira-users"], mine["groups"]["jira-users-acme"]
    roles = (await admin.get(f"{base}/groups/{synced}/role-assignments")).json()["data"]
    assert [one["resourceOwner"] for one in roles] == ["jira-software"]
    account = (await find(admin, sandbox, LENA))[0]["accountId"]
    refused = await admin.post(f"{base}/groups/{synced}/memberships", json={"accountId": account})
    assert refused.status_code == 400
    assert "identity provider" in refused.json()["errors"][0]["detail"]
    added = await admin.post(f"{base}/groups/{local}/memberships", json={"accountId": account})
    assert added.status_code == 200
    assert (await admin.delete(f"{base}/groups/{local}/memberships/{account}")).status_code == 204
    assert (await admin.delete(f"{base}/groups/{local}/memberships/{account}")).status_code == 404


async def test_workspaces_tell_seats(admin: httpx.AsyncClient, sandbox: Sandbox) -> None:
    path = f"admin/v2/orgs/{organisation(sandbox)['org_id']}/workspaces"
    data = (await admin.post(path, json={"limit": 10})).json()["data"]
    seats = {one["attributes"]["typeKey"]: one["attributes"] for one in data}
    assert (seats["jira-software"]["usage"], seats["jira-software"]["capacity"]) == (8, 20)


async def test_the_key_opens_its_own_organisation_alone(admin: httpx.AsyncClient, sandbox: Sandbox) -> None:
    mine, theirs = organisation(sandbox), organisation(sandbox, "globex.example")
    assert (await admin.get(f"admin/v1/orgs/{theirs['org_id']}/domains")).status_code == 404
    assert (await admin.get(f"admin/v1/orgs/{mine['org_id']}/domains")).json()["data"][0][
        "id"
    ] == "acme.example"
    wrong = {"authorization": f"Bearer {mine['scim_key']}"}
    reply = await admin.get("admin/v1/orgs", headers=wrong)
    assert (reply.status_code, reply.json()) == (401, {"code": 401, "message": "Unauthorized"})
    async with site_client(sandbox) as site:
        reply = await site.get("rest/api/3/myself", headers={"authorization": f"Bearer {mine['admin_key']}"})
        assert reply.status_code == 401


@pytest.mark.parametrize("form", ["jira-burst-based", "jira-quota-global-based", "bare"])
async def test_rate_limits_have_several_forms(admin: httpx.AsyncClient, sandbox: Sandbox, form: str) -> None:
    sandbox.arm("atlassian", "rate_limit", vendor_form=form, retry_after=None if form == "bare" else 7)
    reply = await admin.get("admin/v1/orgs")
    assert reply.status_code == 429
    assert reply.headers.get("retry-after") == (None if form == "bare" else "7")
    assert reply.headers.get("ratelimit-reason") == (None if form == "bare" else form)
    assert ("x-ratelimit-reset" in reply.headers) is (form != "bare")
