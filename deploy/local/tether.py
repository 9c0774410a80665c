"""Start a program that cannot outlive the process that asked for it.

Run as a script (`python -I -S tether.py PARENT_PID SIGNAL USER -- command…`), in the child, before the
program: it drops root when USER is not `-`, asks the kernel to send SIGNAL when the parent dies (Linux), and
then becomes the program. It imports nothing but the standard library, and no other module of ours.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

_PR_SET_PDEATHSIG = 1


def tethered(
    command: Sequence[str], *, on_parent_death: int = signal.SIGTERM, user: str | None = None
) -> list[str]:
    """The command line that runs `command` tied to this process's life.

    The kernel watches the *thread* that starts the child: start it from one that lives as long as it should.
    """
    script = str(Path(__file__).resolve())
    return [
        sys.executable, "-I", "-S", script, str(os.getpid()), str(int(on_parent_death)), user or "-", "--", *command,
    ]  # fmt: skip


def _drop_root(user: str) -> None:
    import pwd

    entry = pwd.getpwnam(user)
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)
    os.environ["HOME"] = "/"


def _tie(parent: int, signum: int) -> None:
    """After the change of user: the kernel forgets the wish when credentials change."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signum, 0, 0, 0)
    if os.getppid() != parent:  # it died before the kernel knew of our wish
        sys.exit(1)


def _main(arguments: list[str]) -> None:
    parent, signum, user, _separator, *command = arguments
    os.umask(0o077)
    if user != "-":
        _drop_root(user)
    _tie(int(parent), int(signum))
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the program is this script's whole purpose
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    _main(sys.argv[1:])
