"""Who shows an address can be found by it; everybody else cannot."""

from __future__ import annotations

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.github_client import ask_token, github_client


async def _found(sandbox: Sandbox, query: str) -> list[str]:
    async with github_client(sandbox) as client:
        reply = await client.get("search/users", params={"q": query})
    assert reply.status_code == 200
    assert reply.json()["total_count"] == len(reply.json()["items"])
    return [str(one["login"]) for one in reply.json()["items"]]


async def test_an_address_that_is_shown_finds_its_owner(sandbox: Sandbox) -> None:
    sandbox.act("github", "sign_up", email="Open@acme.example", login="open-book", public=True)
    sandbox.act("github", "sign_up", email="shy@acme.example", login="shy")
    assert await _found(sandbox, "open@acme.example in:email") == ["open-book"]
    assert await _found(sandbox, "shy@acme.example in:email") == []
    assert await _found(sandbox, "open@acme.example") == []


async def test_somebody_who_signed_up_accepts_with_that_login(sandbox: Sandbox) -> None:
    sandbox.act("github", "sign_up", email="open@acme.example", login="open-book", public=True)
    sandbox.act("github", "invite", email="open@acme.example", tenant="acme.example")
    assert sandbox.act("github", "accept", email="open@acme.example")["login"] == "open-book"
    assert sandbox.user("github", "open@acme.example")["state"] == "active"


@pytest.mark.parametrize("is_public", [True, False])
async def test_a_foreign_member_may_show_the_address(sandbox: Sandbox, is_public: bool) -> None:  # noqa: FBT001 - a parameter of the test
    sandbox.add_user("github", "foreign@acme.example", fields={"public": is_public})
    found = await _found(sandbox, "foreign@acme.example in:email")
    assert bool(found) is is_public


async def test_a_search_needs_words(sandbox: Sandbox) -> None:
    token = (await ask_token(sandbox)).json()["token"]
    headers = {"authorization": f"Bearer {token}", "user-agent": "tests"}
    async with httpx.AsyncClient(trust_env=False, headers=headers) as client:
        assert (await client.get(f"{sandbox.url}/github/search/users")).status_code == 422
