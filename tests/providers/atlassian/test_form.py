"""The two forms."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from services.shared.providers.atlassian.form import ConfluenceForm, JiraForm


def test_names_in_camel_case_and_single_values_are_accepted() -> None:
    form = JiraForm.model_validate({"accessGroups": "jira-users", "groups": "Sales", "products": "jira-core"})
    assert form.access_groups == ("jira-users",)
    assert form.groups == ("Sales",)
    assert form.wished_products == ("jira-core",)


def test_nothing_is_needed() -> None:
    assert JiraForm.model_validate({}).wished_products == ("jira-software",)
    assert ConfluenceForm.model_validate({"groups": None}).wished_products == ("confluence",)


def test_a_group_is_named_once_whatever_its_case() -> None:
    assert JiraForm.model_validate({"groups": ["Sales", " sales "]}).groups == ("sales",)
    assert JiraForm.model_validate({"products": ["jira-core"] * 2}).products == ("jira-core",)


@pytest.mark.parametrize(
    "fields", [{"products": []}, {"products": ["jira"]}, {"groups": [" "]}, {"space": "X"}, {"groups": [1]}]
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        JiraForm.model_validate(fields)


def test_confluence_has_no_products_to_choose() -> None:
    with pytest.raises(ValidationError):
        ConfluenceForm.model_validate({"products": ["confluence"]})
