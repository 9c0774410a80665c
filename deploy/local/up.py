"""`make up`: everything runs until it is stopped."""

from __future__ import annotations

import asyncio

from deploy.local.console import Console
from deploy.local.publicclient import ApiRefused
from deploy.local.running import run
from deploy.local.samplehire import OptionMissing
from deploy.local.seeding import plant, sign_ins
from deploy.local.stack import Stack, build
from deploy.local.state import State


def up(state: State) -> int:
    """Run until a signal comes. The exit code is 0 when everything started and was stopped by wish."""
    state.take()
    console = Console(state.folder / "logs")
    try:
        stack = build(state, console)
        return asyncio.run(run(stack, console, state, lambda stack: _stay(stack, console)))
    finally:
        console.close()
        state.release()


async def _stay(stack: Stack, console: Console) -> int:
    await asyncio.to_thread(_plant, stack.wiring.public_url, console)
    console.say(_welcome(stack))
    await asyncio.Event().wait()
    return 0


def _plant(url: str, console: Console) -> None:
    """Examples are a courtesy: the system is up without them."""
    try:
        for line in plant(url):
            console.say(line)
    except (ApiRefused, OptionMissing) as failure:
        console.trouble(f"The example employees could not be planted: {failure}")


def _welcome(stack: Stack) -> str:
    people = "\n".join(f"    {person.email:<24} {person.role:<10} {person.tenant}" for person in sign_ins())
    return (
        f"\nOneClick is at {stack.wiring.public_url}\n"
        f"Sign in as one of these (the sandbox's sign-in page asks for no password):\n{people}\n"
        f"The vendors' sandbox: {stack.wiring.url('sandbox')}/control/info\n"
        "Ctrl-C or `make down` stops everything.\n"
    )
