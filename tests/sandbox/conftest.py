"""Clients of the twins. Unless a test asks for `raw`, each answer goes before the judge."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge import google as google_judge
from tests.sandbox.judge import microsoft as microsoft_judge
from tests.sandbox.judge import specs

HAS_SPECS = specs.folder() is not None


def _body(response: httpx.Response) -> Any:
    return json.loads(response.content) if response.content else None


async def _judge_google(response: httpx.Response) -> None:
    await response.aread()
    path = response.request.url.path.removeprefix("/google/")
    faults = google_judge.judge(response.request.method, path, response.status_code, _body(response))
    assert not faults, faults


async def _judge_microsoft(response: httpx.Response) -> None:
    await response.aread()
    path = response.request.url.path.removeprefix("/microsoft/v1.0/").lstrip("/")
    headers = dict(response.headers)
    faults = microsoft_judge.judge(path, response.status_code, headers, _body(response))
    assert not faults, faults


Hook = Callable[[httpx.Response], Awaitable[None]]


def _client(base_url: str, token: str | None, hook: Hook | None) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        base_url=base_url,
        headers={"authorization": f"Bearer {token}"} if token else {},
        event_hooks={"response": [hook]} if hook and HAS_SPECS else {},
        timeout=60,
        trust_env=False,
        verify=False,  # noqa: S501 - plain HTTP: there is nothing to verify, and loading CA files takes time
    )


@pytest.fixture
async def google(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """The Directory API as acme.example's administrator."""
    url = f"{sandbox.google_url}/admin/directory/v1/"
    async with _client(url, sandbox.google_token(), _judge_google) as client:
        yield client


@pytest.fixture
async def licensing(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    url = f"{sandbox.google_url}/apps/licensing/v1/"
    async with _client(url, sandbox.google_token(), _judge_google) as client:
        yield client


@pytest.fixture
async def graph(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """Graph as the app in acme.example."""
    async with _client(
        f"{sandbox.microsoft_url}/v1.0/", sandbox.microsoft_token(), _judge_microsoft
    ) as client:
        yield client


@pytest.fixture
async def raw(sandbox: Sandbox) -> AsyncIterator[httpx.AsyncClient]:
    """No token, no judge."""
    async with _client(sandbox.url, None, None) as client:
        yield client


@pytest.fixture
def tenant(sandbox: Sandbox) -> dict[str, Any]:
    """Acme's Microsoft tenant as /control/info describes it: directory_id, groups, skus."""
    found: dict[str, Any] = sandbox.info()["microsoft"]["tenants"][0]
    return found
