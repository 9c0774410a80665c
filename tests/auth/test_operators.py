"""Operators are found by address, in the tenant to which they belong."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest

from tests.auth.conftest import Auth


@pytest.mark.parametrize(
    ("slug", "email", "name"),
    [
        ("acme", "admin@acme.example", "Ada Admin"),
        ("acme", "ADMIN@acme.example", "Ada Admin"),
        ("globex", "admin@globex.example", "Gil Globex"),
        ("globex", "admin@acme.example", None),
        ("acme", "admin@globex.example", None),
        ("acme", "nobody@acme.example", None),
        ("acme", "%", None),
    ],
)
async def test_an_operator_is_found_in_their_own_tenant_alone(
    auth: Auth, tenant_id: Callable[..., UUID], slug: str, email: str, name: str | None
) -> None:
    answer = await auth.call("api", "GET", f"tenants/{tenant_id(slug)}/operator", params={"email": email})
    if name is None:
        assert (answer.status_code, answer.json()["code"]) == (404, "operator_not_found")
        return
    found = answer.json()
    assert (found["name"], found["email"], found["role"]) == (name, email.lower(), "admin")
    assert UUID(found["operator_id"])


async def test_an_address_that_is_none_is_a_422(auth: Auth, tenant_id: Callable[..., UUID]) -> None:
    for email in (None, "a\0b", "x" * 400):
        params = {} if email is None else {"email": email}
        answer = await auth.call("api", "GET", f"tenants/{tenant_id()}/operator", params=params)
        assert answer.status_code == 422
