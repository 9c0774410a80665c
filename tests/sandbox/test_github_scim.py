"""GitHub's two SCIM services: identities of an organisation, and accounts of an enterprise that manages them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import github_client, tenant

USER, GROUP = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
ORG_USERS = "scim/v2/organizations/acme-example/Users"
USERS = "scim/v2/enterprises/acme-enterprise/Users"
GROUPS = "scim/v2/enterprises/acme-enterprise/Groups"
JOINER = "grace.hopper@acme.example"


def person(**more: Any) -> dict[str, Any]:
    return {
        "schemas": [USER],
        "externalId": "employee-1",
        "active": True,
        "userName": JOINER,
        "displayName": "Grace Hopper",
        "name": {"givenName": "Grace", "familyName": "Hopper"},
        "emails": [{"value": JOINER, "type": "work", "primary": True}],
        **more,
    }


def patch(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": list(operations)}


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """The enterprise's SCIM as its setup user."""
    sandbox.configure("github", modes={"accounts": "managed_users"})
    async with github_client(sandbox, token=tenant(sandbox)["scim_token"]) as client:
        yield client


async def test_an_organisation_identity_sends_an_invitation_and_is_linked_on_acceptance(
    sandbox: Sandbox,
) -> None:
    sandbox.configure("github", modes={"sso": "on"})
    async with github_client(sandbox) as client:
        made = await client.post(ORG_USERS, json=person())
        assert made.status_code == 201
        assert made.headers["content-type"].startswith("application/scim+json")
        again = await client.post(ORG_USERS, json=person())
        assert (again.status_code, again.json()["status"]) == (409, 409)
        invited = (await client.get("orgs/acme-example/invitations?invitation_source=scim")).json()
        assert [one["email"] for one in invited] == [JOINER]
        sandbox.act("github", "accept", email=JOINER)
        one = f"{ORG_USERS}/{made.json()['id']}"
        assert (await client.get(one)).json()["userName"] == JOINER
        off = await client.patch(one, json=patch({"op": "replace", "value": {"active": False}}))
        assert off.json()["active"] is False
        assert (await client.get(one)).status_code == 404
        assert (await client.get("orgs/acme-example/members/grace-hopper")).status_code == 404
    kinds = [one["kind"] for one in sandbox.effects("github", JOINER)]
    assert kinds == ["user.create", "invitation.create", "user.delete", "member.remove"]


