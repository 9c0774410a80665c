"""What the form and the connection's settings accept."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from pydantic import ValidationError

from services.shared.providers.scim.form import AttributeMapping, ScimForm, ScimSettings
from services.shared.sdk.contract import Person

_BASE = "https://desk.example/scim/v2"


def test_nothing_filled_in_is_an_account_without_anything() -> None:
    empty = ScimForm()
    assert (empty.groups, empty.roles, empty.entitlements, empty.user_type, empty.password_mode) == (
        (),
        (),
        (),
        None,
        "none",
    )


def test_camel_case_single_values_and_repetitions_are_accepted() -> None:
    form = ScimForm.model_validate(
        {"groups": "a", "roles": [" x ", "x", ""], "userType": " ", "passwordMode": "generate"}
    )
    assert (form.groups, form.roles, form.user_type, form.password_mode) == (("a",), ("x",), None, "generate")


def test_the_default_mapping_has_the_user_name_first() -> None:
    settings = ScimSettings(base_url=_BASE)
    assert settings.attributes[0] == AttributeMapping(person="work_email", path="userName")
    own = ScimSettings.model_validate(
        {"base_url": _BASE, "attributes": [{"person": "location", "path": "locale"}]}
    )
    assert [one.path for one in own.attributes] == ["userName", "locale"]


@pytest.mark.parametrize(
    "attributes",
    [
        [{"person": "full_name", "path": "not a path"}],
        [{"person": "full_name", "path": "externalId"}],
        [{"person": "full_name", "path": "active"}],
        [{"person": "full_name", "path": "groups"}],
        [{"person": "shoe_size", "path": "title"}],
        [{"person": "full_name", "path": "title"}, {"person": "job_title", "path": "TITLE"}],
    ],
)
def test_a_mapping_that_cannot_be_meant_is_refused(attributes: list[dict[str, str]]) -> None:
    with pytest.raises(ValidationError):
        ScimSettings.model_validate({"base_url": _BASE, "attributes": attributes})


@pytest.mark.parametrize(
    ("name", "value"),
    [("full_name", "Ada King"), ("given_name", "Ada"), ("location", None), ("manager", "boss@acme.example")],
)
def test_a_mapping_takes_its_value_from_the_person(name: Any, value: str | None) -> None:
    person = Person(
        employee_id=uuid.uuid4(),
        full_name="Ada King",
        work_email="ada@acme.example",
        location=" ",
        manager_email="boss@acme.example",
    )
    assert AttributeMapping(person=name, path="title").value_of(person) == value
