"""The whole system as stages of parts."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

from deploy.local.console import Console
from deploy.local.keys import ensure_keys
from deploy.local.parts import Environment, Errand, Part, ServerPart, Service
from deploy.local.postgres import DATABASE, Postgres
from deploy.local.redis import Redis
from deploy.local.state import ROOT, State
from deploy.local.supervisor import Supervisor
from deploy.local.wiring import Wiring, choose_ports


class Sandbox(Service):
    """The vendors' twin: once it answers, it is asked what it holds, for the processes that come after it."""

    def attach(self, wiring: Wiring) -> None:
        self._wiring = wiring

    async def start(self) -> None:
        await super().start()
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            reply = await client.get(f"{self._wiring.url('sandbox')}/control/info")
            self._wiring.sandbox = reply.raise_for_status().json()


class Identities:
    """Lets the sandbox's people in again after its port changed.

    Operators are known by issuer and subject; on another port it is another issuer with the same people. In
    production an administrator decides that.
    """

    name = "identities"

    def __init__(self, wiring: Wiring, memory: Path) -> None:
        self._wiring = wiring
        self._memory = memory

    async def start(self) -> None:
        before = self._memory.read_text() if self._memory.exists() else None
        if before is not None and before != self._wiring.issuer:
            self._wiring.postgres.psql(
                "UPDATE auth.operators SET issuer = NULL, subject = NULL", database=DATABASE
            )
        self._memory.write_text(self._wiring.issuer)

    async def stop(self) -> None:
        """Nothing runs."""

    def ended(self) -> str | None:
        return None

    def children(self) -> dict[int, str]:
        return {}


@dataclass(frozen=True, slots=True)
class Stack:
    """A system ready to be started."""

    wiring: Wiring
    supervisor: Supervisor


def build(state: State, console: Console, *, log_level: str = "INFO", durable: bool = True) -> Stack:
    """Choose ports, make missing secrets, and lay out the stages. Nothing runs yet."""
    ports = choose_ports(state.folder / "ports.json")
    wiring = Wiring(
        ports=ports,
        keys=ensure_keys(state.folder),
        postgres=Postgres(state.folder / "postgres", port=ports["postgres"], durable=durable),
        redis=Redis(state.folder / "redis", port=ports["redis"]),
        log_level=log_level,
    )

    def service(name: str, module: str, environment: Environment) -> Service:
        return Service(
            name, ["-m", module], environment, console, ROOT, ready_url=f"{wiring.url(name)}/ready"
        )

    sandbox = Sandbox(
        "sandbox",
        ["-m", "services.sandbox"],
        wiring.sandbox_environment,
        console,
        ROOT,
        ready_url=f"{wiring.url('sandbox')}/ready",
    )
    sandbox.attach(wiring)
    stages: list[list[Part]] = [
        [
            ServerPart("postgres", wiring.postgres, console),
            ServerPart("redis", wiring.redis, console),
            sandbox,
        ],
        [Errand("migrate", ["-m", "alembic", "upgrade", "head"], wiring.migrations, console, ROOT)],
        [Identities(wiring, state.folder / "issuer")],
        [service("auth", "services.auth", wiring.auth)],
        [service("api", "services.api", wiring.api), service("worker", "services.worker", wiring.worker)],
        [service("scheduler", "services.scheduler", wiring.scheduler), service("bff", "bff", wiring.bff)],
    ]
    return Stack(wiring, Supervisor(stages, console, state))
