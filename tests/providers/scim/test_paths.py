"""Attribute paths: what is understood, and how they read what applications really send."""

from __future__ import annotations

from typing import Any

import pytest

from services.shared.providers.scim.paths import ENTERPRISE_USER, PathNotUnderstood, parse_path

_MANAGER = f"{ENTERPRISE_USER}:manager"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "name.",
        "1st",
        "emails[type eq work].value",
        'emails[type co "w"].value',
        "urn:only:",
        'emails[primary eq "no"]',
    ],
)
def test_what_is_no_path_is_refused(text: str) -> None:
    with pytest.raises(PathNotUnderstood):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "resource", "value"),
    [
        ("title", {"title": "Dr"}, "Dr"),
        ("title", {"TITLE": "Dr"}, "Dr"),
        ("title", {}, None),
        ("name.givenName", {"name": {"givenname": "Ada"}}, "Ada"),
        ("name.givenName", {"name": None}, None),
        (
            'emails[type eq "work"].value',
            {"emails": [{"type": "home", "value": "h"}, {"type": "Work", "value": "w"}]},
            "w",
        ),
        ('emails[type eq "work"].value', {"emails": [{"type": "home", "value": "h"}]}, None),
        ('emails[type eq "work"].value', {"emails": [{"value": "w"}]}, "w"),
        (
            'emails[primary eq "true"].value',
            {"emails": [{"value": "a"}, {"primary": True, "value": "b"}]},
            "b",
        ),
        ("emails.value", {"emails": [{"value": "a"}, {"primary": True, "value": "b"}]}, "b"),
        (f"{ENTERPRISE_USER}:department", {ENTERPRISE_USER: {"department": "R&D"}}, "R&D"),
        (f"{_MANAGER}.value", {ENTERPRISE_USER: {"manager": {"value": "7"}}}, "7"),
        (f"{_MANAGER}.value", {ENTERPRISE_USER: {"manager": "7"}}, "7"),
        ("urn:ietf:params:scim:schemas:core:2.0:User:title", {"title": "Dr"}, "Dr"),
        ("urn:acme:desk:1.0:User:floor", {"urn:acme:desk:1.0:User": {"floor": "3"}}, "3"),
    ],
)
def test_a_value_is_read_where_it_stands(text: str, resource: dict[str, Any], value: object) -> None:
    assert parse_path(text).read(resource) == value


def test_writing_keeps_what_stands_beside_it() -> None:
    resource: dict[str, Any] = {
        "name": {"givenName": "Ada", "honorificPrefix": "Lady"},
        "emails": [{"type": "home", "value": "h"}],
    }
    parse_path("name.givenName").write(resource, "Augusta")
    parse_path('emails[type eq "work"].value').write(resource, "w")
    parse_path(f"{ENTERPRISE_USER}:department").write(resource, "R&D")
    assert resource == {
        "name": {"givenName": "Augusta", "honorificPrefix": "Lady"},
        "emails": [{"type": "home", "value": "h"}, {"type": "work", "value": "w"}],
        ENTERPRISE_USER: {"department": "R&D"},
    }
    parse_path('emails[type eq "work"].value').write(resource, "w2")
    assert resource["emails"][1] == {"type": "work", "value": "w2"}
