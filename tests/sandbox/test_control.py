"""The control surface, and what keeps the two companies apart."""

from __future__ import annotations

import httpx

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.test_google_users import NEW as GOOGLE_NEW
from tests.sandbox.test_microsoft_users import NEW as GRAPH_NEW

ADDRESS = "new.hire@acme.example"


async def test_info_says_where_and_as_whom(sandbox: Sandbox) -> None:
    info = sandbox.info()
    assert info["google"]["api_url"] == sandbox.google_url
    assert info["google"]["token_url"] == sandbox.google_token_url
    assert [one["customer_id"] for one in info["google"]["customers"]] == ["C0acme01", "C0globex1"]
    assert "PRIVATE KEY" in info["google"]["service_account"]["private_key"]
    assert info["microsoft"]["graph_url"] == sandbox.microsoft_url
    assert info["oidc"]["issuer"] == sandbox.oidc_issuer
    assert [one["slug"] for one in info["tenants"]] == ["acme", "globex"]


async def test_the_ledger_tells_a_persons_story_in_order(
    google: httpx.AsyncClient, licensing: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await google.post("users", json=GOOGLE_NEW)
    await licensing.post("product/Google-Apps/sku/1010020028/user", json={"userId": ADDRESS})
    await google.post("groups/it@acme.example/members", json={"email": ADDRESS})
    await google.post("users", json=GOOGLE_NEW)
    user_id = sandbox.user("google", ADDRESS)["id"]
    by_address, by_id = sandbox.effects("google", ADDRESS.upper()), sandbox.effects("google", user_id)
    assert by_address == by_id
    assert [one["kind"] for one in by_id] == ["user.create", "license.assign", "member.add"]
    assert [one["seq"] for one in by_id] == [1, 2, 3]
    assert {one["tenant"] for one in by_id} == {"acme.example"}
    assert len(sandbox.effects("google", kind="user.create")) == 1


async def test_effects_name_the_request_that_caused_them(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    created = await graph.post("users", json=GRAPH_NEW)
    effect = sandbox.effects("microsoft", ADDRESS)[0]
    assert effect["request_id"] == created.headers["request-id"]
    assert effect["path"] == "/microsoft/v1.0/users"
    assert "Correct-horse-1" not in str(sandbox.effects("microsoft"))


async def test_the_request_log_shows_everything_but_credentials(
    graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await graph.get("users?$top=1", headers={"x-correlation-id": "c-1"})
    await graph.get("users/nobody@acme.example")
    log = sandbox.requests("microsoft", path="/v1.0/")
    assert [(one["method"], one["status"]) for one in log] == [("GET", 200), ("GET", 404)]
    assert log[0]["query"] == [["$top", "1"]]
    assert log[0]["headers"]["x-correlation-id"] == "c-1"
    assert log[0]["ms"] >= 0
    everything = str(sandbox.requests("microsoft")) + str(sandbox.requests("google"))
    assert "Bearer" not in everything
    assert "sandbox-graph-secret" not in everything


async def test_reset_forgets_the_day_but_not_the_tokens_unless_told(
    google: httpx.AsyncClient, raw: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    await google.post("users", json=GOOGLE_NEW)
    sandbox.configure("google", latency_ms=1)
    sandbox.arm("google", "server_error", times=None)
    before = {user["id"] for user in sandbox.state("google")["users"]} - {
        sandbox.user("google", ADDRESS)["id"]
    }
    sandbox.reset()
    assert sandbox.find_user("google", ADDRESS) is None
    assert sandbox.effects("google") == sandbox.requests("google") == []
    assert {user["id"] for user in sandbox.state("google")["users"]} == before, "the seed's ids are stable"
    assert (await google.get("users/admin@acme.example")).status_code == 200
    sandbox.reset(tokens=True)
    assert (await google.get("users/admin@acme.example")).status_code == 401


async def test_a_foreign_account_can_be_seeded_with_all_it_has(
    google: httpx.AsyncClient, graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    made = sandbox.add_user(
        "google",
        "foreign@acme.example",
        given_name="For",
        family_name="Eign",
        aliases=["fe@acme.example"],
        org_unit="/Sales",
        groups=["sales"],
        licenses=["1010020028"],
        enabled=False,
        fields={"externalIds": [{"type": "custom", "customType": "oneclick", "value": "emp-9"}]},
    )
    assert made["origin"] == "seed"
    assert (made["groups"], made["licenses"]) == (["sales@acme.example"], ["Google-Apps/1010020028"])
    shown = (await google.get("users/fe@acme.example")).json()
    assert (shown["suspended"], shown["externalIds"][0]["value"]) == (True, "emp-9")
    sandbox.add_user(
        "microsoft",
        "foreign@acme.example",
        usage_location="DE",
        manager="admin@acme.example",
        groups=["IT"],
        licenses=["SPE_E3"],
        fields={"onPremisesExtensionAttributes": {"extensionAttribute15": "oneclick:emp-9"}},
    )
    state = sandbox.user("microsoft", "foreign@acme.example")
    assert (state["manager"], state["groups"], state["licenses"]) == (
        "admin@acme.example",
        ["IT"],
        ["SPE_E3"],
    )
    gone = sandbox.add_user("microsoft", "gone@acme.example", deleted=True)
    assert gone["deleted"] is True
    assert (await graph.get("users/gone@acme.example")).status_code == 404
    assert sandbox.effects("google") == sandbox.effects("microsoft") == [], (
        "what was seeded is nobody's effect"
    )


async def test_control_names_what_it_does_not_know(raw: httpx.AsyncClient) -> None:
    assert (await raw.get("/control/nobody/state")).status_code == 404
    assert (await raw.get("/control/google/state?tenant=nowhere.example")).status_code == 404
    body = {"address": "x@acme.example", "groups": ["nothing"]}
    assert "no group nothing" in (await raw.post("/control/google/users", json=body)).text
    assert (
        await raw.post("/control/microsoft/users", json={"address": "taken@acme.example"})
    ).status_code == 404
    assert (await raw.patch("/control/google/licenses/none", json={"enabled": 1})).status_code == 404
    assert (await raw.put("/control/google/settings", json={"speed": 1})).status_code == 422
    assert (await raw.put("/control/google/settings", json={"latency_ms": -1})).status_code == 422


async def test_settings_change_one_by_one(sandbox: Sandbox) -> None:
    sandbox.configure("google", latency_ms=5)
    both = sandbox.configure("google", settle_seconds=2)
    assert (both["latency_ms"], both["settle_seconds"]) == (5, 2)


async def test_health_and_metrics(raw: httpx.AsyncClient, google: httpx.AsyncClient) -> None:
    await google.get("users/admin@acme.example")
    assert (await raw.get("/health")).json() == {"status": "ok"}
    assert (await raw.get("/ready")).status_code == 200
    text = (await raw.get("/metrics")).text
    assert 'sandbox_requests{vendor="google",status="200"}' in text


async def test_one_google_customer_cannot_see_or_touch_the_other(
    raw: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    acme = {"authorization": f"Bearer {sandbox.google_token()}"}
    globex = {"authorization": f"Bearer {sandbox.google_token('admin@globex.example')}"}
    users = "/google/admin/directory/v1/users"
    theirs = sandbox.user("google", "omar.haddad@globex.example")
    for key in (theirs["id"], theirs["address"]):
        assert (await raw.get(f"{users}/{key}", headers=globex)).status_code == 200
        for method in ("GET", "DELETE"):
            assert (await raw.request(method, f"{users}/{key}", headers=acme)).status_code in {403, 404}
    listed = (await raw.get(f"{users}?customer=my_customer", headers=globex)).json()["users"]
    assert {user["customerId"] for user in listed} == {"C0globex1"}
    into = await raw.post(users, json=GOOGLE_NEW | {"primaryEmail": "x@globex.example"}, headers=acme)
    assert into.status_code == 404
    groups = "/google/admin/directory/v1/groups/everyone@globex.example"
    assert (await raw.get(groups, headers=acme)).status_code == 404
    licence = "/google/apps/licensing/v1/product/Google-Apps/sku/1010020027/user"
    crossed = await raw.post(licence, json={"userId": theirs["address"]}, headers=acme)
    assert crossed.status_code == 400


async def test_one_microsoft_tenant_cannot_see_or_touch_the_other(
    raw: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    acme = {"authorization": f"Bearer {sandbox.microsoft_token()}"}
    globex = {"authorization": f"Bearer {sandbox.microsoft_token('globex.example')}"}
    theirs = sandbox.user("microsoft", "omar.haddad@globex.example")
    for key in (theirs["id"], theirs["address"]):
        path = f"/microsoft/v1.0/users/{key}"
        assert (await raw.get(path, headers=globex)).status_code == 200
        for method in ("GET", "DELETE"):
            assert (await raw.request(method, path, headers=acme)).status_code == 404
    group = sandbox.info()["microsoft"]["tenants"][0]["groups"]["IT"]
    link = {"@odata.id": f"https://graph.microsoft.com/v1.0/directoryObjects/{theirs['id']}"}
    crossed = await raw.post(f"/microsoft/v1.0/groups/{group}/members/$ref", json=link, headers=acme)
    assert crossed.status_code == 404
    both = [
        (await raw.get("/microsoft/v1.0/users?$select=id&$top=999", headers=auth)).json()["value"]
        for auth in (acme, globex)
    ]
    assert not {user["id"] for user in both[0]} & {user["id"] for user in both[1]}
