"""What ships is right for the providers that ship with it."""

from __future__ import annotations

import pytest

from services.shared.domain.role_template.shipped import SHIPPED, Shipped
from services.shared.sdk import registry
from services.shared.sdk.partly import check_apps_partly


def test_three_ship() -> None:
    assert [one.key for one in SHIPPED] == ["engineer", "sales", "contractor"]


@pytest.mark.parametrize("one", SHIPPED, ids=lambda one: one.key)
def test_a_shipped_template_fits_every_installed_form(one: Shipped) -> None:
    installed = registry.providers()
    apps = {app: fields for app, fields in one.apps.items() if app in installed}
    assert apps, "at least the office suites are installed"
    assert check_apps_partly(apps) == apps


def test_a_shipped_template_names_nothing_of_one_tenant() -> None:
    """Values of live choices (groups, licences, teams, org units) exist in one tenant alone."""
    installed = registry.providers()
    for one in SHIPPED:
        for app, fields in one.apps.items():
            if app in installed:
                form = installed[app].manifest.form.model_json_schema(by_alias=False)["properties"]
                assert [name for name in fields if "x-options" in str(form[name])] == [], (one.key, app)
