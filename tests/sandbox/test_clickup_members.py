"""ClickUp's members: Enterprise alone, pending until they join, every member of a PUT, 200 with the team."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.clickup_client import clickup_client, workspace

GRACE, LENA = "grace.hopper@acme.example", "lena.fischer@acme.example"


@pytest.fixture
async def clickup(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with clickup_client(sandbox) as client:
        yield client


def team(sandbox: Sandbox) -> str:
    return f"team/{workspace(sandbox)['team_id']}"


def modes(sandbox: Sandbox, **switches: str) -> None:
    sandbox.configure("clickup", modes=switches)


async def invite(
    clickup: httpx.AsyncClient, sandbox: Sandbox, email: str = GRACE, **more: Any
) -> httpx.Response:
    body = {"email": email, "admin": False, **more}
    return await clickup.post(f"{team(sandbox)}/user", json=body)


def member(reply: httpx.Response, email: str = GRACE) -> dict[str, Any]:
    users = [one["user"] for one in reply.json()["team"]["members"]]
    found: dict[str, Any] = next(one for one in users if one["email"] == email)
    return found


async def test_an_invited_person_has_an_id_and_joins_later(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    invited = member(await invite(clickup, sandbox))
    assert (invited["date_joined"], invited["username"], invited["role"]) == (None, None, 3)
    assert invited["date_invited"].isdigit()
    sandbox.act("clickup", "join", email=GRACE, username="Grace Hopper")
    found = (await clickup.get(f"{team(sandbox)}/user/{invited['id']}")).json()["member"]["user"]
    assert (found["username"], found["date_joined"].isdigit()) == ("Grace Hopper", True)
    assert [one["kind"] for one in sandbox.effects("clickup", GRACE)] == ["user.invite"]


async def test_everybody_is_in_the_list_of_teams_and_there_is_no_search(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await invite(clickup, sandbox)
    teams = (await clickup.get("team")).json()["teams"]
    emails = {one["user"]["email"]: one["user"] for one in teams[0]["members"]}
    assert (len(emails), emails[GRACE]["date_joined"]) == (9, None)
    assert (await clickup.get("team", params={"email": GRACE})).status_code == 400
    modes(sandbox, team_members="published")
    shown = (await clickup.get("team")).json()["teams"][0]["members"][0]["user"]
    assert "date_joined" not in shown


@pytest.mark.parametrize("status", ["403", "401"])
@pytest.mark.parametrize("plan", ["business", "free"])
async def test_members_are_for_enterprise_alone(
    clickup: httpx.AsyncClient, sandbox: Sandbox, plan: str, status: str
) -> None:
    modes(sandbox, plan=plan, plan_refusal=status)
    refused = await invite(clickup, sandbox)
    assert (refused.status_code, set(refused.json())) == (int(status), {"err", "ECODE"})
    assert sandbox.find_user("clickup", GRACE) is None
    assert (await clickup.get(f"{team(sandbox)}/user/1")).status_code == int(status)
    assert (await clickup.get(f"{team(sandbox)}/plan")).json()["plan_name"] == plan.title()
    limits = {"business": "100", "free": "100"}
    assert (await clickup.get("team")).headers["x-ratelimit-limit"] == limits[plan]


async def test_inviting_again_has_two_answers_and_one_effect(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await invite(clickup, sandbox)
    assert (await invite(clickup, sandbox, GRACE.upper())).status_code == 400
    modes(sandbox, invite_again="200")
    assert (await invite(clickup, sandbox)).status_code == 200
    assert len(sandbox.effects("clickup", GRACE)) == 1


@pytest.mark.parametrize("missing", ["username", "admin", "custom_role_id"])
async def test_put_needs_all_of_its_members(
    clickup: httpx.AsyncClient, sandbox: Sandbox, missing: str
) -> None:
    path = f"{team(sandbox)}/user/{sandbox.user('clickup', LENA)['id']}"
    role = workspace(sandbox)["roles"]["Billing admin"]
    body = {"username": "Lena F.", "admin": True, "custom_role_id": role}
    short = {name: value for name, value in body.items() if name != missing}
    assert (await clickup.put(path, json=short)).status_code == 400
    changed = (await clickup.put(path, json=body)).json()["member"]["user"]
    assert (changed["username"], changed["role"], changed["custom_role"]["id"]) == ("Lena F.", 2, role)
    assert [one["kind"] for one in sandbox.effects("clickup", LENA)] == ["user.update"]


async def test_a_custom_role_must_be_of_the_kind_that_is_asked_for(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    roles = workspace(sandbox)["roles"]
    for role, admin in (
        ("Billing admin", False),
        ("Reviewing guest", False),
        ("Member without spaces", True),
    ):
        refused = await invite(clickup, sandbox, admin=admin, custom_role_id=roles[role])
        assert refused.status_code == 400
    assert (await invite(clickup, sandbox, custom_role_id=1)).status_code == 400
    invited = member(await invite(clickup, sandbox, custom_role_id=roles["Member without spaces"]))
    assert invited["custom_role"]["name"] == "Member without spaces"
    listed = (await clickup.get(f"{team(sandbox)}/customroles", params={"include_members": "true"})).json()[
        "custom_roles"
    ]
    assert [invited["id"]] in [one["members"] for one in listed]


async def test_removal_answers_200_with_the_team_and_a_new_invitation_has_the_same_id(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    first = member(await invite(clickup, sandbox))
    removed = await clickup.delete(f"{team(sandbox)}/user/{first['id']}")
    assert (removed.status_code, removed.json()["team"]["id"]) == (200, workspace(sandbox)["team_id"])
    assert (await clickup.get(f"{team(sandbox)}/user/{first['id']}")).status_code == 404
    assert (await clickup.delete(f"{team(sandbox)}/user/{first['id']}")).status_code == 404
    assert member(await invite(clickup, sandbox))["id"] == first["id"]
    owner = sandbox.user("clickup", "admin@acme.example")["id"]
    assert (await clickup.delete(f"{team(sandbox)}/user/{owner}")).status_code == 403


async def test_seats_are_told_refused_and_bought(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.set_seats("clickup", "members", 8, tenant="acme.example")
    seats = (await clickup.get(f"{team(sandbox)}/seats")).json()
    assert seats["members"] == {
        "filled_members_seats": 8,
        "total_member_seats": 8,
        "empty_member_seats": 0,
    }
    refused = await invite(clickup, sandbox)
    assert (refused.status_code, "seats" in refused.json()["err"]) == (403, True)
    modes(sandbox, seats="buy")
    assert (await invite(clickup, sandbox)).status_code == 200
    assert (await clickup.get(f"{team(sandbox)}/seats")).json()["members"]["total_member_seats"] == 9


async def test_the_personal_token_is_sent_plain_and_an_apps_as_a_bearer(
    clickup: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    mine = workspace(sandbox)
    for header, status, code in (
        (f"Bearer {mine['token']}", 401, "OAUTH_025"),
        (mine["oauth_token"], 401, "OAUTH_025"),
        (f"Bearer {mine['oauth_token']}", 200, None),
    ):
        reply = await clickup.get("user", headers={"authorization": header})
        assert (reply.status_code, reply.json().get("ECODE")) == (status, code)
    async with httpx.AsyncClient(base_url=sandbox.url, trust_env=False) as bare:
        reply = await bare.get("/clickup/api/v2/user")
    assert (reply.status_code, reply.json()["ECODE"]) == (400, "OAUTH_017")


async def test_workspaces_are_apart(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    theirs = workspace(sandbox, "globex.example")["team_id"]
    for reply in (
        await clickup.get(f"team/{theirs}/seats"),
        await clickup.get("group", params={"team_id": theirs}),
    ):
        assert (reply.status_code, reply.json()["ECODE"]) == (401, "OAUTH_027")
    assert (await clickup.get("team/1/seats")).status_code == 404


async def test_wrong_requests_are_refused(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    assert (await invite(clickup, sandbox, "no address")).status_code == 400
    assert (await invite(clickup, sandbox, role=3)).status_code == 400
    assert (await invite(clickup, sandbox, admin="yes")).status_code == 400
    assert (await clickup.post(f"{team(sandbox)}/user", json={"email": GRACE})).status_code == 400
    assert (await clickup.post(f"{team(sandbox)}/user", content=b"email=x")).status_code == 400
    assert (await clickup.post(f"{team(sandbox)}/member", json={})).status_code == 404
    assert sandbox.effects("clickup") == []


@pytest.mark.parametrize(("form", "header"), [("reset", None), ("retry_after", "7"), ("bare", None)])
async def test_the_reset_is_in_epoch_seconds(
    clickup: httpx.AsyncClient, sandbox: Sandbox, form: str, header: str | None
) -> None:
    sandbox.arm("clickup", "rate_limit", vendor_form=form, retry_after=7)
    reply = await clickup.get("team")
    assert (reply.status_code, reply.headers.get("retry-after")) == (429, header)
    if form == "bare":
        assert "x-ratelimit-reset" not in reply.headers
    else:
        assert -60 <= int(reply.headers["x-ratelimit-reset"]) - time.time() <= 8


async def test_a_new_id_settles(clickup: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("clickup", settle_seconds=60, settle_lists=True)
    invited = member(await invite(clickup, sandbox))
    body = {"username": "G", "admin": False, "custom_role_id": None}
    assert (await clickup.put(f"{team(sandbox)}/user/{invited['id']}", json=body)).status_code == 404
    listed = (await clickup.get("team")).json()["teams"][0]["members"]
    assert GRACE not in {one["user"]["email"] for one in listed}
