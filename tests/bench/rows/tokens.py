"""The token broker with a cached token: of an app's own grant, and of an account that was connected by consent.

The latter's grant is a refresh token, which the vendor replaces at every use. A few callers, one call after the other.

The client is aiohttp itself: httpx takes more processor time for a call than the broker does.
"""

import asyncio
import time

import aiohttp

from tests.auth.clicking import Person
from tests.bench.figure import Figure, above, below, percentile
from tests.bench.system import System

SECONDS, CALLERS = 5.0, 8
VENDOR = "hubspot"


async def _consent(system: System) -> None:
    """Connect the vendor's account at its own pages, in the place of the one from the environment."""
    url = f"{system.wiring.url('auth')}/auth/internal/oauth/{VENDOR}"
    headers = {"X-Service-Token": system.wiring.keys.service_token("bff")}
    said = {"session_token": system.session}
    started = await system.http.post(f"{url}/start", json=said, headers=headers)
    person = Person("admin@acme.example", base=system.wiring.public_url)
    query = await asyncio.to_thread(person.visit, started.raise_for_status().json()["authorize_url"])
    finished = await system.http.post(f"{url}/finish", json={**said, "query": query}, headers=headers)
    if finished.raise_for_status().json()["connection_id"] is None:
        raise RuntimeError(finished.json()["reason"])


async def measure(system: System) -> list[Figure]:
    await _consent(system)
    return [
        *await _cached(system, "microsoft", "token broker, cached", "an app's own grant"),
        *await _cached(system, VENDOR, "token broker, cached, by consent", "a refresh-token grant"),
    ]


async def _cached(system: System, provider: str, name: str, grant: str) -> list[Figure]:
    me = (await system.http.get(f"{system.api}/api/me", headers=await system.headers())).json()
    url = f"{system.wiring.url('auth')}/auth/internal/tenant-token"
    body = {"tenant_id": me["tenant"]["id"], "provider": provider, "purpose": "bench"}
    headers = {"X-Service-Token": system.wiring.keys.service_token("worker")}
    (await system.http.post(url, json=body, headers=headers)).raise_for_status()
    times: list[float] = []

    async with aiohttp.ClientSession(headers=headers) as client:
        end = time.perf_counter() + SECONDS

        async def caller() -> None:
            while time.perf_counter() < end:
                began = time.perf_counter()
                async with client.post(url, json=body) as answer:
                    answer.raise_for_status()
                    await answer.read()
                times.append(time.perf_counter() - began)

        await asyncio.gather(*(caller() for _ in range(CALLERS)))
    note = f"{grant}, {CALLERS} callers, client on the same cores"
    return [
        above(name, len(times) / SECONDS, 1000, "/s", note),
        below(f"{name}, p99", percentile(times, 0.99) * 1000, 10, "ms"),
    ]
