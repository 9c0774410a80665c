"""Signing in at the sandbox's identity provider, and what a session is good for."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import pytest

from services.shared.web.principal import Role, TokenVerifier
from tests.auth.conftest import Auth, Running
from tests.fixtures.postgres import Database

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
"""The sandbox's provider is built on parts of its library that are about to move; it runs in this process."""
BINDING = "binding-of-this-browser-0123456789"


def approve(authorize_url: str, person: str) -> dict[str, str]:
    """What the browser does at the identity provider; the parameters that come back."""
    with httpx.Client(timeout=10) as browser:
        answer = browser.post(authorize_url, data={"sub": person})
    assert answer.status_code in {302, 303}, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    return {name: values[0] for name, values in query.items()}


async def begin(auth: Auth, binding: str = BINDING, return_to: str = "/people") -> str:
    answer = await auth.call("bff", "POST", "sign-in/start", {"return_to": return_to, "binding": binding})
    assert answer.status_code == 200, answer.text
    return str(answer.json()["authorize_url"])


async def finish(auth: Auth, came_back: dict[str, str], binding: str = BINDING) -> httpx.Response:
    body = {name: came_back[name] for name in ("code", "state", "iss") if name in came_back}
    return await auth.call("bff", "POST", "sign-in/finish", {**body, "binding": binding})


async def sign_in(auth: Auth, person: str = "admin@acme.example") -> str:
    answer = await finish(auth, approve(await begin(auth), person))
    assert answer.status_code == 200, answer.text
    assert answer.json()["return_to"] == "/people"
    return str(answer.json()["session_token"])


async def exchange(auth: Auth, session_token: str) -> httpx.Response:
    return await auth.call("bff", "POST", "session/token", {"session_token": session_token})


async def test_a_listed_operator_signs_in_and_gets_a_token_that_the_api_verifies(auth: Auth) -> None:
    answer = await exchange(auth, await sign_in(auth))
    assert answer.status_code == 200, answer.text
    session = answer.json()["session"]
    assert session["role"] == "admin"
    assert session["tenant"]["slug"] == "acme"
    assert [tenant["slug"] for tenant in session["tenants"]] == ["acme"]
    assert session["operator"]["email"] == "admin@acme.example"
    verifier = TokenVerifier(auth.client, "http://auth.test")
    principal = await verifier.verify(answer.json()["access_token"])
    assert principal.role is Role.ADMIN
    assert str(principal.tenant_id) == session["tenant"]["id"]
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("person", "role"), [("helpdesk@acme.example", "helpdesk"), ("auditor@acme.example", "auditor")]
)
async def test_a_group_gives_the_role(auth: Auth, person: str, role: str) -> None:
    answer = await exchange(auth, await sign_in(auth, person))
    assert answer.json()["session"]["role"] == role
