"""Promise 1: accepted means durable, also when the API dies right after its commit."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.local.ports import any_free
from services.shared.kit.ids import uuid7
from tests.faults.wishes import BOTH, assert_one_account_each
from tests.fixtures.engine import ROOT, TENANT, Engine
from tests.fixtures.principals import KEY, bearer, mint

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]


class _Keys(BaseHTTPRequestHandler):
    def do_GET(self) -> None:  # the base class's name
        body = json.dumps({"keys": [KEY.as_dict(private=False)]}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: Any) -> None:
        """Say nothing."""


@contextmanager
def published_keys() -> Iterator[str]:
    """The keys of the tests' tokens on a real socket."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Keys)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def api(engine: Engine, auth_url: str, faults: str) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """An API process with fault points armed."""
    port = any_free()
    environment = {
        "PATH": "/usr/bin:/bin",
        "PORT": str(port),
        "ENVIRONMENT": "test",
        "DATABASE_URL": engine.database.url("oneclick_api"),
        "REDIS_URL": engine.redis.url,
        "AUTH_URL": auth_url,
        "SERVICE_TOKEN": engine.keys.service_token("api"),
        "SERVICE_TOKENS": engine.keys.service_tokens("scheduler"),
        "FAULT_POINTS": faults,
    }
    with (engine.folder / "api.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "services.api"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    try:
        while True:
            try:
                if httpx.get(f"{url}/ready", timeout=10).is_success:
                    break
            except httpx.HTTPError:
                pass
            assert process.poll() is None, (engine.folder / "api.log").read_text()[-3000:]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield url, process
    finally:
        process.kill()
        process.wait(20)


async def ask(url: str, body: dict[str, Any], operator: UUID, key: str) -> httpx.Response:
    headers = {**bearer(mint(TENANT, operator_id=operator)), "Idempotency-Key": key}
    async with httpx.AsyncClient(timeout=60) as client:
        return await client.post(f"{url}/api/requests", json=body, headers=headers)


async def test_an_api_killed_after_the_commit_has_still_accepted(workers: Engine) -> None:
    workers.start_worker()
    email = workers.new_address()
    body = {"employee": {"full_name": "Jo Joiner", "work_email": email}, "apps": BOTH}
    operator = uuid7()
    with published_keys() as keys, api(workers, keys, "request.after_commit=kill") as (url, process):
        with pytest.raises(httpx.TransportError):
            await ask(url, body, operator, email)
        assert process.wait(20) == -9
    request = await workers.value(
        "SELECT r.id FROM api.requests r JOIN api.employees e ON e.id = r.employee_id"
        " WHERE e.work_email = :email",
        email=email,
    )
    assert request is not None, "what was committed is there"
    assert await workers.wait_ended(request) == "completed", await workers.picture(request)
    assert_one_account_each(workers.sandbox, email)

    with published_keys() as keys, api(workers, keys, "") as (url, _process):
        again = await ask(url, body, operator, email)
        assert again.status_code == 201, again.text
        assert again.json()["id"] == str(request), "the same key gets the same request"
    found = await workers.value(
        "SELECT count(*) FROM api.requests r JOIN api.employees e ON e.id = r.employee_id"
        " WHERE e.work_email = :email",
        email=email,
    )
    assert found == 1, "the same key does not ask twice"
