"""The form takes what people, HR systems and older clients send, and names what is wrong."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.shared.providers.microsoft.countries import COUNTRIES, STATES
from services.shared.providers.microsoft.form import Microsoft365Form, Microsoft365Settings
from services.shared.providers.microsoft.products import PRODUCTS, product_name
from tests.providers.microsoft.harness import E3

GROUP = "02bd9fd6-8f93-4758-87c3-1fb73740a315"


def form(**fields: Any) -> Microsoft365Form:
    return Microsoft365Form.model_validate({"usage_location": "DE", **fields})


def test_camel_case_is_understood() -> None:
    parsed = Microsoft365Form.model_validate(
        {
            "usageLocation": "gb",
            "licenses": [{"skuId": E3.upper(), "disabledPlans": ["TEAMS1"]}],
            "requirePasswordChange": False,
        }
    )
    assert parsed.usage_location == "GB"
    assert parsed.licenses[0].sku_id == E3
    assert parsed.licenses[0].disabled_plans == ("TEAMS1",)
    assert not parsed.require_password_change


def test_a_licence_may_be_a_plain_word() -> None:
    assert [one.sku_id for one in form(licenses=["SPE_E3", {"sku_id": E3}]).licenses] == ["SPE_E3", E3]
    assert [one.sku_id for one in form(licenses="SPE_E3").licenses] == ["SPE_E3"]
    assert form(licenses=None).licenses == ()


def test_what_was_parsed_is_canonical() -> None:
    parsed = form(
        licenses=["SPE_E3", {"sku_id": E3, "disabled_plans": ["B", "A", "A"]}], groups=[GROUP.upper(), GROUP]
    )
    assert parsed.groups == (GROUP,)
    assert parsed.licenses[1].disabled_plans == ("A", "B")
    assert Microsoft365Form.model_validate(parsed.model_dump(mode="json")) == parsed


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"usage_location": "XX"}, "not a country"),
        ({"usage_location": "Germany"}, "at most 2"),
        ({"groups": ["Engineering"]}, "not the id of a group"),
        ({"manager": "Priya"}, "address or id"),
        ({"licenses": ["no such thing!"]}, "neither a SKU id nor a part number"),
        ({"licenses": [{"sku_id": "X"}, {"sku_id": "x", "disabled_plans": ["A"]}]}, "given twice"),
    ],
)
def test_what_is_wrong_is_said_in_words(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        form(**fields)


def test_a_location_is_required() -> None:
    with pytest.raises(ValidationError):
        Microsoft365Form.model_validate({})


def test_an_empty_manager_is_none() -> None:
    assert form(manager=" ").manager is None


def test_the_schema_marks_the_live_choices() -> None:
    properties = Microsoft365Form.model_json_schema(by_alias=False)["properties"]
    marks = {name: field.get("x-options") for name, field in properties.items()}
    assert marks == {
        "usage_location": "usage_locations",
        "licenses": "license_skus",
        "groups": "groups",
        "manager": "managers",
        "require_password_change": None,
    }


def test_settings_take_what_the_broker_tells_besides() -> None:
    settings = Microsoft365Settings.model_validate({"directory_id": "x", "domain": "", "client_id": "y"})
    assert settings.domain is None


def test_countries_and_products_are_tables_of_names() -> None:
    assert len(COUNTRIES) == 249
    assert len(STATES) <= 200
    assert all(len(code) == 2 and code.isupper() and name for code, name in COUNTRIES.items())
    assert all(part == part.upper() for part in PRODUCTS)
    assert product_name("SPE_E3") == "Microsoft 365 E3"
    assert product_name("Microsoft_365_Copilot") == "Microsoft 365 Copilot"
    assert product_name("CONTOSO_SPECIAL") == "CONTOSO SPECIAL"
