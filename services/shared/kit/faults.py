"""Named places where a test may kill, stop, delay or fail the process. Idle unless armed."""

import asyncio
import os
import signal
from collections.abc import Mapping
from dataclasses import dataclass

from services.shared.kit.settings import Environment

POINTS: Mapping[str, str] = {
    "request.after_commit": "the request is stored, the bell has not rung",
    "notification.after_commit": "notifications are stored, the vendor was not answered",
    "job.after_claim": "the job is leased, nothing was done",
    "plan.before_store": "the vendor was read, the plan is not stored",
    "effect.before_sent": "the action is intended, nothing was sent",
    "effect.after_sent": "marked as sent, the write has not left",
    "effect.after_reply": "the vendor answered, nothing is recorded",
    "effect.before_record": "the provider read back, nothing is recorded",
    "effect.after_record": "the action is recorded, the next has not begun",
    "look.before_record": "the vendor showed what became of an invitation or a task, nothing is recorded",
    "run.before_commit": "a schedule's run has made its request or looked at it, nothing is committed",
    "run.after_commit": "the same is committed, the bell has not rung",
    "token.after_reply": "the vendor gave a new token, nothing of it is stored (auth service)",
    "job.before_finish": "every action is recorded, the job is still leased",
}
"""Every point there is. Tests enumerate this, so a new one is exercised by itself."""


class FaultRaised(RuntimeError):
    """The action `raise` at a fault point."""


@dataclass(slots=True)
class _Armed:
    action: str
    argument: float
    skip: int


_armed: dict[str, _Armed] = {}


def arm(specification: str, environment: Environment) -> None:
    """Arm points from `name=action[:argument][@skip]`, comma separated.

    Actions: `kill` (SIGKILL), `stop` (SIGSTOP), `raise`, `delay` (argument in seconds). `@skip`
    lets that many passes go by first. A point fires once.

    Raises:
        SystemExit: armed in production, or an unknown point or action.
    """
    if not specification:
        return
    if environment is Environment.PRODUCTION:
        raise SystemExit("Cannot start: FAULT_POINTS is for tests, and ENVIRONMENT is production.")
    for part in specification.split(","):
        name, _, rest = part.strip().partition("=")
        rest, _, skip = rest.partition("@")
        action, _, argument = rest.partition(":")
        if name not in POINTS or action not in {"kill", "stop", "raise", "delay"}:
            raise SystemExit(f"Cannot start: FAULT_POINTS: unknown point or action in {part!r}.")
        _armed[name] = _Armed(action, float(argument or 0), int(skip or 0))


async def faultpoint(name: str) -> None:
    """Do what a test armed here; nothing otherwise.

    Raises:
        FaultRaised: the action is `raise`.
    """
    if not _armed:
        return
    armed = _armed.get(name)
    if armed is None:
        return
    if armed.skip > 0:
        armed.skip -= 1
        return
    del _armed[name]
    match armed.action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case "delay":
            await asyncio.sleep(armed.argument)
        case _:
            raise FaultRaised(name)
