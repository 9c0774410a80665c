"""The engine's own cost: processor time per action against the same vendor calls made by a bare script."""

import asyncio
import os
import time
from typing import Any

import httpx

from services.shared.kit.http import create_transport
from tests.bench.figure import Figure, above, below
from tests.bench.system import System, processor_seconds

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "200"))
CONCURRENCY = 50


async def measure(system: System) -> list[Figure]:
    for vendor in ("google", "microsoft"):
        await system.configure(vendor, latency_ms=0, settle_seconds=0)
    await system.reset_vendors()
    recorded = await _record(system)
    await system.reset_vendors()

    worker = system.pid("services.worker")
    before, began = processor_seconds(worker), time.perf_counter()
    headers = await system.headers()
    gate = asyncio.Semaphore(20)

    async def ask() -> None:
        async with gate:
            reply = await system.http.post(f"{system.api}/api/requests", json=system.hire(), headers=headers)
            assert reply.status_code == 201, reply.text

    await asyncio.gather(*(ask() for _ in range(PEOPLE)))
    await system.wait_all_ended()
    took = time.perf_counter() - began
    actions = PEOPLE * recorded.actions
    engine = (processor_seconds(worker) - before) / actions
    bare = await _bare(system, recorded) / actions
    return [
        below(
            "engine, processor time per action against a bare script",
            engine / bare,
            2.5,
            "x",
            f"{engine * 1000:.2f} ms against {bare * 1000:.2f} ms; {actions} actions, {recorded.calls_each} calls a person",
        ),
        above(
            "people per second, two apps, no latency",
            PEOPLE / took,
            1,
            "/s",
            "for information; all on two cores",
        ),
    ]


class _Recorded:
    """The vendor calls of one hire, with the bodies that were sent."""

    def __init__(self, actions: int, calls: list[tuple[str, str, dict[str, Any] | None]]) -> None:
        self.actions = actions
        self.calls = calls
        self.calls_each = len(calls)


async def _record(system: System) -> _Recorded:
    request = await system.request(system.hire())
    while await system.state(request) not in {"completed", "partial", "failed"}:
        await asyncio.sleep(0.1)
    reply = await system.http.get(f"{system.api}/api/requests/{request}", headers=await system.headers())
    view = reply.json()
    assert view["state"] == "completed", view
    actions = 0
    bodies: dict[tuple[str, str], Any] = {}
    for result in view["results"]:
        for action in result["actions"]:
            actions += 1
            made = await system.http.get(
                f"{system.api}/api/requests/{request}/actions/{action['id']}/calls",
                headers=await system.headers(),
            )
            found = made.json()
            for call in found["items"] if isinstance(found, dict) else found:
                bodies[call["method"], call["path"].partition("?")[0]] = call.get("request_body")
    calls = []
    for vendor in ("google", "microsoft"):
        for call in await system.vendor_calls(vendor):
            path = call["path"] if call["path"].startswith(f"/{vendor}") else f"/{vendor}{call['path']}"
            if "token" not in path:
                query = str(httpx.QueryParams([tuple(pair) for pair in call["query"]]))
                body = bodies.get((call["method"], path))
                calls.append((call["method"], path + (f"?{query}" if query else ""), body))
    return _Recorded(actions, calls)


async def _bare(system: System, recorded: _Recorded) -> float:
    """Processor seconds of this process for the same calls for as many people, and nothing else."""
    async with httpx.AsyncClient(transport=create_transport(connections=CONCURRENCY), timeout=60) as client:
        gate = asyncio.Semaphore(CONCURRENCY)
        before = time.process_time()

        async def person() -> None:
            async with gate:
                for method, path, body in recorded.calls:
                    reply = await client.request(method, system.sandbox + path, json=body)
                    await reply.aread()

        await asyncio.gather(*(person() for _ in range(PEOPLE)))
        return time.process_time() - before
