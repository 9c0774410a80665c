from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.bff.world import World, build_webapp, running
from tests.fixtures.waiting import eventually


@pytest.fixture(scope="module")
def shared_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with running(build_webapp(tmp_path_factory.mktemp("webui") / "dist")) as world:
        yield world


@pytest.fixture
def world(shared_world: World) -> World:
    """The module's world with nobody signed in."""
    auth, api = shared_world.auth, shared_world.api
    auth.sessions.clear()
    api.truncate_after, api.silent = 1, False
    eventually(lambda: api.open_streams == 0, what="a stream of the test before is still open")
    auth.calls.clear()
    auth.states.clear()
    auth.answer, auth.delay = None, 0.0
    api.seen.clear()
    api.truncate_after, api.silent = None, False
    return shared_world
