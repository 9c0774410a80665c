"""What the twins declare against what the vendors publish. Every other test judges the answers themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from services.sandbox.google import schema
from services.sandbox.google.operations import ROUTER as GOOGLE
from services.sandbox.google.twin import OPERATION_MODULES as _GOOGLE_MODULES
from services.sandbox.microsoft import outlook, properties
from services.sandbox.microsoft.operations import ROUTER as GRAPH
from services.sandbox.microsoft.twin import OPERATION_MODULES as _GRAPH_MODULES
from tests.sandbox.judge import google, microsoft, specs

assert _GOOGLE_MODULES
assert _GRAPH_MODULES

pytestmark = pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)

# Listed by the discovery document, of no use to a provisioning client.
_SCOPE_NOT_OFFERED = "https://www.googleapis.com/auth/cloud-platform"

# Real paths of Graph that the cut of the OpenAPI file leaves out, plus the trap that the documentation warns of.
_BEYOND_THE_CUT = {
    ("GET", "users/{}/mailFolders"),
    ("GET", "users/{}/mailFolders/{}"),
    ("GET", "users/{}/mailFolders/{}/messages/delta"),
    ("GET", "users/{}/messages/{}"),
    ("GET", "users/{}/contacts/{}"),
    ("GET", "users/{}/contacts/delta"),
    ("GET", "users/{}/contacts/microsoft.graph.delta()"),
    ("DELETE", "groups/{}/members/{}"),
    ("GET", "domains/{}"),
    ("GET", "organization/{}"),
    ("GET", "users/{}/directReports"),
    ("GET", "users/{}/memberOf/microsoft.graph.group"),
}


def _google_operations() -> Iterator[Any]:
    for method, template, operation in GOOGLE.list_operations():
        if "orgunits/{p0}" not in template:
            yield pytest.param(method, template, operation, id=f"{method} {template}")


@pytest.mark.parametrize(("method", "template", "operation"), list(_google_operations()))
def test_a_google_operation_has_the_published_path_scopes_and_parameters(
    method: str, template: str, operation: Any
) -> None:
    published = [one for one in google.methods() if one.http == method and one.template == template]
    assert published, f"{method} {template} is not published"
    assert operation.scopes == published[0].scopes - {_SCOPE_NOT_OFFERED}
    assert operation.query == published[0].parameters
    assert (operation.body is None) == (published[0].request is None)


@pytest.mark.parametrize(
    ("ours", "document", "published"),
    [
        (schema.USER, 0, "User"),
        (schema.NAME, 0, "UserName"),
        (schema.GROUP, 0, "Group"),
        (schema.MEMBER, 0, "Member"),
        (schema.ALIAS, 0, "Alias"),
        (schema.MAKE_ADMIN, 0, "UserMakeAdmin"),
        (schema.UNDELETE, 0, "UserUndelete"),
        (schema.LICENSE_INSERT, 1, "LicenseAssignmentInsert"),
        (schema.LICENSE, 1, "LicenseAssignment"),
    ],
)
def test_a_google_body_has_the_published_members(ours: Any, document: int, published: str) -> None:
    known = specs.load(google.DOCUMENTS[document])["schemas"][published]["properties"]
    assert set(ours) == set(known)


def test_each_graph_path_is_published() -> None:
    spec = specs.load(microsoft.OPENAPI)["paths"]
    published = set()
    for path, item in spec.items():
        shape = re.sub(r"\{[^}]*\}", "{}", path.strip("/"))
        for verb in ("get", "post", "put", "patch", "delete"):
            if verb in item:
                published.add((verb.upper(), shape))
                published.add((verb.upper(), shape.replace("microsoft.graph.", "").removesuffix("()")))
    ours = {
        (method, re.sub(r"\{[^}]*\}", "{}", template.removeprefix("v1.0/")))
        for method, template, _ in GRAPH.list_operations()
    }
    assert ours - published == _BEYOND_THE_CUT


def test_the_properties_of_graph_objects_are_published() -> None:
    assert set(microsoft.properties("user")) >= properties.USER_PROPERTIES
    assert set(microsoft.properties("group")) >= properties.GROUP_PROPERTIES
    assert set(microsoft.properties("subscribedSku")) == properties.SKU_PROPERTIES
    assert set(microsoft.properties("event")) >= set(outlook.DEFAULTS["event"])


def test_the_writable_properties_of_a_graph_user_have_the_published_types() -> None:
    edm = {
        "string": {"Edm.String"},
        "boolean": {"Edm.Boolean"},
        "date": {"Edm.DateTimeOffset"},
        "strings": {"Collection(Edm.String)"},
    }
    published = microsoft.properties("user")
    for name, kind in properties.USER_WRITABLE.items():
        if kind in edm:
            assert published[name]["type"] in edm[kind], name


def test_the_judge_finds_what_is_wrong() -> None:
    wrong = google.judge("GET", "admin/directory/v1/users/x", 200, {"kind": 1, "nonsense": True})
    assert len(wrong) == 2
    headers = {"request-id": "0d9f3c1e-3c55-4c0e-9d4e-0a3a53a1b111", "client-request-id": "x"}
    body = {"@odata.context": "", "id": 1, "nonsense": 2}
    assert len(microsoft.judge("users/x", 200, headers, body)) == 2
    assert microsoft.judge("users/x", 404, headers, {"detail": "Not Found"})
