"""What is asked of Google is what the provider says it needs: no less, and no more."""

from services.auth.connection.vendors import APPS, GOOGLE_SCOPES, find_vendor
from services.shared.providers.google import manifest


def test_the_scopes_are_those_of_the_providers_manifest() -> None:
    needed = {
        value
        for value in vars(manifest).values()
        if isinstance(value, str) and value.startswith(manifest.SCOPE)
    } - {manifest.SCOPE}
    assert set(GOOGLE_SCOPES) == needed


def test_every_app_leads_to_its_vendor() -> None:
    for vendor, apps in APPS.items():
        assert {find_vendor(name) for name in (vendor.value, *apps)} == {vendor}
    assert find_vendor("fax") is None
