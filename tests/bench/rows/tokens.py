"""The token broker with a cached token, called one after the other by a few callers.

The client is aiohttp itself: httpx takes more processor time for a call than the broker does.
"""

import asyncio
import time

import aiohttp

from tests.bench.figure import Figure, above, below, percentile
from tests.bench.system import System

SECONDS, CALLERS = 5.0, 8


async def measure(system: System) -> list[Figure]:
    me = (await system.http.get(f"{system.api}/api/me", headers=await system.headers())).json()
    url = f"{system.wiring.url('auth')}/auth/internal/tenant-token"
    body = {"tenant_id": me["tenant"]["id"], "provider": "microsoft", "purpose": "bench"}
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
    return [
        above(
            "token broker, cached",
            len(times) / SECONDS,
            1000,
            "/s",
            f"{CALLERS} callers, client on the same cores",
        ),
        below("token broker, cached, p99", percentile(times, 0.99) * 1000, 10, "ms"),
    ]
