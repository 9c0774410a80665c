"""Directory v1 groups, members and organisational units."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox


def reason(reply: httpx.Response) -> tuple[int, str]:
    return reply.status_code, reply.json()["error"]["errors"][0]["reason"]


async def test_groups_are_listed_by_customer_domain_and_member(google: httpx.AsyncClient) -> None:
    whole = (await google.get("groups?customer=my_customer")).json()["groups"]
    assert len(whole) == 5
    assert isinstance(whole[0]["directMembersCount"], str)
    assert len((await google.get("groups?domain=acme.example")).json()["groups"]) == 5
    mine = (await google.get("groups?userKey=lena.fischer@acme.example")).json()["groups"]
    assert [group["email"] for group in mine] == ["all-staff@acme.example", "engineering@acme.example"]
    assert "groups" not in (await google.get("groups?domain=acme-labs.example")).json()
    page = (await google.get("groups?customer=my_customer&maxResults=2")).json()
    assert (
        len(
            (await google.get(f"groups?customer=my_customer&pageToken={page['nextPageToken']}")).json()[
                "groups"
            ]
        )
        == 3
    )
    found = (await google.get("groups", params={"customer": "my_customer", "query": "email:eng*"})).json()[
        "groups"
    ]
    assert [group["name"] for group in found] == ["Engineering"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (400, "badRequest")),
        ("customer=C0globex1", (403, "forbidden")),
        ("customer=my_customer&maxResults=201", (400, "invalid")),
        ("userKey=nobody@acme.example", (404, "notFound")),
        ("customer=my_customer&nonsense=1", (400, "invalid")),
    ],
)
async def test_a_group_list_that_google_refuses(
    google: httpx.AsyncClient, query: str, expected: tuple[int, str]
) -> None:
    assert reason(await google.get(f"groups?{query}")) == expected


async def test_a_group_can_be_made_changed_and_deleted_once(google: httpx.AsyncClient) -> None:
    assert (await google.post("groups", json={"email": "vpn@acme.example", "name": "VPN"})).status_code == 200
    assert reason(await google.post("groups", json={"email": "vpn@acme.example"})) == (409, "duplicate")
    assert reason(await google.post("groups", json={"email": "taken@acme.example"})) == (409, "duplicate")
    assert reason(await google.post("groups", json={"name": "no address"})) == (400, "required")
    assert (await google.patch("groups/vpn@acme.example", json={"name": "VPN users"})).json()[
        "name"
    ] == "VPN users"
    assert (await google.delete("groups/vpn@acme.example")).status_code == 204
    assert reason(await google.get("groups/vpn@acme.example")) == (404, "notFound")


async def test_a_member_is_added_once_seen_and_removed_once(
    google: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    members = "groups/sales@acme.example/members"
    body = {"email": "lena.fischer@acme.example", "role": "MEMBER"}
    added = await google.post(members, json=body)
    assert (added.status_code, added.json()["type"], added.json()["status"]) == (200, "USER", "ACTIVE")
    again = await google.post(members, json=body)
    assert reason(again) == (409, "duplicate")
    assert again.json()["error"]["message"] == "Member already exists."
    key = added.json()["id"]
    assert (await google.get(f"groups/sales@acme.example/hasMember/{key}")).json() == {"isMember": True}
    assert (await google.get(f"{members}/lena.fischer@acme.example")).json()["role"] == "MEMBER"
    assert (await google.patch(f"{members}/{key}", json={"role": "OWNER"})).json()["role"] == "OWNER"
    owners = (await google.get(f"{members}?roles=OWNER")).json()["members"]
    assert [one["email"] for one in owners] == ["lena.fischer@acme.example"]
    assert (await google.delete(f"{members}/{key}")).status_code == 204
    assert reason(await google.delete(f"{members}/{key}")) == (404, "notFound")
    assert (await google.get("groups/sales@acme.example/hasMember/lena.fischer@acme.example")).json() == {
        "isMember": False
    }
    kinds = [one["kind"] for one in sandbox.effects("google", "lena.fischer@acme.example")]
    assert kinds == ["member.add", "member.update", "member.remove"]


async def test_members_are_people_outside_and_groups_too_but_nobody_unknown(
    google: httpx.AsyncClient,
) -> None:
    members = "groups/sales@acme.example/members"
    assert (await google.post(members, json={"email": "partner@elsewhere.example"})).status_code == 200
    assert (await google.post(members, json={"email": "it@acme.example"})).json()["type"] == "GROUP"
    assert reason(await google.post(members, json={"email": "nobody@acme.example"})) == (404, "notFound")
    assert reason(await google.post(members, json={"role": "MEMBER"})) == (400, "required")
    assert reason(await google.post(members, json={"email": "it@acme.example", "role": "BOSS"})) == (
        400,
        "invalid",
    )
    unknown = await google.post("groups/nothing@acme.example/members", json={"email": "admin@acme.example"})
    assert unknown.json()["error"]["message"] == "Resource Not Found: groupKey"
    assert reason(await google.get("groups/sales@acme.example/hasMember/partner@elsewhere.example")) == (
        400,
        "invalid",
    )


async def test_org_units_are_listed_by_reach_and_read_by_path_or_id(google: httpx.AsyncClient) -> None:
    units = "customer/my_customer/orgunits"
    children = (await google.get(units)).json()["organizationUnits"]
    assert {unit["orgUnitPath"] for unit in children} == {
        "/IT",
        "/Finance",
        "/Engineering",
        "/Sales",
        "/Contractors",
    }
    everything = (await google.get(f"{units}?type=all")).json()["organizationUnits"]
    assert len(everything) == 8
    below = (await google.get(f"{units}?type=allIncludingParent&orgUnitPath=/Sales")).json()[
        "organizationUnits"
    ]
    assert {unit["orgUnitPath"] for unit in below} == {"/Sales", "/Sales/EMEA"}
    plain = (await google.get(f"{units}/Engineering/Platform")).json()
    encoded = (await google.get(f"{units}/Engineering%2FPlatform")).json()
    by_id = (await google.get(f"{units}/{plain['orgUnitId']}")).json()
    assert plain == encoded == by_id
    assert plain["parentOrgUnitPath"] == "/Engineering"
    assert reason(await google.get(f"{units}/Nowhere")) == (404, "notFound")
    assert reason(await google.get("customer/C0globex1/orgunits")) == (403, "forbidden")
