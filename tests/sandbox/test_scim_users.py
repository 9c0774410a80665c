"""The SCIM application's users, as RFC 7643 and RFC 7644 have them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.scim_door import CORE, ENTERPRISE, NEW, client, patch, refusal

TAKEN = "taken@acme.example"


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client(sandbox) as made:
        yield made


def user_id(sandbox: Sandbox, address: str = TAKEN) -> str:
    return str(sandbox.user("scim", address)["id"])


async def test_creating(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    wish = {**NEW, "externalId": "our-mark", "password": "First-password-1"}
    reply = await scim.post("Users", json=wish)
    body = reply.json()
    assert reply.status_code == 201
    assert reply.headers["location"] == body["meta"]["location"]
    assert reply.headers["etag"] == body["meta"]["version"] == 'W/"1"'
    assert reply.headers["content-type"].startswith("application/scim+json")
    assert body["meta"]["created"] == body["meta"]["lastModified"]
    assert body["active"] is True
    assert "password" not in body
    assert sandbox.has_password("scim", "new.hire@acme.example", "First-password-1")
    assert (await scim.get(f"Users/{body['id']}")).json() == body
    assert [one["kind"] for one in sandbox.effects("scim", "new.hire@acme.example")] == ["user.create"]


async def test_names_are_case_insensitive_and_read_only_members_ignored(scim: httpx.AsyncClient) -> None:
    wish = {**NEW, "DISPLAYNAME": "New", "id": "mine", "meta": {"version": "9"}, "groups": [{"value": "x"}]}
    body = (await scim.post("Users", json=wish)).json()
    assert body["displayName"] == "New"
    assert body["id"] != "mine"
    assert "groups" not in body


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"userName": "TAKEN@acme.example"}, (409, "uniqueness")),
        ({"userName": ""}, (400, "invalidValue")),
        ({"schemas": []}, (400, "invalidSyntax")),
        ({"schemas": [CORE, "urn:nonsense"]}, (400, "invalidSyntax")),
        ({"nonsense": 1}, (400, "invalidSyntax")),
        ({"name": {"nonsense": "x"}}, (400, "invalidSyntax")),
        ({"active": "true"}, (400, "invalidValue")),
        ({"emails": {"value": "a@b.cc"}}, (400, "invalidValue")),
        ({"emails": [{"value": "a", "primary": True}, {"value": "b", "primary": True}]}, (400, "invalidValue")),
        ({ENTERPRISE: {"department": "IT"}}, (400, "invalidValue")),
        ({"schemas": [CORE, ENTERPRISE], ENTERPRISE: {"manager": {"value": "nobody"}}}, (400, "invalidValue")),
    ],
)  # fmt: skip
async def test_what_is_refused(
    scim: httpx.AsyncClient, sandbox: Sandbox, change: dict[str, Any], answer: tuple[int, str]
) -> None:
    assert refusal(await scim.post("Users", json={**NEW, **change})) == answer
    assert sandbox.effects("scim") == []


async def test_media_types_bodies_and_parameters(scim: httpx.AsyncClient) -> None:
    as_form = await scim.post("Users", content=b"{}", headers={"content-type": "text/plain"})
    assert refusal(as_form) == (415, None)
    plain = {"content-type": "application/json"}
    assert (await scim.post("Users", json=NEW, headers=plain)).status_code == 201
    assert refusal(await scim.post("Users", content=b"{")) == (400, "invalidSyntax")
    assert refusal(await scim.get("Users?nonsense=1")) == (400, "invalidValue")
    assert refusal(await scim.get("People")) == (404, None)
    not_allowed = await scim.put("Users", json={})
    assert (refusal(not_allowed), not_allowed.headers["allow"]) == ((405, None), "GET, POST")


async def test_put_clears_what_it_leaves_out(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    body = {"schemas": [CORE], "userName": TAKEN}
    replaced = (await scim.put(f"Users/{user_id(sandbox)}", json=body)).json()
    assert "title" not in replaced
    assert "emails" not in replaced
    assert replaced["active"] is True
    assert replaced["meta"]["lastModified"] > replaced["meta"]["created"]


async def test_deleting_is_for_good(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    path = f"Users/{user_id(sandbox)}"
    assert (await scim.delete(path)).status_code == 204
    assert refusal(await scim.get(path)) == (404, None)
    assert refusal(await scim.delete(path)) == (404, None)
    assert sandbox.user("scim", TAKEN)["deleted"] is True
    assert all(TAKEN not in group["members"] for group in sandbox.state("scim")["groups"])


async def test_versions(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    path = f"Users/{user_id(sandbox)}"
    first = await scim.get(path)
    unchanged = await scim.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    off = patch({"op": "replace", "path": "active", "value": False})
    changed = await scim.patch(path, json=off, headers={"if-match": first.headers["etag"]})
    assert changed.headers["etag"] == 'W/"2"'
    late = await scim.patch(path, json=off, headers={"if-match": first.headers["etag"]})
    assert refusal(late) == (412, None)
    assert [one["kind"] for one in sandbox.effects("scim", TAKEN)] == ["user.deactivate"]


async def test_managers_are_checked_and_shown(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    boss = user_id(sandbox, "priya.raman@acme.example")
    wish = {**NEW, "schemas": [CORE, ENTERPRISE], ENTERPRISE: {"manager": {"value": boss}}}
    shown = (await scim.post("Users", json=wish)).json()[ENTERPRISE]["manager"]
    assert (shown["value"], shown["displayName"]) == (boss, "Priya Raman")
    assert shown["$ref"].endswith(f"/Users/{boss}")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('userName eq "TAKEN@acme.example"', {"taken"}),
        (f'emails.value eq "{TAKEN}"', {"taken"}),
        (f'emails eq "{TAKEN}"', {"taken"}),
        ('emails[type eq "work" and value sw "taken"]', {"taken"}),
        ('title eq "Contractor" and not (userName sw "lena")', {"taken"}),
        ('name.familyName eq "Ken" or name.familyName eq "Fischer"', {"taken", "lena.fischer"}),
        (f'{ENTERPRISE}:department eq "Finance"', {"auditor"}),
        (f'{CORE}:userName sw "taken" and active eq true', {"taken"}),
        ("nickName pr", set()),
        ('userName ew "@acme.example" and meta.created lt "1971-01-01T00:00:00Z"', set()),
        ('externalId eq "nothing"', set()),
    ],
)  # fmt: skip
async def test_filters(scim: httpx.AsyncClient, query: str, found: set[str]) -> None:
    body = (await scim.get("Users", params={"filter": query})).json()
    assert {one["userName"].partition("@")[0] for one in body.get("Resources", [])} == found
    assert body["totalResults"] == len(found)


@pytest.mark.parametrize(
    "query",
    ["userName", "userName eq", "userName is 1", 'nonsense eq "x"', '(userName eq "x"', 'userName eq "x" and',
     "userName eq x", "active gt true", 'name eq "x"', 'title[value eq "x"]', 'urn:other:title eq "x"', ""],
)  # fmt: skip
async def test_filters_that_are_none(scim: httpx.AsyncClient, query: str) -> None:
    assert refusal(await scim.get("Users", params={"filter": query})) == (400, "invalidFilter")


async def test_pages(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    page = (await scim.get("Users?startIndex=3&count=2")).json()
    assert (page["totalResults"], page["startIndex"], page["itemsPerPage"]) == (8, 3, 2)
    none = (await scim.get("Users?count=0")).json()
    assert (none["totalResults"], none["itemsPerPage"], none["Resources"]) == (8, 0, [])
    below = (await scim.get("Users?startIndex=-1&count=1")).json()
    assert below["startIndex"] == 1
    sandbox.configure("scim", modes={"max_results": "5"})
    assert (await scim.get("Users?count=100")).json()["itemsPerPage"] == 5, "clipped, not refused"
    assert refusal(await scim.get("Users?count=x")) == (400, "invalidValue")


async def test_projections(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    path = f"Users/{user_id(sandbox)}"
    cut = (
        await scim.get(path, params={"attributes": f"userName,name.givenName,{ENTERPRISE}:department"})
    ).json()
    assert set(cut) == {"schemas", "id", "userName", "name", ENTERPRISE}
    assert (cut["name"], cut[ENTERPRISE]) == ({"givenName": "Tanya"}, {"department": "Sales"})
    less = (await scim.get(path, params={"excludedAttributes": "name.givenName,emails"})).json()
    assert ("emails" in less, less["name"]) == (False, {"familyName": "Ken"})
    both = {"attributes": "userName", "excludedAttributes": "emails"}
    assert (await scim.get(path, params=both)).status_code == 400


async def test_searching_by_post(scim: httpx.AsyncClient) -> None:
    wish = {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": f'userName eq "{TAKEN}"',
        "count": 10,
    }
    assert (await scim.post("Users/.search", json=wish)).json()["totalResults"] == 1
    assert refusal(await scim.post("Users/.search", json={"filter": "x"})) == (400, "invalidSyntax")
