"""A harness over the sandbox's Microsoft, the books of the person it is about, and Graph as a function."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from uuid import UUID

import httpx
import pytest

from services.shared.providers.microsoft.client import MicrosoftContext
from services.shared.providers.microsoft.form import Microsoft365Settings
from services.shared.sdk.contract import Context, Known, Person
from services.shared.sdk.suite import Books
from tests.fixtures.sandbox import Sandbox
from tests.providers.microsoft.harness import MicrosoftHarness

Handler = Callable[[httpx.Request], httpx.Response]
MakeContext = Callable[[Handler], MicrosoftContext]


@pytest.fixture
async def microsoft(sandbox: Sandbox) -> AsyncIterator[MicrosoftHarness]:
    made = MicrosoftHarness(sandbox)
    yield made
    await made.aclose()


@pytest.fixture
def books() -> Books:
    return Books()


@pytest.fixture
async def graph() -> AsyncIterator[MakeContext]:
    """A context whose client asks a function instead of Graph."""
    clients: list[httpx.AsyncClient] = []

    def make(handler: Handler) -> MicrosoftContext:
        clients.append(httpx.AsyncClient(transport=httpx.MockTransport(handler), follow_redirects=True))
        return Context(
            tenant_id=UUID(int=1),
            settings=Microsoft365Settings(directory_id="3f1c2a54-8d0e-4b6a-9a57-6c1e0f2d7a10"),
            http=clients[-1],
            endpoints={"ms_graph": "https://graph.microsoft.com"},
            person=Person(
                employee_id=UUID("0190a6d0-0000-7000-8000-00000000abcd"),
                full_name="Sean O'Brien",
                work_email="sean.o'brien@acme.example",
            ),
            known=Known(),
        )

    yield make
    for client in clients:
        await client.aclose()
