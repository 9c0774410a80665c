"""What the form accepts, and how it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.shared.providers.google.form import GoogleForm, GoogleSettings


def form(**fields: Any) -> GoogleForm:
    return GoogleForm.model_validate(fields)


def test_nothing_filled_in_is_an_account_at_the_root() -> None:
    empty = form()
    assert (empty.primary_org_unit, empty.license_skus, empty.groups) == ("/", (), ())
    assert (empty.password_mode, empty.require_password_change) == ("generate", True)


def test_camel_case_and_the_single_licence_are_accepted() -> None:
    short = form(primaryOrgUnit="Sales/EMEA/", licenseSku="1010020028", passwordMode="generate")
    assert short.primary_org_unit == "/Sales/EMEA"
    assert short.license_skus == ("Google-Apps/1010020028",)


@pytest.mark.parametrize("text", ["google-apps/1010020028", "1010020028", " Google-Apps/1010020028 "])
def test_a_well_known_sku_is_found_by_its_bare_id(text: str) -> None:
    assert form(license_skus=[text]).skus[0].label == "Google Workspace Business Standard"


def test_a_sku_that_is_not_in_the_table_is_passed_on() -> None:
    assert form(license_skus=["101099/1010990001"]).license_skus == ("101099/1010990001",)


@pytest.mark.parametrize(
    "fields",
    [
        {"license_skus": ["Business Standard"]},
        {"license_skus": ["1010020027", "1010020028"]},
        {"groups": ["engineering"]},
        {"password_mode": "none"},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        form(**fields)


def test_the_same_licence_or_group_twice_is_once() -> None:
    twice = form(license_skus=["1010020028", "Google-Apps/1010020028"], groups=["A@b.example", "a@B.example"])
    assert len(twice.license_skus) == len(twice.groups) == 1


def test_the_schema_names_its_live_choices() -> None:
    properties = GoogleForm.model_json_schema(by_alias=False)["properties"]
    used = {name: field.get("x-options") for name, field in properties.items()}
    assert used == {
        "primary_org_unit": "org_units",
        "license_skus": "license_skus",
        "groups": "groups",
        "password_mode": None,
        "require_password_change": None,
    }


def test_the_licence_manager_is_given_a_customer_that_it_understands() -> None:
    assert GoogleSettings(customer_id="C1", domain="acme.example").licensing_customer == "C1"
    assert GoogleSettings(domain="acme.example").licensing_customer == "acme.example"
    assert GoogleSettings.model_validate({"customer_id": ""}).customer_id == "my_customer"
