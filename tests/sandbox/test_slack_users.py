"""Slack's SCIM users: what it makes of what it is sent, and where it leaves the RFC."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.slack_door import CORE, ENTERPRISE, GUEST, NEW, PROFILE, client, patch, tenant, word

OFF = {"op": "replace", "path": "active", "value": False}


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client(sandbox) as made:
        yield made


def user_id(sandbox: Sandbox, address: str) -> str:
    return str(sandbox.user("slack", address)["id"])


async def test_a_new_user_is_active_at_once(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    reply = await scim.post("Users", json=NEW)
    assert reply.status_code == 201
    body = reply.json()
    assert body["id"].startswith("U")
    assert body["active"] is True
    assert body["externalId"] == "", "unset is an empty text"
    assert body["title"] is None, "other unset fields are null"
    assert body["groups"] is None
    assert body["emails"] == [{"value": "new.hire@acme.example", "primary": True}], "the type is dropped"
    assert set(body["meta"]) == {"created", "location"}
    assert (await scim.get(f"Users/{body['id']}")).json() == body
    assert [one["kind"] for one in sandbox.effects("slack", "new.hire@acme.example")] == ["user.create"]
    assert sandbox.user("slack", body["id"])["channels"] == ["general"]


async def test_the_code_of_a_creation_can_be_200(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("slack", modes={"create_status": "200"})
    assert (await scim.post("Users", json=NEW)).status_code == 200


async def test_everything_that_may_be_written_is_kept(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    wish = {
        **NEW,
        "schemas": [CORE, ENTERPRISE, PROFILE],
        "externalId": "our-mark",
        "displayName": "Newbie",
        "title": "Engineer",
        "timezone": "Europe/Berlin",
        "roles": [{"value": "Tech Lead", "primary": "true"}],
        "emails": [
            {"value": "second@acme.example"},
            {"value": "new.hire@acme.example", "primary": True},
            {"value": "third@acme.example"},
        ],
        ENTERPRISE: {"department": "R&D", "manager": {"managerId": "priya.raman@acme.example"}},
        PROFILE: {"startDate": "2026-12-01"},
    }
    body = (await scim.post("Users", json=wish)).json()
    assert body["externalId"] == "our-mark"
    assert [one["value"] for one in body["emails"]] == ["new.hire@acme.example", "second@acme.example"]
    assert body["roles"] == [{"value": "Tech Lead", "primary": True}]
    assert body[ENTERPRISE]["manager"]["managerId"] == user_id(sandbox, "priya.raman@acme.example")
    assert body[PROFILE] == {"startDate": "2026-12-01"}


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Grace Hopper", "grace_hopper"),
        ("jörg@acme.example", "j_rg"),
        ("a.very-long_user.name.that.goes.on", "a.very-long_user.name"),
        ("UPPER.case", "upper.case"),
    ],
)
async def test_a_user_name_is_converted_and_cut(scim: httpx.AsyncClient, sent: str, kept: str) -> None:
    body = (await scim.post("Users", json={**NEW, "userName": sent})).json()
    assert body["userName"] == kept
    assert len(kept) <= 21


async def test_a_long_user_name_can_be_refused(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("slack", modes={"long_usernames": "refuse"})
    long = {**NEW, "userName": "x" * 22}
    assert word(await scim.post("Users", json=long)) == (400, "username_too_long")


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({"userName": "taken"}, (409, "username_taken")),
        ({"userName": "random"}, (409, "username_taken")),
        ({"emails": [{"value": "TAKEN@acme.example", "primary": True}]}, (409, "email_taken")),
        ({"emails": []}, (400, "missing_primary_email")),
        ({"emails": [{"value": "a@b.cc"}, {"value": "c@d.ee"}]}, (400, "missing_primary_email")),
        ({"emails": [{"value": "nonsense", "primary": True}]}, (400, "email_invalid")),
        ({"schemas": []}, (400, "missing_schema_element")),
        ({GUEST: {"type": "multi"}}, (400, "missing_schema_element")),
        ({"displayName": "x" * 81}, (400, "invalid_display_name")),
        ({"password": "Secret-1"}, (400, "password_change_not_allowed")),
        ({"nonsense": 1}, (400, "invalid_request_payload")),
        ({"active": "true"}, (400, "invalid_request_payload")),
        ({"userName": ""}, (400, "invalid_request_payload")),
        ({"title": 3}, (400, "invalid_request_payload")),
    ],
)
async def test_what_slack_refuses(
    scim: httpx.AsyncClient, sandbox: Sandbox, change: dict[str, object], answer: tuple[int, str]
) -> None:
    assert word(await scim.post("Users", json={**NEW, **change})) == answer
    assert sandbox.effects("slack") == []


async def test_deleting_only_deactivates(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    made = (await scim.post("Users", json=NEW)).json()
    reply = await scim.delete(f"Users/{made['id']}")
    assert (reply.status_code, reply.content) == (204, b"")
    assert (await scim.get(f"Users/{made['id']}")).json()["active"] is False
    assert word(await scim.post("Users", json=NEW)) == (409, "username_taken"), "name and address stay taken"
    again = await scim.patch(f"Users/{made['id']}", json=patch({**OFF, "value": True}))
    assert again.json()["active"] is True
    kinds = [one["kind"] for one in sandbox.effects("slack", made["id"])]
    assert kinds == ["user.create", "user.deactivate", "user.activate"]


async def test_put_blanks_what_it_leaves_out(scim: httpx.AsyncClient) -> None:
    made = (await scim.post("Users", json={**NEW, "title": "Engineer", "externalId": "mark"})).json()
    body = (await scim.put(f"Users/{made['id']}", json=NEW)).json()
    assert (body["title"], body["externalId"], body["active"]) == (None, "", True)


@pytest.mark.parametrize(
    ("operation", "path", "value"),
    [
        ({"op": "replace", "path": "title", "value": "Boss"}, ("title",), "Boss"),
        ({"op": "Replace", "path": "name.givenName", "value": "Neu"}, ("name", "givenName"), "Neu"),
        ({"op": "add", "path": f"{ENTERPRISE}:department", "value": "IT"}, (ENTERPRISE, "department"), "IT"),
        ({"op": "replace", "value": {"title": "Boss"}}, ("title",), "Boss"),
        ({"op": "add", "path": PROFILE, "value": {"startDate": "2026-12-01"}}, (PROFILE, "startDate"), "2026-12-01"),
    ],
)  # fmt: skip
async def test_patch_paths(
    scim: httpx.AsyncClient, operation: dict[str, object], path: tuple[str, ...], value: str
) -> None:
    made = (await scim.post("Users", json={**NEW, "externalId": "mark"})).json()
    body = (await scim.patch(f"Users/{made['id']}", json=patch(operation))).json()
    assert body["externalId"] == "mark"
    for name in path:
        body = body[name]
    assert body == value


async def test_the_second_address_goes_by_a_filter_path(scim: httpx.AsyncClient) -> None:
    made = (await scim.post("Users", json=NEW)).json()
    path = f"Users/{made['id']}"
    two = await scim.patch(
        path, json=patch({"op": "add", "path": "emails", "value": [{"value": "b@acme.example"}]})
    )
    assert len(two.json()["emails"]) == 2
    other = patch({"op": "replace", "path": "emails[primary eq true].value", "value": "c@acme.example"})
    assert (await scim.patch(path, json=other)).json()["emails"][0]["value"] == "c@acme.example"
    typed = patch({"op": "replace", "path": 'emails[type eq "work"].value', "value": "d@acme.example"})
    assert word(await scim.patch(path, json=typed)) == (400, "invalid_query"), "types are not kept"


async def test_owners_are_out_of_reach(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    owner = user_id(sandbox, "admin@acme.example")
    assert word(await scim.delete(f"Users/{owner}")) == (400, "cannot_disable_primary_owner")
    title = patch({"op": "replace", "path": "title", "value": "x"})
    assert word(await scim.patch(f"Users/{owner}", json=title)) == (400, "cannot_modify_owner")


async def test_members_become_guests_and_come_back(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    taken = user_id(sandbox, "taken@acme.example")
    to_guest = patch({"op": "add", "path": GUEST, "value": {"type": "multi", "expiration": "2027-01-01"}})
    await scim.delete(f"Users/{taken}")
    guest = (await scim.patch(f"Users/{taken}", json=to_guest)).json()
    assert guest[GUEST]["type"] == "multi"
    assert guest["active"] is True, "converting reactivates"
    assert guest["groups"] is None
    back = (await scim.patch(f"Users/{taken}", json=patch({"op": "remove", "path": GUEST}))).json()
    assert GUEST not in back
    kinds = [one["kind"] for one in sandbox.effects("slack", taken)]
    assert kinds == ["user.deactivate", "user.activate", "user.make_member"]
    single = patch({"op": "add", "path": GUEST, "value": {"type": "single"}})
    assert word(await scim.patch(f"Users/{taken}", json=single)) == (400, "invalid_request_payload")


async def test_guests_need_the_enterprise_plan(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("slack", modes={"plan": "business_plus"})
    guest = {**NEW, "schemas": [CORE, GUEST], GUEST: {"type": "multi"}}
    assert word(await scim.post("Users", json=guest)) == (403, "permission_denied")
    assert (await scim.post("Users", json=NEW)).status_code == 201


async def test_lesser_plans_have_no_scim(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("slack", modes={"plan": "pro"})
    for reply in (await scim.get("Users"), await scim.post("Users", json=NEW)):
        assert word(reply) == (403, "plus_teams_only")


async def test_the_two_companies_do_not_see_each_other(sandbox: Sandbox) -> None:
    async with client(sandbox, domain="globex.example") as globex:
        taken = user_id(sandbox, "taken@acme.example")
        assert word(await globex.get(f"Users/{taken}")) == (404, "no_such_user")
        assert (await globex.get("Users?count=1000")).json()["totalResults"] == 3


async def test_an_older_envelope_can_be_asked_for(sandbox: Sandbox) -> None:
    sandbox.configure("slack", modes={"errors": "old"})
    async with client(sandbox, judged=False) as scim:
        reply = await scim.get("Users/U0")
    assert reply.json() == {"Errors": {"description": "no_such_user", "code": 404}}


async def test_credentials(sandbox: Sandbox) -> None:
    async with client(sandbox) as scim:
        wrong = await scim.get("Users", headers={"authorization": "Bearer xoxp-nonsense"})
        assert word(wrong) == (401, "invalid_authentication")
        del scim.headers["authorization"]
        assert word(await scim.get("Users")) == (401, "missing_authentication")
    assert tenant(sandbox)["token"] == "xoxp-sandbox-acme"


async def test_unknown_paths_parameters_and_bodies(scim: httpx.AsyncClient) -> None:
    assert (await scim.get("People")).status_code == 404
    assert word(await scim.get("Users?attributes=id")) == (400, "invalid_query")
    assert word(await scim.post("Users", content=b"{}")) == (400, "invalid_request_payload")
    assert word(await scim.post("Users", json=[])) == (400, "invalid_request_payload")
    assert word(await scim.patch("Users/U0", json=patch(OFF))) == (404, "no_such_user")


async def test_what_it_says_about_itself(scim: httpx.AsyncClient) -> None:
    config = (await scim.get("ServiceProviderConfig")).json()
    assert config["patch"]["supported"]
    assert not config["bulk"]["supported"]
    assert (await scim.get("ResourceTypes")).json()["totalResults"] == 2
    for path in ("Schemas", "Schemas/Users", "Schemas/Groups"):
        assert (await scim.get(path)).status_code == 200
