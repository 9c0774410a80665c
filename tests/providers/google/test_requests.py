"""Requests are built by Google's library from the documents that it carries, and sent to our base URLs."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest

from services.shared.providers.google.accounts import find_user
from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import call
from services.shared.providers.google.form import GoogleSettings
from services.shared.providers.google.orgunits import need_org_unit
from services.shared.providers.google.requests import build
from services.shared.sdk.contract import Context, Person


def context(handler: Any, **endpoints: str) -> Context[GoogleSettings]:
    return Context(
        tenant_id=uuid.uuid4(),
        settings=GoogleSettings(customer_id="C1"),
        http=httpx.AsyncClient(transport=httpx.MockTransport(handler)),
        endpoints=endpoints or {"google_api": "http://api.test/base/", "google_licensing": "http://lic.test"},
        person=Person(employee_id=uuid.uuid4(), full_name="Ada Lovelace", work_email="ada@acme.example"),
    )


def test_a_parameter_that_google_does_not_have_is_refused() -> None:
    with pytest.raises(TypeError):
        build("users.get", userKey="x", user_key="y")
    with pytest.raises(TypeError):
        build("users.get")
    with pytest.raises(TypeError):
        build("users.get", userKey="x", projection="everything")
    with pytest.raises(AttributeError):
        build("users.befriend", userKey="x")


def test_paths_are_encoded_and_relative() -> None:
    request = build("users.get", userKey="a+b@acme.example", fields="id,name(givenName)")
    assert (request.method, request.endpoint) == ("GET", "google_api")
    assert request.path.startswith("admin/directory/v1/users/a%2Bb%40acme.example?")
    assert build("users.signOut", userKey="1").path == "admin/directory/v1/users/1/signOut"
    licence = build("licenseAssignments.delete", productId="Google-Apps", skuId="1", userId="a@b.example")
    assert licence.endpoint == "google_licensing"
    assert licence.path.startswith("apps/licensing/v1/product/Google-Apps/sku/1/user/a%40b.example")


async def test_the_base_url_is_ours() -> None:
    seen: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"id": "1"})

    ctx = context(handler)
    await call(ctx, "users.get", userKey="1")
    await call(ctx, "licenseAssignments.insert", productId="P", skuId="S", body={"userId": "a@b.example"})
    assert str(seen[0].url).startswith("http://api.test/base/admin/directory/v1/users/1")
    assert str(seen[1].url).startswith("http://lic.test/apps/licensing/v1/product/P/sku/S/user")
    assert json.loads(seen[1].content) == {"userId": "a@b.example"}
    assert seen[1].headers["content-type"] == "application/json"


async def test_an_org_unit_with_reserved_characters_stays_one_path() -> None:
    seen: list[bytes] = []

    def handler(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.raw_path)
        return httpx.Response(200, json={"orgUnitPath": "/R&D/Who?/#1 50%"})

    assert await need_org_unit(context(handler), "/R&D/Who?/#1 50%") == "/R&D/Who?/#1 50%"
    path = seen[0].partition(b"?")[0]
    assert path.endswith(b"/customer/C1/orgunits/R%26D/Who%3F/%231%2050%25")


async def test_a_deleted_account_that_still_answers_is_no_account() -> None:
    body = {"id": "1", "primaryEmail": "ada@acme.example", "deletionTime": "2026-11-01T10:00:00.000Z"}
    assert await find_user(context(lambda _: httpx.Response(200, json=body)), "1") is None


@pytest.mark.parametrize("body", [{}, {"id": "1"}, {"id": "1", "primaryEmail": "a@b.example", "name": "Ada"}])
async def test_a_user_that_cannot_be_read_is_no_user(body: dict[str, Any]) -> None:
    with pytest.raises(GoogleAnswer, match="unreadable"):
        await find_user(context(lambda _: httpx.Response(200, json=body)), "1")


async def test_an_empty_success_is_an_empty_object_with_either_code() -> None:
    for status in (200, 204):
        assert await call(context(lambda _, s=status: httpx.Response(s)), "users.delete", userKey="1") == {}
