"""A client of a twin whose every answer goes before the vendor's OpenAPI file, where that file is at hand."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import httpx

from tests.sandbox.judge import specs
from tests.sandbox.judge.openapi import Exceptional, judge_answer, knows

FindFile = Callable[[str, str], tuple[str, str] | None]
"""Method and path below the mount to the file that lists the operation and the path as it spells it, or None."""


def first_that_knows(*files: str) -> FindFile:
    """A last slash makes no difference, as on the wire."""

    def find(method: str, path: str) -> tuple[str, str] | None:
        spellings = (path, path.removesuffix("/"), f"{path}/")
        pairs = ((file, spelling) for file in files for spelling in spellings)
        return next(((file, spelling) for file, spelling in pairs if knows(file, method, spelling)), None)

    return find


def judged_client(
    base_url: str,
    headers: Mapping[str, str],
    find: FindFile,
    exceptions: Sequence[Exceptional] = (),
    *,
    mount: str,
) -> httpx.AsyncClient:
    """`mount` is the part of the path that the file does not have, e.g. `/zoom/v2`."""

    async def judge(response: httpx.Response) -> None:
        await response.aread()
        path = response.request.url.raw_path.decode().partition("?")[0].removeprefix(mount)
        method = response.request.method
        found = find(method, path)
        if found is None:
            return
        body: Any = json.loads(response.content) if response.content else None
        file, spelling = found
        faults = judge_answer(file, method, spelling, response.status_code, body, exceptions=exceptions)
        assert not faults, faults

    return httpx.AsyncClient(
        base_url=base_url,
        headers=dict(headers),
        event_hooks={"response": [judge]} if specs.folder() else {},
        timeout=60,
        trust_env=False,
        verify=False,  # noqa: S501 - plain HTTP: there is nothing to verify, and loading CA files takes time
    )
