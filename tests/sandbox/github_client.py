"""Clients of the GitHub twin, whose every answer is held against GitHub's published file."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge.doors import Door, make_hook
from tests.sandbox.judge.openapi import Exceptional

DOORS = (
    Door(
        mount="/github",
        files=("github/ghec-user-admin.openapi.json",),
        exceptions=(
            Exceptional(r"answer (400|401|403|404|422|429|500|503): the status is undeclared", "common to every operation"),
            Exceptional(r"answer (403|404|409|422): the body should be empty", "described without a body: it has the usual one"),
            Exceptional(r"answer 422: \$\.status is undeclared", "rest-api-description issue 4109 shows it"),
        ),
    ),
    Door(mount="/github/search", unpublished="The file is cut to the administration of users; docs.github.com/rest/search."),
)  # fmt: skip
HOOK = make_hook(DOORS)


def tenant(sandbox: Sandbox, domain: str = "acme.example") -> dict[str, Any]:
    """An organisation of the seed as `/control/info` describes it."""
    found: dict[str, Any] = next(
        one for one in sandbox.info()["github"]["tenants"] if one["domain"] == domain
    )
    return found


def app_jwt(sandbox: Sandbox, **claims: Any) -> str:
    """The app's own token; `claims` replace the usual ones, and `key` the key."""
    info, now = sandbox.info()["github"], int(time.time())
    key = claims.pop("key", None) or RSAKey.import_key(info["private_key"])
    payload = {"iss": str(info["app_id"]), "iat": now - 10, "exp": now + 540, **claims}
    return jwt.encode({"alg": "RS256"}, payload, key)


async def ask_token(
    sandbox: Sandbox, domain: str = "acme.example", *, signed: str | None = None, **body: Any
) -> httpx.Response:
    number = tenant(sandbox, domain)["installation_id"]
    headers = {"authorization": f"Bearer {signed or app_jwt(sandbox)}"}
    async with httpx.AsyncClient(trust_env=False, event_hooks={"response": [HOOK]}) as client:
        url = f"{sandbox.url}/github/app/installations/{number}/access_tokens"
        return await client.post(url, headers=headers, json=body or None)


@asynccontextmanager
async def github_client(
    sandbox: Sandbox, domain: str = "acme.example", *, token: str | None = None, **body: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """The API as the app's installation; `body` narrows the token. `token` replaces it."""
    value = token or (await ask_token(sandbox, domain, **body)).json()["token"]
    headers = {
        "authorization": f"Bearer {value}",
        "accept": "application/vnd.github+json",
        "x-github-api-version": "2022-11-28",
        "user-agent": "oneclick-tests",
    }
    async with httpx.AsyncClient(
        base_url=f"{sandbox.url}/github/",
        headers=headers,
        event_hooks={"response": [HOOK]},
        timeout=60,
        trust_env=False,
    ) as client:
        yield client


async def invite(
    client: httpx.AsyncClient, email: str, *teams: int, org: str = "acme-example"
) -> httpx.Response:
    body: dict[str, Any] = {"email": email, "role": "direct_member"}
    if teams:
        body["team_ids"] = list(teams)
    return await client.post(f"orgs/{org}/invitations", json=body)


async def team_id(client: httpx.AsyncClient, slug: str, org: str = "acme-example") -> int:
    return int((await client.get(f"orgs/{org}/teams/{slug}")).json()["id"])
