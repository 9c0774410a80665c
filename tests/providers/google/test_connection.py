"""Whether a connection is usable, and the live choices it offers."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from services.shared.providers.google.manifest import GROUPS, LICENSING, MANIFEST, ORG_UNITS, SECURITY, USERS
from services.shared.providers.google.provider import GoogleWorkspace
from services.shared.sdk.contract import Context, Known
from services.shared.sdk.errors import ConsentLost, ErrorCode
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import onboard
from tests.providers.google.harness import STANDARD, VOICE, GoogleHarness

_SHORT = "https://www.googleapis.com/auth/"


def signed_in(google: GoogleHarness, http: httpx.AsyncClient, **settings: Any) -> Context[Any]:
    whole = google.context(Known(), reading=True)
    return Context(
        tenant_id=whole.tenant_id,
        settings=whole.settings.model_copy(update=settings),
        http=http,
        endpoints=whole.endpoints,
        person=whole.person,
    )


def client(token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(headers={"authorization": f"Bearer {token}"})


@pytest.mark.parametrize("missing", [USERS, SECURITY, GROUPS, ORG_UNITS, LICENSING])
async def test_each_missing_scope_is_named(missing: str, google: GoogleHarness) -> None:
    needed = {scope for capability in MANIFEST.capabilities for scope in capability.scopes}
    assert missing in needed
    kept = sorted(scope for scope in needed if scope != missing)
    if missing == GROUPS:
        # Google lets the wider scope read too; it is the narrow one that we ask for.
        kept = [scope for scope in kept if not scope.endswith("admin.directory.group")]
    async with client(google.sandbox.google_token(scopes=kept)) as http:
        issues = await google.provider.validate(signed_in(google, http))
    assert [one.field for one in issues] == ["scopes"]
    assert missing in issues[0].message


async def test_the_scopes_of_the_manifest_suffice_for_everything(google: GoogleHarness, books: Books) -> None:
    needed = sorted({scope for capability in MANIFEST.capabilities for scope in capability.scopes})
    assert all(scope.startswith(_SHORT) for scope in needed)
    token = google.sandbox.google_token(scopes=needed)
    google.act_as(token)
    assert not await google.provider.validate(google.context(Known(), reading=True))
    await onboard(google)


async def test_an_expired_token_is_no_issue_but_an_error(google: GoogleHarness) -> None:
    async with client("ya29.stale") as http:
        with pytest.raises(ConsentLost) as caught:
            await google.provider.validate(signed_in(google, http))
    assert caught.value.code is ErrorCode.AUTH_EXPIRED


async def test_a_wrong_customer_id_is_named(google: GoogleHarness) -> None:
    context = signed_in(google, google.http, customer_id="C0globex1")
    issues = await google.provider.validate(context)
    assert {one.field for one in issues} == {"customer_id"}


async def test_an_administrator_who_is_not_there_is_named(google: GoogleHarness) -> None:
    context = signed_in(google, google.http, admin_subject="nobody@acme.example")
    assert [one.field for one in await google.provider.validate(context)] == ["admin_subject"]


async def options(google: GoogleHarness, name: str, query: str = "") -> dict[str, Any]:
    found = await GoogleWorkspace().options(google.context(Known(), reading=True), name, query)
    return {one.value: one for one in found}


async def test_org_units_begin_with_the_root(google: GoogleHarness) -> None:
    units = await options(google, "org_units")
    assert next(iter(units)) == "/"
    assert "/Engineering/Platform" in units
    assert set(await options(google, "org_units", "plat")) == {"/Engineering/Platform"}


async def test_licences_in_use_come_first_and_claim_no_free_seats(google: GoogleHarness) -> None:
    skus = await options(google, "license_skus")
    assert "in use" in (next(iter(skus.values())).detail or "")
    assert skus[STANDARD].detail == "Google Workspace, 3 in use"
    assert skus[VOICE].detail == "Google Voice"
    assert all(one.free is None and one.total is None for one in skus.values())
    assert set(await options(google, "license_skus", "voice starter")) == {VOICE}


@pytest.mark.parametrize("query", ["engin", "ENGINEERING", "engineering@acme"])
async def test_groups_are_found_by_name_and_address(query: str, google: GoogleHarness) -> None:
    assert set(await options(google, "groups", query)) == {"engineering@acme.example"}


async def test_a_query_cannot_break_out_of_its_quotes(google: GoogleHarness) -> None:
    assert await options(google, "groups", "o'brien") == {}
    assert await options(google, "groups", "x\\' email:*") == {}
