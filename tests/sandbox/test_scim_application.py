"""What applications differ in, who may call, what they announce, and how they fail."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from scim2_models import ListResponse, ResourceType, Schema, ServiceProviderConfig

from services.sandbox.scim import schemas
from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge import specs
from tests.sandbox.scim_door import CORE, CORE_GROUP, ENTERPRISE, NEW, client, patch, refusal, tenant


@pytest.fixture
async def scim(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    async with client(sandbox) as made:
        yield made


async def config(scim: httpx.AsyncClient) -> ServiceProviderConfig:
    return ServiceProviderConfig.model_validate((await scim.get("ServiceProviderConfig")).json())


async def test_what_it_announces(scim: httpx.AsyncClient) -> None:
    del scim.headers["authorization"]  # discovery is open
    said = await config(scim)
    assert said.patch
    assert said.filter
    assert (said.patch.supported, said.filter.supported, said.filter.max_results) == (True, True, 200)
    types = ListResponse[ResourceType].model_validate((await scim.get("ResourceTypes")).json())
    assert [one.name for one in types.resources or []] == ["User", "Group"]
    known = ListResponse[Schema].model_validate((await scim.get("Schemas")).json())
    assert {one.id for one in known.resources or []} == {CORE, CORE_GROUP, ENTERPRISE}
    assert (await scim.get(f"Schemas/{CORE}")).json()["name"] == "User"
    assert refusal(await scim.get("Schemas/urn:other")) == (404, None)


@pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)
@pytest.mark.parametrize(
    ("ours", "file"),
    [
        (schemas.USER, "rfc7643-core-user"),
        (schemas.GROUP, "rfc7643-core-group"),
        (schemas.ENTERPRISE_USER, "rfc7643-enterprise-user"),
    ],
)
def test_the_schemas_are_those_of_the_rfc(ours: schemas.Schema, file: str) -> None:
    published = {one["name"]: one for one in specs.load(f"scim/{file}.schema.json")["attributes"]}
    assert {one.name for one in ours.attributes} == set(published)
    for one in ours.attributes:
        theirs, mine = published[one.name], one.as_json()
        for name in ("type", "multiValued", "mutability", "returned", "required"):
            assert mine[name] == theirs[name], f"{one.name}.{name}"
        parts = {part["name"] for part in theirs.get("subAttributes", [])}
        assert {part.name for part in one.sub} == parts, one.name


async def test_without_patch_one_puts(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("scim", modes={"patch": "off"})
    said = await config(scim)
    assert said.patch
    assert said.patch.supported is False
    taken = sandbox.user("scim", "taken@acme.example")["id"]
    step = patch({"op": "replace", "path": "active", "value": False})
    assert refusal(await scim.patch(f"Users/{taken}", json=step)) == (501, None)
    whole = {"schemas": [CORE], "userName": "taken@acme.example", "active": False}
    assert (await scim.put(f"Users/{taken}", json=whole)).json()["active"] is False


async def test_without_filters(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("scim", modes={"filter": "off"})
    said = await config(scim)
    assert said.filter
    assert said.filter.supported is False
    reply = await scim.get("Users", params={"filter": 'userName eq "x"'})
    assert refusal(reply) == (400, "invalidFilter")


async def test_without_groups_or_the_extension(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("scim", modes={"groups": "off", "enterprise": "off"})
    types = (await scim.get("ResourceTypes")).json()["Resources"]
    assert [(one["name"], "schemaExtensions" in one) for one in types] == [("User", False)]
    assert (await scim.get("Schemas")).json()["totalResults"] == 1
    assert refusal(await scim.get("Groups")) == (404, None)
    extended = {**NEW, "schemas": [CORE, ENTERPRISE], ENTERPRISE: {"department": "IT"}}
    assert refusal(await scim.post("Users", json=extended)) == (400, "invalidSyntax")


async def test_without_versions(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("scim", modes={"etag": "off"})
    reply = await scim.post("Users", json=NEW)
    assert "etag" not in reply.headers
    assert "version" not in reply.json()["meta"]


async def test_bulk_and_me_are_not_there(scim: httpx.AsyncClient) -> None:
    said = await config(scim)
    assert said.bulk
    assert said.bulk.supported is False
    assert refusal(await scim.post("Bulk", json={})) == (501, None)
    assert refusal(await scim.get("Me")) == (501, None)


async def test_what_nothing_announces(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    modes = {"user_name": "email", "emails": "unique", "external_id": "dropped", "delete": "off"}
    sandbox.configure("scim", modes={**modes, "discovery": "off"})
    assert refusal(await scim.post("Users", json={**NEW, "userName": "new"})) == (400, "invalidValue")
    twice = {**NEW, "emails": [{"value": "taken@acme.example"}]}
    assert refusal(await scim.post("Users", json=twice)) == (409, "uniqueness")
    made = (await scim.post("Users", json={**NEW, "externalId": "mark"})).json()
    assert "externalId" not in made
    assert refusal(await scim.delete(f"Users/{made['id']}")) == (405, None)
    assert refusal(await scim.get("ServiceProviderConfig")) == (404, None)


async def test_the_companies_are_strangers(sandbox: Sandbox) -> None:
    acme = tenant(sandbox)["token"]
    async with client(sandbox, "globex.example", token=acme) as crossed:
        assert refusal(await crossed.get("Users")) == (401, None)
    async with client(sandbox, "globex.example") as globex:
        assert (await globex.get("Users")).json()["totalResults"] == 3
        taken = sandbox.user("scim", "taken@acme.example")["id"]
        assert refusal(await globex.get(f"Users/{taken}")) == (404, None)


async def token(sandbox: Sandbox, **change: str) -> httpx.Response:
    company = tenant(sandbox)
    form = {
        "grant_type": "client_credentials",
        "client_id": company["client_id"],
        "client_secret": company["client_secret"],
        **change,
    }
    async with httpx.AsyncClient(trust_env=False) as plain:
        return await plain.post(sandbox.info()["scim"]["token_url"], data=form)


async def test_client_credentials(sandbox: Sandbox) -> None:
    issued = (await token(sandbox)).json()
    assert (issued["token_type"], issued["scope"]) == ("Bearer", "scim.read scim.write")
    async with client(sandbox, token=issued["access_token"]) as scim:
        assert (await scim.post("Users", json=NEW)).status_code == 201
    reader = (await token(sandbox, scope="scim.read")).json()["access_token"]
    async with client(sandbox, token=reader) as scim:
        assert (await scim.get("Users")).status_code == 200
        assert refusal(await scim.post("Users", json=NEW)) == (403, None)


async def test_the_client_may_sign_in_by_its_header(sandbox: Sandbox) -> None:
    company = tenant(sandbox)
    async with httpx.AsyncClient(trust_env=False) as plain:
        reply = await plain.post(
            sandbox.info()["scim"]["token_url"],
            data={"grant_type": "client_credentials"},
            auth=(company["client_id"], company["client_secret"]),
        )
    assert reply.status_code == 200


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "everything"}, 400, "invalid_scope"),
    ],
)
async def test_refused_clients(sandbox: Sandbox, change: dict[str, str], status: int, error: str) -> None:
    reply = await token(sandbox, **change)
    assert (reply.status_code, reply.json()["error"]) == (status, error)


async def test_tokens_expire(sandbox: Sandbox) -> None:
    sandbox.configure("scim", token_lifetime_seconds=1e-6)
    issued = (await token(sandbox)).json()["access_token"]
    async with client(sandbox, token=issued) as scim:
        reply = await scim.get("Users")
    assert refusal(reply) == (401, None)
    assert reply.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("kind", "fault", "status"),
    [
        ("rate_limit", {"retry_after": 2.5}, 429),
        ("rate_limit", {"vendor_form": "503", "retry_after": 3}, 503),
        ("expired_token", {}, 401),
        ("forbidden", {}, 403),
        ("no_seats", {}, 403),
        ("server_error", {"status": 500}, 500),
    ],
)
async def test_faults(
    scim: httpx.AsyncClient, sandbox: Sandbox, kind: str, fault: dict[str, Any], status: int
) -> None:
    sandbox.arm("scim", kind, **fault)
    reply = await scim.post("Users", json=NEW)
    assert refusal(reply)[0] == status
    if fault.get("retry_after"):
        assert reply.headers["retry-after"] == str(fault["retry_after"])
    assert sandbox.effects("scim") == []


async def test_a_lost_reply_leads_to_uniqueness(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.arm("scim", "commit_then_drop")
    with pytest.raises(httpx.TransportError):
        await scim.post("Users", json=NEW)
    assert refusal(await scim.post("Users", json=NEW)) == (409, "uniqueness")
    assert len(sandbox.effects("scim", kind="user.create")) == 1


async def test_reads_and_lists_can_lag(scim: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.configure("scim", settle_seconds=60, settle_reads=True, settle_lists=True)
    made = (await scim.post("Users", json=NEW)).json()
    assert refusal(await scim.get(f"Users/{made['id']}")) == (404, None)
    assert (await scim.get("Users")).json()["totalResults"] == 8
    sandbox.configure("scim", settle_seconds=0)
    assert (await scim.get(f"Users/{made['id']}")).status_code == 200
