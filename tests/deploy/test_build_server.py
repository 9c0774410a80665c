"""What the build server prints last: the counts, and by name what failed and why."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOISE = "Not implemented: something that a page does\n" * 200
FAILING = (
    """..F.RR
=================================== FAILURES ===================================
___________________________________ test_one ___________________________________
[gw0] linux -- Python 3.11.7

    def test_one():
>       assert {1, 2} == {1, 3}
E       assert {1, 2} == {1, 3}
E         Extra items in the left set:

tests/a/test_x.py:4: AssertionError
=========================== rerun test summary info ============================
RERUN tests/a/test_x.py::test_one
FAILED tests/a/test_x.py::test_one
RERUN tests/a/test_x.py::test_unsteady[a b]
PASSED tests/a/test_x.py::test_unsteady[a b]
=========================== short test summary info ============================
FAILED tests/a/test_x.py::test_one - assert {1, 2} == {1, 3}
1 failed, 2 passed, 2 rerun in 19.29s
"""
    + NOISE
    + """
\x1b[41m\x1b[1m FAIL \x1b[22m\x1b[49m src/test/page.test.ts\x1b[2m > \x1b[22madds
\x1b[31m\x1b[1mAssertionError\x1b[22m: expected 1 to be 2\x1b[39m

 Test Files  1 failed (1)
      Tests  1 failed | 3 passed (4)
"""
)


def run(tmp_path: Path, said: str, status: int) -> tuple[int, list[str]]:
    (tmp_path / "said").write_text(said)
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\n[ "$1" = lint ] && exit 0\ncat {tmp_path}/said\nexit {status}\n')
    make.chmod(0o755)
    done = subprocess.run(
        [ROOT / ".ci" / "run"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    lines = done.stdout.splitlines()
    return done.returncode, lines[next(i for i, line in enumerate(lines) if line.startswith("== result")) :]


def test_what_failed_stands_at_the_end_with_its_reason(tmp_path: Path) -> None:
    status, end = run(tmp_path, FAILING, 2)
    assert status == 1
    assert len(end) < 30
    assert "test (pytest): 1 failed, 2 passed, 2 rerun in 19.29s" in end
    assert "test (web app): Tests  1 failed | 3 passed (4)" in end
    assert "test: UNSTEADY, failed once and passed then: tests/a/test_x.py::test_unsteady[a b]" in end
    assert not [line for line in end if "UNSTEADY" in line and "test_one" in line]
    what = end[end.index("== what failed") :]
    assert "FAILED tests/a/test_x.py::test_one - assert {1, 2} == {1, 3}" in what
    assert what[what.index("-- test_one") + 1] == "E       assert {1, 2} == {1, 3}"
    assert " FAIL  src/test/page.test.ts > adds" in what
    assert "AssertionError: expected 1 to be 2" in what


def test_a_good_run_ends_with_its_counts(tmp_path: Path) -> None:
    status, end = run(tmp_path, "....\n4 passed in 2.00s\n      Tests  3 passed (3)\n", 0)
    assert status == 0
    assert end[-1] == "test (web app): Tests  3 passed (3)"


def test_more_than_three_unsteady_tests_stop_the_landing(tmp_path: Path) -> None:
    def unsteady(count: int) -> str:
        return "".join(
            f"RERUN tests/test_{n}.py::test\nPASSED tests/test_{n}.py::test\n" for n in range(count)
        )

    assert run(tmp_path, unsteady(3) + "9 passed, 3 rerun in 2.00s\n", 0)[0] == 0
    status, end = run(tmp_path, unsteady(4) + "9 passed, 4 rerun in 2.00s\n", 0)
    assert status == 1
    assert "test: FAILED: 4 unsteady tests, three are allowed" in end
