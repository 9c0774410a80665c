"""What the supervisor says: one line at a time, each with the name of who said it, in colour on a terminal."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TextIO

_COLOURS = ("36", "33", "35", "32", "34", "96", "93", "95", "92", "94")
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_NAME_WIDTH = 9
_MAIN = "oneclick"


class Console:
    """Lines from many programs, whole and in the order they came. `logs` keeps each program's own lines in a file."""

    def __init__(
        self, logs: Path | None = None, *, stream: TextIO | None = None, show_programs: bool = True
    ) -> None:
        self._stream = stream or sys.stdout
        self._show_programs = show_programs
        self._colours: dict[str, str] = {}
        self._files: dict[str, TextIO] = {}
        self._logs = logs
        self.coloured = self._stream.isatty() and "NO_COLOR" not in os.environ
        if logs is not None:
            logs.mkdir(parents=True, exist_ok=True)

    def program(self, name: str, line: str) -> None:
        """One line of a program's output."""
        text = line if self.coloured else _ESCAPES.sub("", line)
        if self._logs is not None:
            if name not in self._files:
                self._files[name] = (self._logs / f"{name}.log").open("w", buffering=1)
            self._files[name].write(_ESCAPES.sub("", line) + "\n")
        if self._show_programs:
            self._write(name, text)

    def say(self, text: str) -> None:
        """The supervisor's own words; every line gets its prefix."""
        for line in text.splitlines() or [""]:
            self._write(_MAIN, line, strong=True)

    def trouble(self, text: str) -> None:
        """Like `say`, in red."""
        for line in text.splitlines():
            self._write(_MAIN, line, colour="31")

    def close(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()

    def _write(self, name: str, text: str, *, strong: bool = False, colour: str | None = None) -> None:
        label = name.ljust(_NAME_WIDTH)
        if self.coloured:
            own = self._colours.setdefault(name, _COLOURS[len(self._colours) % len(_COLOURS)])
            text = f"\x1b[{colour}m{text}\x1b[0m" if colour else f"\x1b[1m{text}\x1b[0m" if strong else text
            label = f"\x1b[{own}m{label}\x1b[0m"
        try:
            self._stream.write(f"{label} | {text}\n")
            self._stream.flush()
        except (
            BrokenPipeError,
            ValueError,
        ):  # nobody reads us any more: stopping cleanly matters more than words
            self._show_programs = False
