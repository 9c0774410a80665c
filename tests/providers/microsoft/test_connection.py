"""Whether a connection is usable, and what there is to choose from."""

from __future__ import annotations

import pytest

from services.sandbox.microsoft import seed
from services.sandbox.seed import MICROSOFT_TENANTS, PLANS
from services.shared.providers.microsoft.manifest import MANIFEST
from services.shared.sdk.contract import Known, Option
from services.shared.sdk.errors import ConsentLost, ErrorCode
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite import Fault, FaultKind
from services.shared.sdk.suite.driver import carry_out, is_settled, leaver, make_plan, onboard
from tests.fixtures.sandbox import running_sandbox
from tests.providers.microsoft.harness import E3, MicrosoftHarness


async def offered(microsoft: MicrosoftHarness, name: str, query: str = "") -> dict[str, Option]:
    assert isinstance(microsoft.provider, OffersOptions)
    options = await microsoft.provider.options(microsoft.context(Known(), reading=True), name, query)
    return {one.label: one for one in options}


async def issues_of(microsoft: MicrosoftHarness) -> list[tuple[str, str]]:
    found = await microsoft.provider.validate(microsoft.context(Known(), reading=True))
    return [(one.field, one.message) for one in found]


async def test_each_missing_permission_is_named(microsoft: MicrosoftHarness) -> None:
    reader = microsoft.sandbox.info()["microsoft"]["read_only_client_id"]
    token = microsoft.sandbox.microsoft_token(client_id=reader)
    microsoft.read_as(token)
    issues = await issues_of(microsoft)
    assert {field for field, _ in issues} == {"permissions"}
    told = " ".join(message for _, message in issues)
    assert "GroupMember.ReadWrite.All" in told
    assert "Organization.Read.All" in told
    assert "User.ReadWrite.All" not in told, "this app may read users"


async def test_another_tenant_or_domain_is_told(microsoft: MicrosoftHarness) -> None:
    microsoft.settings = type(microsoft.settings).model_validate(
        {"directory_id": "b7e94d02-51c3-4f8a-8c2d-90aa7e1f3b25", "domain": "globex.example"}
    )
    assert [field for field, _ in await issues_of(microsoft)] == ["directory_id", "domain"]


async def test_an_expired_token_is_no_missing_permission(microsoft: MicrosoftHarness) -> None:
    await microsoft.inject(Fault(kind=FaultKind.EXPIRED_TOKEN, times=None))
    with pytest.raises(ConsentLost) as caught:
        await issues_of(microsoft)
    assert caught.value.code is ErrorCode.AUTH_EXPIRED


async def test_licences_have_names_seats_and_state(microsoft: MicrosoftHarness) -> None:
    licences = await offered(microsoft, "license_skus")
    e3 = licences["Microsoft 365 E3"]
    assert (e3.value, e3.free, e3.total, e3.disabled) == (E3, 22, 25, False)
    visio = licences["Visio Plan 2"]
    assert visio.disabled
    assert visio.detail == "VISIOCLIENT · Suspended"
    assert list(licences)[-1] == "Visio Plan 2", "what cannot be chosen comes last"
    assert list(await offered(microsoft, "license_skus", "spe_e5")) == ["Microsoft 365 E5"]
    parts = {one.label: one.value for one in e3.parts}
    assert list(parts) == sorted(parts)
    bought = next(sku for sku in MICROSOFT_TENANTS[0].skus if sku.id == E3)
    assert parts == {PLANS[name].name: PLANS[name].id for name in bought.plans}


async def test_dynamic_groups_are_shown_and_cannot_be_chosen(microsoft: MicrosoftHarness) -> None:
    groups = await offered(microsoft, "groups")
    assert groups["All Employees"].disabled
    assert "Dynamic" in str(groups["All Employees"].detail)
    assert not groups["Engineering"].disabled
    assert list(await offered(microsoft, "groups", "vpn")) == ["VPN Users"]


async def test_managers_are_found_by_name_and_address(microsoft: MicrosoftHarness) -> None:
    for words in ("Priya", "priya.raman@"):
        people = await offered(microsoft, "managers", words)
        assert list(people) == ["Priya Raman"]
    assert people["Priya Raman"].detail == "VP Engineering · priya.raman@acme.example"
    assert await offered(microsoft, "managers", 'no"body\\') == {}


async def test_countries_are_found_by_name_and_code(microsoft: MicrosoftHarness) -> None:
    assert (await offered(microsoft, "usage_locations", "united k"))["United Kingdom"].value == "GB"
    assert next(iter(await offered(microsoft, "usage_locations", "de"))) == "Germany"
    assert "Guernsey" in await offered(microsoft, "usage_locations", "guern")
    assert "Guernsey" not in await offered(microsoft, "usage_locations")
    assert not microsoft.sandbox.requests("microsoft", path="/v1.0")


async def test_the_permissions_of_the_manifest_suffice_for_everything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    needed = {scope for capability in MANIFEST.capabilities for scope in capability.scopes}
    assert needed == {"User.ReadWrite.All", "GroupMember.ReadWrite.All", "Organization.Read.All"}
    monkeypatch.setattr(seed, "PERMISSIONS", frozenset(needed))
    with running_sandbox() as sandbox:
        microsoft = MicrosoftHarness(sandbox)
        try:
            assert await issues_of(microsoft) == []
            for name in MANIFEST.options:
                assert await offered(microsoft, name)
            books, _ = await onboard(microsoft)
            await carry_out(microsoft, books, await make_plan(microsoft, books, leaver("absent")))
            assert is_settled(await make_plan(microsoft, books, leaver("absent")))
        finally:
            await microsoft.aclose()
