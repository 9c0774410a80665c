"""Rules of the house that no linter knows. Each finding names its file and line."""

from __future__ import annotations

import ast
import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LONGEST = {".py": 400, ".tsx": 250}
FROZEN = "migrations/versions/"
"""A revision is one transaction, and is not touched again once it was applied."""
VAGUE = re.compile(r"^_?(utils?|helpers?|misc|common|tools?)$")
IGNORE = re.compile(
    r"#\s*(noqa|type:\s*ignore)\b(?P<which>\[[a-z, -]*\]|:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?(?P<rest>.*)$"
)
# Where outgoing clients and engines are made; and the programs around the product that are no part of it.
FACTORIES = ("services/shared/kit/", "services/sandbox/", "deploy/", "migrations/", "tests/")
RAW = {
    "create_engine": "sqlalchemy",
    "create_async_engine": "sqlalchemy",
    "AsyncClient": "httpx",
    "Client": "httpx",
    "ClientSession": "aiohttp",
}
OTHER_HTTP = {"requests", "urllib3", "urllib.request", "http.client", "httplib2"}


def sources(*suffixes: str) -> list[Path]:
    """What is committed, or about to be; nothing generated or installed."""
    listed = subprocess.run(
        [
            "git",
            "ls-files",
            "--cached",
            "--others",
            "--exclude-standard",
            "-z",
            "--",
            *(f"*{s}" for s in suffixes),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file() and "/generated/" not in name]


def shown(path: Path, line: int | None = None) -> str:
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name


def test_files_end_before_they_are_too_long() -> None:
    long = []
    for suffix, most in LONGEST.items():
        for path in sources(suffix):
            if shown(path).startswith(FROZEN):
                continue
            lines = len(path.read_text(encoding="utf-8").splitlines())
            if lines > most:
                long.append(f"{shown(path)} has {lines} lines, {most} are the most")
    assert long == []


def test_nothing_is_called_utils() -> None:
    names = {path.relative_to(ROOT) for path in sources(".py", ".ts", ".tsx")}
    assert (
        sorted(
            str(name) for name in names if any(VAGUE.match(part.split(".")[0].lower()) for part in name.parts)
        )
        == []
    )


def comments(source: str) -> Iterator[tuple[int, str, bool]]:
    """Line, text, and whether the comment has the line to itself."""
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string, not token.line[: token.start[1]].strip()


def unexplained(source: str) -> list[tuple[int, str]]:
    """Ignores that name no rule, or have no reason after them or on the line above."""
    found = list(comments(source))
    reasons_above = {line for line, text, alone in found if alone and not IGNORE.search(text)}
    bare = []
    for line, text, _ in found:
        match = IGNORE.search(text)
        if match is None:
            continue
        explained = bool(re.match(r"\s*(#|-)\s*\S", match["rest"])) or line - 1 in reasons_above
        if match["which"] is None or not explained:
            bare.append((line, text))
    return bare


def test_every_ignore_names_its_rule_and_has_its_reason_beside_it() -> None:
    bare = [
        f"{shown(path, line)} {text}"
        for path in sources(".py")
        for line, text in unexplained(path.read_text(encoding="utf-8"))
    ]
    assert bare == []


@pytest.mark.parametrize(
    ("source", "is_fine"),
    [
        ("x = 1  # noqa: S105  # a kind, not a secret\n", True),
        ("x = 1  # noqa: S105, PLR2004 - a kind, not a secret\n", True),
        ("x = 1  # type: ignore[misc]  # the stubs are wrong\n", True),
        ("# the stubs are wrong\nx = 1  # type: ignore[misc]\n", True),
        ('x = "# noqa"\n', True),
        ("x = 1  # noqa: S105\n", False),
        ("x = 1  # noqa\n", False),
        ("x = 1  # noqa  # because\n", False),
        ("x = 1  # type: ignore  # because\n", False),
        ("x = 1  # type: ignore[misc]\n", False),
        ("x = 1  # noqa: S105  #\n", False),
    ],
)
def test_the_rule_about_ignores_bites(source: str, is_fine: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    assert (unexplained(source) == []) == is_fine


def imports(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, module, and what is taken from it ("" for the module itself)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name, "") for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from ((node.lineno, node.module, alias.name) for alias in node.names)


def calls(tree: ast.AST) -> Iterator[tuple[int, str, str]]:
    """Line, module and name of each call of something imported: `module.name(...)`, or `name(...)` of a module."""
    taken = {name: module for _, module, name in imports(tree)}
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)):
                yield node.lineno, module, name
            case ast.Call(func=ast.Name(id=name)) if name in taken:
                yield node.lineno, taken[name], name


def raw_ways_out(source: str) -> list[tuple[int, str]]:
    """Other HTTP libraries, and clients and engines that the kit did not make."""
    tree = ast.parse(source)
    return [
        *(
            (line, f"imports {module}: services.shared.kit.http makes the clients")
            for line, module, _ in imports(tree)
            if module in OTHER_HTTP or module.split(".")[0] == "requests"
        ),
        *(
            (line, f"makes {name} of {module}: the kit makes clients and engines")
            for line, module, name in calls(tree)
            if RAW.get(name) == module.split(".")[0]
        ),
    ]


def test_there_is_one_way_out_over_http_and_one_way_to_the_database() -> None:
    wrong = [
        f"{shown(path, line)} {what}"
        for path in sources(".py")
        if not shown(path).startswith(FACTORIES)
        for line, what in raw_ways_out(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "source",
    [
        "import requests",
        "from requests.adapters import HTTPAdapter",
        "import urllib.request",
        "import httpx\nhttpx.AsyncClient()",
        "from httpx import AsyncClient\nAsyncClient()",
        "import aiohttp\naiohttp.ClientSession()",
        "from sqlalchemy.ext.asyncio import create_async_engine\ncreate_async_engine('')",
        "import sqlalchemy\nsqlalchemy.create_engine('')",
    ],
)
def test_the_rule_about_ways_out_bites(source: str) -> None:
    assert raw_ways_out(source)


def test_the_rule_about_ways_out_leaves_types_and_the_kits_own_alone() -> None:
    fine = "import httpx\nfrom services.shared.kit.db import create_engine\nx: httpx.AsyncClient\ncreate_engine('')"
    assert raw_ways_out(fine) == []
