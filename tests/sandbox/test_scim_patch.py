"""PATCH and groups of the SCIM application, strict and as lenient as clients of Microsoft Entra need it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.scim_door import CORE_GROUP, ENTERPRISE, client, patch, refusal, tenant

TAKEN = "taken@acme.example"


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client(sandbox) as made:
        yield made


@pytest.fixture
def taken(sandbox: Sandbox) -> str:
    return str(sandbox.user("scim", TAKEN)["id"])


@pytest.mark.parametrize(
    ("operation", "path", "value"),
    [
        ({"op": "replace", "path": "title", "value": "Boss"}, ["title"], "Boss"),
        ({"op": "add", "path": "name.middleName", "value": "M"}, ["name", "middleName"], "M"),
        ({"op": "replace", "path": "name", "value": {"givenName": "T"}}, ["name", "familyName"], "Ken"),
        ({"op": "replace", "value": {"title": "Boss", "active": False}}, ["active"], False),
        ({"op": "add", "path": f"{ENTERPRISE}:costCenter", "value": "7"}, [ENTERPRISE, "costCenter"], "7"),
        ({"op": "replace", "path": ENTERPRISE, "value": {"costCenter": "7"}}, [ENTERPRISE, "department"], "Sales"),
        ({"op": "replace", "path": 'emails[type eq "work"].value', "value": "t@acme.example"},
         ["emails", 0, "value"], "t@acme.example"),
        ({"op": "add", "path": "emails", "value": [{"value": "b@acme.example", "primary": True}]},
         ["emails", 1, "value"], "b@acme.example"),
    ],
)  # fmt: skip
async def test_what_patch_can(
    scim: httpx.AsyncClient, taken: str, operation: dict[str, Any], path: list[Any], value: Any
) -> None:
    body = (await scim.patch(f"Users/{taken}", json=patch(operation))).json()
    for name in path:
        body = body[name]
    assert body == value


async def test_removing(scim: httpx.AsyncClient, taken: str) -> None:
    steps = patch(
        {"op": "remove", "path": "title"},
        {"op": "remove", "path": f"{ENTERPRISE}:department"},
        {"op": "remove", "path": 'emails[type eq "work"]'},
    )
    body = (await scim.patch(f"Users/{taken}", json=steps)).json()
    assert {"title", "emails"} & set(body) == set()
    assert "department" not in body[ENTERPRISE]


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ({"op": "Replace", "path": "title", "value": "x"}, (400, "invalidSyntax")),
        ({"op": "replace", "path": "active", "value": "False"}, (400, "invalidValue")),
        ({"op": "replace", "path": "nonsense", "value": "x"}, (400, "invalidPath")),
        ({"op": "replace", "path": "id", "value": "x"}, (400, "mutability")),
        ({"op": "replace", "path": "groups", "value": []}, (400, "mutability")),
        ({"op": "remove"}, (400, "noTarget")),
        ({"op": "replace", "path": 'emails[type eq "home"].value', "value": "x"}, (400, "noTarget")),
        ({"op": "replace", "path": "title"}, (400, "invalidValue")),
        ({"op": "replace", "value": {"name.givenName": "x"}}, (400, "invalidSyntax")),
        ({"op": "remove", "path": "userName"}, (400, "invalidValue")),
        ({"op": "replace", "path": "userName", "value": "admin@acme.example"}, (409, "uniqueness")),
    ],
)
async def test_what_patch_refuses(
    scim: httpx.AsyncClient, sandbox: Sandbox, taken: str, operation: dict[str, Any], answer: tuple[int, str]
) -> None:
    first = {"op": "replace", "path": "title", "value": "Changed"}
    assert refusal(await scim.patch(f"Users/{taken}", json=patch(first, operation))) == answer
    assert sandbox.user("scim", taken)["fields"]["title"] == "Contractor", "all operations or none"


async def test_entra_s_ways_on_request(scim: httpx.AsyncClient, sandbox: Sandbox, taken: str) -> None:
    sandbox.configure("scim", modes={"patch_style": "azure"})
    steps = patch(
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Add", "value": {"name.givenName": "Tina"}},
        {"op": "Add", "path": 'phoneNumbers[type eq "mobile"].value', "value": "+49 1"},
    )
    body = (await scim.patch(f"Users/{taken}", json=steps)).json()
    assert (body["active"], body["name"]["givenName"]) == (False, "Tina")
    assert body["phoneNumbers"] == [{"type": "mobile", "value": "+49 1"}]
    group = tenant(sandbox)["groups"]["Sales"]
    gone = patch({"op": "Remove", "path": "members", "value": [{"value": taken}]})
    members = (await scim.patch(f"Groups/{group}", json=gone)).json()["members"]
    assert taken not in {one["value"] for one in members}
    assert len(members) == 2


async def test_an_answer_without_content(scim: httpx.AsyncClient, sandbox: Sandbox, taken: str) -> None:
    sandbox.configure("scim", modes={"patch_reply": "204"})
    step = patch({"op": "replace", "path": "title", "value": "Boss"})
    reply = await scim.patch(f"Users/{taken}", json=step)
    assert (reply.status_code, reply.content, reply.headers["etag"]) == (204, b"", 'W/"2"')
    assert sandbox.user("scim", taken)["fields"]["title"] == "Boss"


async def test_members_come_and_go(scim: httpx.AsyncClient, sandbox: Sandbox, taken: str) -> None:
    group = tenant(sandbox)["groups"]["IT"]
    join = patch({"op": "add", "path": "members", "value": [{"value": taken}]})
    for _ in range(2):
        body = (await scim.patch(f"Groups/{group}", json=join)).json()
    shown = next(one for one in body["members"] if one["value"] == taken)
    assert (shown["type"], shown["display"]) == ("User", "Tanya Ken")
    assert "IT" in {one["display"] for one in (await scim.get(f"Users/{taken}")).json()["groups"]}
    found = (await scim.get("Groups", params={"filter": f'members.value eq "{taken}"'})).json()
    assert found["totalResults"] == 2
    leave = patch({"op": "remove", "path": f'members[value eq "{taken}"]'})
    for _ in range(2):
        assert (await scim.patch(f"Groups/{group}", json=leave)).status_code == 200
    effects = [(one["kind"], one["object"]) for one in sandbox.effects("scim", taken)]
    assert effects == [("member.add", f"IT/{TAKEN}"), ("member.remove", f"IT/{TAKEN}")]
    with_value = patch({"op": "remove", "path": "members", "value": [{"value": taken}]})
    assert refusal(await scim.patch(f"Groups/{group}", json=with_value)) == (400, "invalidSyntax")


async def test_groups_are_made_replaced_and_deleted(
    scim: httpx.AsyncClient, sandbox: Sandbox, taken: str
) -> None:
    wish = {"schemas": [CORE_GROUP], "displayName": "IT", "members": [{"value": taken}]}
    made = await scim.post("Groups", json=wish)
    assert made.status_code == 201, "the RFC does not make names of groups unique"
    path = f"Groups/{made.json()['id']}"
    emptied = await scim.put(path, json={"schemas": [CORE_GROUP], "displayName": "IT"})
    assert "members" not in emptied.json()
    assert (await scim.delete(path)).status_code == 204
    stranger = {**wish, "members": [{"value": "nobody"}]}
    assert refusal(await scim.post("Groups", json=stranger)) == (400, "invalidValue")
    kinds = [one["kind"] for one in sandbox.effects("scim", taken)]
    assert kinds == ["member.add", "member.remove"]
