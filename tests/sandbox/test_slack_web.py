"""The Web API: 200 whatever happens, and `ok` tells."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from services.sandbox.slack import web
from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge import slack as judge
from tests.sandbox.judge import specs
from tests.sandbox.slack_door import NEW, client, tenant

# Newer than the archived file of 2021: they exist, their pages name these arguments.
_BEYOND = {"team_id"}


@pytest.fixture
async def api(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client(sandbox, "api") as made:
        yield made


def error(reply: httpx.Response) -> str:
    body = reply.json()
    assert (reply.status_code, body["ok"]) == (200, False)
    return str(body["error"])


def person(sandbox: Sandbox, address: str = "taken@acme.example") -> str:
    return str(sandbox.user("slack", address)["id"])


async def test_who_am_i(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    body = (await api.post("auth.test")).json()
    assert (body["ok"], body["team_id"], body["user"]) == (True, tenant(sandbox)["team_id"], "admin")
    assert (await api.get("team.info")).json()["team"]["domain"] == "acme"


async def test_lookup_by_address(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    found = await api.get("users.lookupByEmail", params={"email": "TAKEN@acme.example"})
    assert found.json()["user"]["id"] == person(sandbox)
    nobody = await api.get("users.lookupByEmail", params={"email": "nobody@acme.example"})
    assert error(nobody) == "users_not_found"
    sandbox.add_user("slack", "gone@acme.example", enabled=False)
    gone = await api.get("users.lookupByEmail", params={"email": "gone@acme.example"})
    assert error(gone) == "users_not_found", "deactivated people are not found"


async def test_lists_page_by_cursor(api: httpx.AsyncClient) -> None:
    first = (await api.get("users.list", params={"limit": 5})).json()
    cursor = first["response_metadata"]["next_cursor"]
    rest = (await api.get("users.list", params={"limit": 5, "cursor": cursor})).json()
    assert len(first["members"] + rest["members"]) == 8
    assert rest["response_metadata"]["next_cursor"] == ""
    assert error(await api.get("users.list", params={"cursor": "x"})) == "invalid_cursor"


async def test_private_channels_only_when_asked_for(api: httpx.AsyncClient) -> None:
    public = (await api.get("conversations.list")).json()["channels"]
    assert "it-private" not in {one["name"] for one in public}
    both = await api.get("conversations.list", params={"types": "public_channel,private_channel"})
    assert "it-private" in {one["name"] for one in both.json()["channels"]}


async def test_inviting_to_a_channel(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    taken, channels = person(sandbox), tenant(sandbox)["channels"]
    wish = {"channel": channels["engineering"], "users": taken}
    assert (await api.post("conversations.invite", json=wish)).json()["channel"]["name"] == "engineering"
    assert error(await api.post("conversations.invite", data=wish)) == "already_in_channel"
    outside = {"channel": channels["announcements"], "users": taken}
    assert error(await api.post("conversations.invite", data=outside)) == "not_in_channel"
    by_admin = {"channel_id": channels["announcements"], "user_ids": taken}
    for _ in range(2):
        assert (await api.post("admin.conversations.invite", json=by_admin)).json()["ok"]
    mine = (await api.get("users.conversations", params={"user": taken, "limit": 200})).json()["channels"]
    assert {"engineering", "announcements"} <= {one["name"] for one in mine}
    members = await api.get("conversations.members", params={"channel": channels["announcements"]})
    assert taken in members.json()["members"]
    assert (await api.post("conversations.kick", data={"channel": channels["engineering"], "user": taken})).json()[
        "ok"
    ]  # fmt: skip
    kinds = [one["kind"] for one in sandbox.effects("slack", taken)]
    assert kinds == ["channel.join", "channel.join", "channel.leave"]


async def test_sessions_and_roles_need_enterprise(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    taken = person(sandbox)
    assert (await api.post("admin.users.session.reset", data={"user_id": taken})).json()["ok"]
    role = {"team_id": tenant(sandbox)["team_id"], "user_id": taken}
    assert (await api.post("admin.users.setAdmin", json=role)).json()["ok"]
    assert sandbox.user("slack", taken)["role"] == "admin"
    sandbox.configure("slack", modes={"plan": "business_plus"})
    assert error(await api.post("admin.users.session.reset", data={"user_id": taken})) == "not_an_enterprise"
    assert sandbox.user("slack", taken)["session_resets"] == 1


async def test_a_token_with_admin_alone(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("slack", modes={"scopes": "admin"})
    reply = await api.get("users.lookupByEmail", params={"email": "taken@acme.example"})
    assert error(reply) == "missing_scope"
    assert (reply.json()["needed"], reply.json()["provided"]) == ("users:read.email", "admin")
    assert (await api.post("auth.test")).json()["ok"], "any token may ask whose it is"
    async with client(sandbox) as scim:
        assert (await scim.get("Users")).status_code == 200


async def test_what_is_refused(api: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert error(await api.get("users.nonsense")) == "unknown_method"
    assert error(await api.get("users.info", params={"nonsense": "1"})) == "invalid_arg_name"
    assert error(await api.get("users.info")) == "invalid_arguments"
    assert error(await api.post("users.info", json={"user": "U0"})) == "invalid_post_type"
    assert error(await api.get("conversations.invite")) == "method_not_allowed"
    wrong = {"authorization": "Bearer xoxp-nonsense"}
    assert error(await api.get("users.list", headers=wrong)) == "invalid_auth"
    sandbox.arm("slack", "rate_limit", retry_after=30)
    throttled = await api.get("users.list")
    assert (throttled.status_code, throttled.json()["error"]) == (429, "ratelimited")
    assert throttled.headers["retry-after"] == "30"


@pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)
@pytest.mark.parametrize("name", sorted(web.METHODS))
def test_a_method_has_the_published_arguments(name: str) -> None:
    published = judge.published_arguments(name)
    if published is not None:
        assert web.METHODS[name].arguments <= published | _BEYOND


async def test_in_an_organisation_people_are_in_no_workspace_until_they_are_assigned(
    sandbox: Sandbox,
) -> None:
    sandbox.configure("slack", modes={"workspaces": "organisation"})
    async with client(sandbox) as scim, client(sandbox, "api", judged=False) as api:
        user = (await scim.post("Users", json=NEW)).json()["id"]
        assert (await api.get("auth.test")).json()["enterprise_id"].startswith("E")
        channel = tenant(sandbox)["channels"]["engineering"]
        invite = {"channel_id": channel, "user_ids": user}
        refused = (await api.post("admin.conversations.invite", data=invite)).json()
        assert refused["error"] == "invitee_cant_see_channel"
        shown = (await api.get("users.info", params={"user": user})).json()["user"]
        assert shown["enterprise_user"]["teams"] == []
        body = {"team_id": tenant(sandbox)["team_id"], "user_id": user}
        assert (await api.post("admin.users.assign", data=body)).json() == {"ok": True}
        again = (await api.post("admin.users.assign", data=body)).json()
        assert again["error"] == "user_already_team_member"
        assert (await api.post("admin.conversations.invite", data=invite)).json() == {"ok": True}
    kinds = [one["kind"] for one in sandbox.effects("slack", NEW["emails"][0]["value"])]
    assert kinds == ["user.create", "workspace.join", "channel.join"]
