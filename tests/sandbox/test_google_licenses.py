"""Enterprise License Manager: every rule is a 412 that only its message tells apart."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox

STARTER, STANDARD, ENTERPRISE = "1010020027", "1010020028", "1010020020"
APPS = "product/Google-Apps/sku"
USER = "taken@acme.example"


def rule(reply: httpx.Response) -> tuple[int, str, str]:
    error = reply.json()["error"]
    return reply.status_code, error["errors"][0]["reason"], error["message"]


async def test_a_licence_is_assigned_read_listed_and_removed(
    licensing: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    reply = await licensing.post(f"{APPS}/{STANDARD}/user", json={"userId": USER})
    assert reply.status_code == 200
    assert reply.json()["kind"] == "licensing#licenseAssignment"
    assert (await licensing.get(f"{APPS}/{STANDARD}/user/{USER}")).json()["skuName"].endswith("Standard")
    listed = (await licensing.get(f"{APPS}/{STANDARD}/users?customerId=C0acme01")).json()["items"]
    assert USER in {one["userId"] for one in listed}
    page = (await licensing.get("product/Google-Apps/users?customerId=acme.example&maxResults=2")).json()
    assert len(page["items"]) == 2
    assert page["nextPageToken"]
    removed = await licensing.delete(f"{APPS}/{STANDARD}/user/{USER}")
    assert (removed.status_code, removed.json()) == (200, {})
    assert [one["kind"] for one in sandbox.effects("google", USER)] == ["license.assign", "license.remove"]


async def test_a_licence_that_the_user_lacks_is_404(licensing: httpx.AsyncClient) -> None:
    assert (await licensing.get(f"{APPS}/{STANDARD}/user/{USER}")).status_code == 404
    assert (await licensing.delete(f"{APPS}/{STANDARD}/user/{USER}")).status_code == 404


async def test_the_same_sku_again_and_another_sku_of_the_product_are_412(
    licensing: httpx.AsyncClient,
) -> None:
    await licensing.post(f"{APPS}/{STANDARD}/user", json={"userId": USER})
    again = rule(await licensing.post(f"{APPS}/{STANDARD}/user", json={"userId": USER}))
    assert again == (412, "conditionNotMet", "User already has a license for the specified product and SKU")
    other = rule(await licensing.post(f"{APPS}/{STARTER}/user", json={"userId": USER}))
    assert other[0] == 412
    assert 'use the "update" operation' in other[2]


async def test_seats_run_out_and_come_back(licensing: httpx.AsyncClient, sandbox: Sandbox) -> None:
    full = rule(await licensing.post(f"{APPS}/{ENTERPRISE}/user", json={"userId": USER}))
    assert full[2] == "There aren't enough available licenses for the specified product-SKU pair"
    sandbox.set_seats("google", f"Google-Apps/{ENTERPRISE}", 3, tenant="acme.example")
    assert (await licensing.post(f"{APPS}/{ENTERPRISE}/user", json={"userId": USER})).status_code == 200


async def test_reassigning_has_its_own_412s(licensing: httpx.AsyncClient, sandbox: Sandbox) -> None:
    await licensing.post(f"{APPS}/{STARTER}/user", json={"userId": USER})
    path = f"{APPS}/{STARTER}/user/{USER}"
    body = {"userId": USER, "productId": "Google-Apps", "skuId": STANDARD}
    same = rule(await licensing.put(path, json=body | {"skuId": STARTER}))
    assert "should be different from the old SKU" in same[2]
    product = rule(await licensing.put(path, json=body | {"productId": "101033"}))
    assert "different products: Google-Apps, 101033" in product[2]
    somebody = rule(await licensing.put(path, json=body | {"userId": "admin@acme.example"}))
    assert "different users" in somebody[2]
    full = rule(await licensing.patch(path, json={"skuId": ENTERPRISE}))
    assert "enough available" in full[2]
    assert {one[0] for one in (same, product, somebody, full)} == {412}
    incomplete = await licensing.put(path, json={"skuId": STANDARD})
    assert incomplete.status_code == 400
    done = await licensing.patch(path, json={"skuId": STANDARD})
    assert done.json()["skuId"] == STANDARD
    assert sandbox.user("google", USER)["licenses"] == [f"Google-Apps/{STANDARD}"]


async def test_automatic_licensing_forbids_changes(licensing: httpx.AsyncClient, sandbox: Sandbox) -> None:
    auto = rule(await licensing.post("product/101001/sku/1010010001/user", json={"userId": USER}))
    assert auto[2] == "Auto License switching is not allowed."
    await licensing.post(f"{APPS}/{STARTER}/user", json={"userId": USER})
    sandbox.change_license("google", STARTER, automatic=True)
    removal = rule(await licensing.delete(f"{APPS}/{STARTER}/user/{USER}"))
    assert removal[2] == "Auto License un-assignment is not allowed."


@pytest.mark.parametrize("name", ["priya@acme.example", "nobody@acme.example", "123456789012345678901", ""])
async def test_only_the_primary_address_names_a_user(licensing: httpx.AsyncClient, name: str) -> None:
    assert (await licensing.post(f"{APPS}/{STANDARD}/user", json={"userId": name})).status_code == 400


async def test_unknown_products_and_a_missing_customer_are_400(licensing: httpx.AsyncClient) -> None:
    assert (await licensing.post(f"{APPS}/999/user", json={"userId": USER})).status_code == 400
    assert (
        await licensing.post(f"product/101033/sku/{STANDARD}/user", json={"userId": USER})
    ).status_code == 400
    assert (await licensing.get("product/Nothing/users?customerId=C0acme01")).status_code == 400
    assert (await licensing.get("product/Google-Apps/users")).status_code == 400
    assert (await licensing.get("product/Google-Apps/users?customerId=C0globex1")).status_code == 403
    extra = await licensing.post(f"{APPS}/{STANDARD}/user", json={"userId": USER, "sku": "x"})
    assert extra.status_code == 400
