"""Microsoft's notifications: our receiver and the simplest one there is, in turns, in the same run.

Both are driven by the same plain sockets: a client library would take more processor time than either.
"""

import asyncio
import itertools
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from deploy.local.ports import any_free
from deploy.local.postgres import DATABASE
from services.shared.domain.notification.taking import hash_client_state
from services.shared.kit.ids import uuid7
from tests.bench.figure import Figure, above, below, percentile
from tests.bench.system import System, processor_seconds

CONNECTIONS, SECONDS, ROUNDS = 32, 4.0, 3
TABLE = (
    "CREATE TABLE IF NOT EXISTS public.bench_bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    " subscription_id text, client_state text, change_type text, resource text, at timestamptz DEFAULT now());"
    "GRANT SELECT, INSERT ON public.bench_bare TO oneclick_api"
)


@dataclass(frozen=True, slots=True)
class Target:
    """Where to post, and the bodies to post: one notification each."""

    port: int
    path: str
    bodies: Iterator[bytes]

    def request(self) -> bytes:
        body = next(self.bodies)
        head = f"POST {self.path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


async def measure(system: System) -> list[Figure]:
    """With the worker standing still: what it does with them is measured elsewhere."""
    worker = system.pid("services.worker")
    os.kill(worker, signal.SIGSTOP)
    try:
        async with _targets(system) as (ours, bare):
            return await _figures(system, ours, bare)
    finally:
        _clean(system)
        os.kill(worker, signal.SIGCONT)


async def _figures(system: System, ours: Target, bare: Target) -> list[Figure]:
    await _closed(ours, 1.0)
    await _closed(bare, 1.0)
    rates: dict[str, list[float]] = {"ours": [], "bare": []}
    api = system.pid("services.api")
    spent = 0.0
    for _ in range(ROUNDS):
        rates["bare"].append(await _closed(bare, SECONDS))
        before = processor_seconds(api)
        rates["ours"].append(await _closed(ours, SECONDS))
        spent += processor_seconds(api) - before
    our, their = sum(rates["ours"]) / ROUNDS, sum(rates["bare"]) / ROUNDS
    times = await _open(ours, our / 2, SECONDS * 2)
    bare_times = await _open(bare, their / 2, SECONDS)
    note = f"ours {our:.0f}/s, bare {their:.0f}/s; {spent / ROUNDS / SECONDS / our * 1e6:.0f} µs of the api's processor each"
    return [
        above("notification intake, share of a bare endpoint", our / their, 0.7, "", note),
        below(
            "notification intake, p99 at half its maximum",
            percentile(times, 0.99) * 1000,
            200,
            "ms",
            f"{our / 2:.0f}/s, open loop; median {percentile(times, 0.5) * 1000:.1f} ms; the bare endpoint at"
            f" {their / 2:.0f}/s: p99 {percentile(bare_times, 0.99) * 1000:.0f} ms",
        ),
    ]


@asynccontextmanager
async def _targets(system: System) -> AsyncIterator[tuple[Target, Target]]:
    postgres = system.wiring.postgres
    postgres.psql(TABLE, database=DATABASE)
    remote_id, client_state = f"bench-{uuid7()}", secrets.token_urlsafe(32)
    me = (await system.http.get(f"{system.api}/api/me", headers=await system.headers())).json()
    postgres.psql(
        "INSERT INTO api.webhook_subscriptions (id, tenant_id, resource, resource_kind, change_types, rich, wanted, state,"
        " remote_id, client_state_hash, life_minutes, cursors, created_by, expires_at, renew_at) VALUES"
        f" ('{uuid7()}', '{me['tenant']['id']}', 'users/bench/messages', 'message', 'created', false, true, 'active',"
        f" '{remote_id}', decode('{hash_client_state(client_state).hex()}', 'hex'), 10000, '{{}}', 'bench',"
        " now() + interval '6 days', now() + interval '3 days')",
        database=DATABASE,
    )
    port = any_free()
    environment = {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "DATABASE_URL": postgres.url("oneclick_api", driver="postgresql"),
    }
    process = subprocess.Popen([sys.executable, "-m", "tests.bench.bare"], env=environment)  # noqa: ASYNC220  # it runs beside us
    numbers = itertools.count(1)
    bodies = (_body(remote_id, client_state, number) for number in numbers)
    try:
        await _listening(port)
        api = urlsplit(system.api).port or 0
        yield Target(api, "/api/ms365/webhook", bodies), Target(port, "/", bodies)
    finally:
        process.terminate()
        process.wait(10)


def _body(remote_id: str, client_state: str, number: int) -> bytes:
    resource = f"Users/48d31887-5fad-4d73-a9f5-3c356e68a038/Messages/AAMkAGUwNjQ4ZjIx{number}"
    item = {
        "id": f"lsgTZMr9KwAAA{number}",
        "subscriptionId": remote_id,
        "subscriptionExpirationDateTime": "2031-03-20T11:00:00.0000000Z",
        "clientState": client_state,
        "changeType": "created",
        "resource": resource,
        "tenantId": "84bd8158-6d4d-4958-8b9f-9d6445542f95",
        "resourceData": {
            "@odata.type": "#Microsoft.Graph.Message",
            "@odata.id": resource,
            "@odata.etag": f'W/"CQAAABYAAAADkrWGo7bouTKlsgTZMr9KwAAAUWRHf{number}"',
            "id": f"AAMkAGUwNjQ4ZjIx{number}",
        },
    }
    return json.dumps({"value": [item]}).encode()


async def _listening(port: int) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 202"):
        raise AssertionError(head.decode())


async def _closed(target: Target, seconds: float) -> float:
    """Everybody posts as soon as they were answered; how many a second that makes."""
    done = 0
    end = time.perf_counter() + seconds

    async def poster() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
        while time.perf_counter() < end:
            await _say(reader, writer, target.request())
            done += 1
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(poster() for _ in range(CONNECTIONS)))
    return done / (time.perf_counter() - began)


async def _open(target: Target, rate: float, seconds: float) -> list[float]:
    """So many a second, whether or not the one before was answered; seconds from due to answered."""
    times: list[float] = []
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for _ in range(CONNECTIONS * 4):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", target.port))
    posting: set[asyncio.Task[None]] = set()

    async def one(due: float) -> None:
        reader, writer = await free.get()
        await _say(reader, writer, target.request())
        free.put_nowait((reader, writer))
        times.append(time.perf_counter() - due)

    began = time.perf_counter()
    for number in range(int(rate * seconds)):
        due = began + number / rate
        if (ahead := due - time.perf_counter()) > 0:
            await asyncio.sleep(ahead)
        task = asyncio.create_task(one(due))
        posting.add(task)
        task.add_done_callback(posting.discard)
    await asyncio.gather(*posting)
    while not free.empty():
        free.get_nowait()[1].close()
    return times


def _clean(system: System) -> None:
    """Nobody waits for a hundred thousand mails that are not there."""
    mine = "(SELECT id FROM api.webhook_subscriptions WHERE created_by = 'bench')"
    system.wiring.postgres.psql(
        "DELETE FROM api.jobs WHERE kind = 'notification.process';"
        f"DELETE FROM api.webhook_events WHERE subscription_id IN {mine};"
        "DELETE FROM api.webhook_subscriptions WHERE created_by = 'bench';"
        "DROP TABLE public.bench_bare",
        database=DATABASE,
    )