async def test_organisation_scim_filters_changes_and_deletes(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        assert (await client.get(ORG_USERS)).status_code == 404
        sandbox.configure("github", modes={"sso": "on"})
        made = (await client.post(ORG_USERS, json=person())).json()
        for text in (f'emails eq "{JOINER}"', 'externalId eq "employee-1"', f'id eq "{made["id"]}"'):
            found = (await client.get(ORG_USERS, params={"filter": text})).json()
            assert found["totalResults"] == 1
        wrong = await client.get(ORG_USERS, params={"filter": 'displayName eq "x"'})
        assert wrong.status_code == 400
        one = f"{ORG_USERS}/{made['id']}"
        changed = await client.put(one, json=person(displayName="Rear Admiral Hopper"))
        assert changed.json()["displayName"] == "Rear Admiral Hopper"
        for bad in ({"op": "replace", "path": 'emails[type eq "work"]', "value": "x"}, {"op": "move"}):
            assert (await client.patch(one, json=patch(bad))).status_code == 400
        assert (await client.post(ORG_USERS, json={"userName": "x"})).status_code == 422
        assert (await client.post(ORG_USERS, json=person(name={"givenName": "G"}))).status_code == 400
        assert (await client.delete(one)).status_code == 204
        assert (await client.delete(one)).status_code == 404
        assert (await client.get("orgs/acme-example/invitations?invitation_source=scim")).json() == []


async def test_a_managed_enterprise_has_no_invitations(sandbox: Sandbox, scim: httpx.AsyncClient) -> None:
    async with github_client(sandbox) as app:
        assert (await app.get("orgs/acme-example/invitations")).status_code == 404
        assert (await app.post("orgs/acme-example/invitations", json={"email": JOINER})).status_code == 404
        assert (await app.get("orgs/acme-example/failed_invitations")).status_code == 404
        assert (await app.get(ORG_USERS)).status_code == 404
        made = await scim.post(USERS, json=person())
        assert made.status_code == 201
        login = sandbox.user("github", JOINER)["login"]
        assert login == "grace-hopper_acme"
        put = await app.put(f"orgs/acme-example/memberships/{login}", json={"role": "member"})
        assert (put.status_code, put.json()["state"]) == (200, "active")
        assert (await app.get("users/ada-admin")).status_code == 404
    async with github_client(sandbox, "globex.example") as other:
        assert (await other.get(f"users/{login}")).status_code == 404
        assert (await other.get(USERS)).status_code == 404


async def test_managed_users_are_suspended_restored_and_deleted_for_good(
    sandbox: Sandbox, scim: httpx.AsyncClient
) -> None:
    made = (await scim.post(USERS, json=person())).json()
    one = f"{USERS}/{made['id']}"
    async with github_client(sandbox) as app:
        await app.put("orgs/acme-example/memberships/grace-hopper_acme")
        off = await scim.patch(one, json=patch({"op": "replace", "value": {"active": False}}))
        assert off.json()["active"] is False
        assert (await app.get("users/grace-hopper_acme")).status_code == 404
        assert sandbox.user("github", JOINER)["enabled"] is False
        on = await scim.patch(one, json=patch({"op": "replace", "path": "active", "value": "true"}))
        assert on.json()["active"] is True
        assert (await app.get("users/grace-hopper_acme")).status_code == 200
    assert (await scim.delete(one)).status_code == 204
    assert (await scim.get(one)).status_code == 404
    assert sandbox.find_user("github", JOINER) is None
    kinds = [effect["kind"] for effect in sandbox.effects("github", JOINER)]
    assert kinds == ["user.create", "member.add", "user.update", "user.update", "user.delete"]


async def test_managed_users_are_found_by_one_equality_but_never_by_address(scim: httpx.AsyncClient) -> None:
    made = (await scim.post(USERS, json=person())).json()
    for text in (f'userName eq "{JOINER}"', 'externalId eq "employee-1"', 'displayName eq "Grace Hopper"'):
        found = (await scim.get(USERS, params={"filter": text})).json()
        assert [one["id"] for one in found["Resources"]] == [made["id"]]
    for text in (f'emails eq "{JOINER}"', 'userName co "grace"', 'userName eq "a" and id eq "b"'):
        refused = await scim.get(USERS, params={"filter": text})
        assert (refused.status_code, refused.json()["scimType"]) == (400, "invalidFilter")
    page = (await scim.get(USERS, params={"startIndex": "2", "count": "3"})).json()
    assert (page["totalResults"], page["itemsPerPage"], page["startIndex"]) == (9, 3, 2)
    assert (await scim.get(USERS, params={"count": "x"})).status_code == 400


async def test_a_managed_duplicate_and_incomplete_bodies(scim: httpx.AsyncClient) -> None:
    assert (await scim.post(USERS, json=person())).status_code == 201
    for body in (person(externalId="other"), person(userName="other@acme.example")):
        duplicate = await scim.post(USERS, json=body)
        assert (duplicate.status_code, duplicate.json()["scimType"]) == (409, "uniqueness")
    assert (await scim.post(USERS, json={"userName": "x"})).status_code == 422
    for body in (
        person(schemas=[]),
        person(emails=[]),
        person(emails=[{"value": "x@acme.example"}]),
        person(roles=[{"value": "emperor"}]),
    ):
        assert (await scim.post(USERS, json=body)).status_code == 400


async def test_groups_fill_the_teams_that_hang_on_them(sandbox: Sandbox, scim: httpx.AsyncClient) -> None:
    made = (await scim.post(USERS, json=person())).json()
    listed = (await scim.get(GROUPS, params={"filter": 'displayName eq "Security"'})).json()
    group = f"{GROUPS}/{listed['Resources'][0]['id']}"
    add = patch({"op": "add", "path": "members", "value": [{"value": made["id"]}]})
    for _ in range(2):
        assert (await scim.patch(group, json=add)).status_code == 200
    assert sandbox.user("github", JOINER)["groups"] == ["security"]
    assert (await scim.get(group)).json()["members"][0]["value"] == made["id"]
    short = (await scim.get(group, params={"excludedAttributes": "members"})).json()
    assert "members" not in short
    remove = patch({"op": "remove", "path": "members", "value": [{"value": made["id"]}]})
    await scim.patch(group, json=remove)
    assert sandbox.user("github", JOINER)["groups"] == []
    stranger = patch({"op": "add", "path": "members", "value": [{"value": "nobody"}]})
    assert (await scim.patch(group, json=stranger)).status_code == 400
    kinds = [effect["kind"] for effect in sandbox.effects("github", JOINER)]
    assert kinds == ["user.create", "group_member.add", "group_member.remove"]


async def test_groups_are_made_replaced_and_deleted(scim: httpx.AsyncClient) -> None:
    made = (await scim.post(USERS, json=person())).json()
    body = {"schemas": [GROUP], "externalId": "idp-1", "displayName": "Platform"}
    created = await scim.post(GROUPS, json=body)
    assert created.status_code == 201
    assert (await scim.post(GROUPS, json=body)).status_code == 409
    one = f"{GROUPS}/{created.json()['id']}"
    members = [{"value": made["id"], "displayName": "Grace Hopper"}]
    replaced = await scim.put(one, json={**body, "displayName": "Core", "members": members})
    assert replaced.json()["displayName"] == "Core"
    assert [member["value"] for member in replaced.json()["members"]] == [made["id"]]
    assert (await scim.delete(one)).status_code == 204
    assert (await scim.get(one)).status_code == 404
