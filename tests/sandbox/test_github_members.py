"""Invitations, membership, teams: nobody is a member before they accept."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import github_client, invite, team_id

ORG = "orgs/acme-example"
JOINER = "grace.hopper@acme.example"


async def pending(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await client.get(f"{ORG}/invitations")).json()
    return found


async def test_an_invitation_by_address_knows_no_login_and_becomes_a_membership_when_accepted(
    sandbox: Sandbox,
) -> None:
    async with github_client(sandbox) as client:
        team = await team_id(client, "engineering")
        made = await invite(client, JOINER, team)
        assert made.status_code == 201
        body = made.json()
        assert (body["login"], body["email"], body["role"]) == (None, JOINER, "direct_member")
        assert (body["team_count"], body["invitation_source"]) == (1, "member")
        teams = await client.get(f"{ORG}/invitations/{body['id']}/teams")
        assert [one["slug"] for one in teams.json()] == ["engineering"]
        assert [one["email"] for one in await pending(client)][-1] == JOINER
        assert sandbox.user("github", JOINER)["state"] == "pending"

        login = sandbox.act("github", "accept", email=JOINER, login="ghopper")["login"]
        assert login == "ghopper"
        assert JOINER not in [one["email"] for one in await pending(client)]
        found = await client.get(f"{ORG}/memberships/ghopper")
        assert (found.json()["state"], found.json()["role"]) == ("active", "member")
        assert (await client.get(f"{ORG}/members/ghopper")).status_code == 204
        team_state = await client.get(f"{ORG}/teams/engineering/memberships/ghopper")
        assert team_state.json()["state"] == "active"
        assert (await client.get("users/ghopper")).json()["email"] is None
    assert [one["kind"] for one in sandbox.effects("github", JOINER)] == ["invitation.create"]


async def test_whoever_accepts_without_a_login_gets_one(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        await invite(client, JOINER)
        assert sandbox.act("github", "accept", email=JOINER)["login"] == "grace-hopper"


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("taken@acme.example", "already a part of this organization"),
        ("freelancer@studio.example", "already been invited"),
        ("no address", "Email is invalid"),
    ],
)
async def test_the_422_variants(sandbox: Sandbox, email: str, words: str) -> None:
    async with github_client(sandbox) as client:
        reply = await invite(client, email)
    assert reply.status_code == 422
    body = reply.json()
    assert body["message"] == "Validation Failed"
    assert body["errors"][0]["code"] == "unprocessable"
    assert words in body["errors"][0]["message"]


async def test_members_and_guests_of_numbers(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        lena = (await client.get("users/lena-fischer")).json()["id"]
        outsider = (await client.get("users/octo-contractor")).json()["id"]
        for number, words in (
            (lena, "already a part"),
            (outsider, "already been invited"),
            (1, "could not be"),
        ):
            reply = await client.post(f"{ORG}/invitations", json={"invitee_id": number})
            assert reply.status_code == 422
            assert words in reply.json()["errors"][0]["message"]
        team = await client.get(f"{ORG}/teams/security")
        synced = await invite(client, JOINER, team.json()["id"])
        assert "externally managed" in synced.json()["errors"][0]["message"]


async def test_a_full_organisation_and_a_day_with_too_many_invitations(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        plan = (await client.get(ORG)).json()["plan"]
        assert plan["filled_seats"] == 10  # eight members and two pending invitations
        sandbox.set_seats("github", "seats", plan["filled_seats"], tenant="acme.example")
        full = await invite(client, JOINER)
        assert (full.status_code, full.json()["errors"][0]["code"]) == (422, "no_seat")
        sandbox.set_seats("github", "seats", 40)
        sandbox.configure("github", modes={"invitations_per_day": "1"})
        assert (await invite(client, JOINER)).status_code == 201
        over = await invite(client, "next@acme.example")
        assert "rate limit" in over.json()["errors"][0]["message"]


async def test_an_invitation_lapses_into_the_failed_ones(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        first = (await invite(client, JOINER)).json()["id"]
        sandbox.act("github", "age", email=JOINER, days=6.9)
        assert first in [one["id"] for one in await pending(client)]
        sandbox.act("github", "age", email=JOINER, days=0.2)
        assert first not in [one["id"] for one in await pending(client)]
        failed = (await client.get(f"{ORG}/failed_invitations")).json()
        assert failed[0]["id"] == first
        assert failed[0]["failed_reason"].startswith("Invitation expired")
        assert failed[0]["failed_at"]
        assert (await client.delete(f"{ORG}/invitations/{first}")).status_code == 422
        assert (await invite(client, JOINER)).status_code == 201
        sandbox.act("github", "expire", email=JOINER)
        assert len((await client.get(f"{ORG}/failed_invitations")).json()) == 3


async def test_cancelled_and_declined_invitations_are_gone_without_a_trace(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        made = (await invite(client, JOINER)).json()["id"]
        assert (await client.delete(f"{ORG}/invitations/{made}")).status_code == 204
        assert (await client.delete(f"{ORG}/invitations/{made}")).status_code == 404
        assert (await client.get(f"{ORG}/invitations/{made}/teams")).status_code == 404
        await invite(client, JOINER)
        sandbox.act("github", "decline", email=JOINER)
        assert JOINER not in [one["email"] for one in await pending(client)]
        failed = (await client.get(f"{ORG}/failed_invitations")).json()
        assert JOINER not in [one["email"] for one in failed]
    kinds = [one["kind"] for one in sandbox.effects("github", JOINER)]
    assert kinds == ["invitation.create", "invitation.cancel", "invitation.create"]


async def test_a_membership_by_login_stays_pending_until_accepted_and_may_be_put_again(
    sandbox: Sandbox,
) -> None:
    async with github_client(sandbox, "globex.example") as globex:
        assert (await globex.get("users/lena-fischer")).status_code == 200
        path = "orgs/globex-example/memberships/lena-fischer"
        assert (await globex.get(path)).status_code == 404
        for _ in range(2):
            put = await globex.put(path, json={"role": "member"})
            assert (put.status_code, put.json()["state"]) == (200, "pending")
        assert (await globex.get("orgs/globex-example/members/lena-fischer")).status_code == 404
        assert (await globex.get(path)).json()["state"] == "pending"
        sandbox.act("github", "accept", login="lena-fischer")
        assert (await globex.get(path)).json()["state"] == "active"
        raised = await globex.put(path, json={"role": "admin"})
        assert (raised.json()["role"], raised.json()["state"]) == ("admin", "active")
        assert (await globex.delete(path)).status_code == 204
        assert (await globex.delete(path)).status_code == 404
        assert (await globex.put("orgs/globex-example/memberships/nobody")).status_code == 404
    kinds = [one["kind"] for one in sandbox.effects("github", "lena-fischer")]
    assert kinds == ["invitation.create", "member.update", "member.remove"]


async def test_deleting_a_pending_membership_cancels_the_invitation(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        assert (await client.delete(f"{ORG}/memberships/octo-contractor")).status_code == 204
        assert "octo-contractor" not in [one["login"] for one in await pending(client)]


async def test_leaving_takes_teams_and_copilot_but_not_the_last_owner(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        assert (await client.delete(f"{ORG}/members/priya-raman")).status_code == 204
        members = (await client.get(f"{ORG}/teams/engineering/members")).json()
        assert "priya-raman" not in [one["login"] for one in members]
        assert (await client.get(f"{ORG}/members/priya-raman/copilot")).status_code == 404
        last = await client.delete(f"{ORG}/memberships/ada-admin")
        assert last.status_code == 403
        assert (await client.delete(f"{ORG}/members/octo-contractor")).status_code == 404


async def test_lists_are_paged_by_links(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        first = await client.get(f"{ORG}/members?per_page=3")
        assert len(first.json()) == 3
        assert 'rel="next"' in first.headers["link"]
        assert 'rel="last"' in first.headers["link"]
        seen, reply = [], first
        while True:
            seen += [one["login"] for one in reply.json()]
            if "next" not in reply.links:
                break
            reply = await client.get(reply.links["next"]["url"])
        assert len(seen) == len(set(seen)) == 8
        owners = (await client.get(f"{ORG}/members?role=admin")).json()
        assert [one["login"] for one in owners] == ["ada-admin"]
        assert (await client.get(f"{ORG}/members?role=boss")).status_code == 422
        assert "email" not in owners[0]


async def test_profiles_show_an_address_only_where_their_owner_does(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        assert (await client.get("users/lena-fischer")).json()["email"] == "lena.fischer@acme.example"
        assert (await client.get("users/tanya-ken")).json()["email"] is None
        assert (await client.get("users/taken@acme.example")).status_code == 404


async def test_teams_are_listed_and_changed(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        slugs = [one["slug"] for one in (await client.get(f"{ORG}/teams")).json()]
        assert slugs == ["engineering", "platform", "it", "sales-tools", "security"]
        path = f"{ORG}/teams/platform/memberships/lena-fischer"
        assert (await client.get(path)).status_code == 404
        for role in ("member", "member", "maintainer"):
            put = await client.put(path, json={"role": role})
            assert (put.json()["state"], put.json()["role"]) == ("active", role)
        assert (await client.delete(path)).status_code == 204
        assert (await client.delete(path)).status_code == 404
        assert (await client.get(f"{ORG}/teams/nonsense")).status_code == 404
        owner = await client.put(f"{ORG}/teams/platform/memberships/ada-admin")
        assert owner.json()["role"] == "maintainer"
    kinds = [one["kind"] for one in sandbox.effects("github", "lena-fischer")]
    assert kinds == ["team_member.add", "team_member.update", "team_member.remove"]


async def test_a_team_that_an_identity_provider_fills_is_not_changed_here(sandbox: Sandbox) -> None:
    async with github_client(sandbox) as client:
        path = f"{ORG}/teams/security/memberships/lena-fischer"
        for reply in (await client.put(path), await client.delete(path)):
            assert reply.status_code == 403
            assert "external group" in reply.json()["message"]


async def test_a_team_for_somebody_outside_sends_an_invitation(sandbox: Sandbox) -> None:
    async with github_client(sandbox, "globex.example") as globex:
        path = "orgs/globex-example/teams/plant/memberships/lena-fischer"
        for _ in range(2):
            put = await globex.put(path, json={"role": "member"})
            assert put.json()["state"] == "pending"
        assert (await globex.get(path)).json()["state"] == "pending"
        listed = (await globex.get("orgs/globex-example/teams/plant/invitations")).json()
        assert [one["login"] for one in listed] == ["lena-fischer"]
        sandbox.act("github", "accept", login="lena-fischer")
        assert (await globex.get(path)).json()["state"] == "active"


async def test_a_lost_reply_leaves_an_invitation_that_a_blind_retry_runs_into(sandbox: Sandbox) -> None:
    sandbox.arm("github", "commit_then_status", match={"method": "POST"}, status=502)
    async with github_client(sandbox) as client:
        client.event_hooks = {"request": [], "response": []}
        assert (await invite(client, JOINER)).status_code == 502
        assert (await invite(client, JOINER)).status_code == 422
    assert len(sandbox.effects("github", JOINER)) == 1
