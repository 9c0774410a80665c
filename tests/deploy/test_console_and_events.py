"""Small readers and writers of the local stack."""

from __future__ import annotations

import io
import stat
from pathlib import Path

import httpx
import pytest

from deploy.local.console import Console
from deploy.local.keys import CALLERS, ensure_keys
from deploy.local.ports import any_free, is_free, wanted_or_free
from deploy.local.publicclient import ApiRefused, Event, PublicClient, parse_events


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_colours_and_a_file_gets_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    terminal, plain = Terminal(), io.StringIO()
    for stream in (terminal, plain):
        console = Console(tmp_path, stream=stream)
        console.program("api", "\x1b[31mred\x1b[0m")
        console.close()
    assert "\x1b[31mred" in terminal.getvalue()
    assert plain.getvalue() == "api       | red\n"
    assert (tmp_path / "api.log").read_text() == "red\n"


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = Terminal()
    Console(stream=terminal).say("hello")
    assert "\x1b" not in terminal.getvalue()


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    first = ensure_keys(tmp_path)
    tokens = {caller: first.service_token(caller) for caller in CALLERS}
    kept = {path.name: path.read_text() for path in tmp_path.iterdir()}
    again = ensure_keys(tmp_path)
    assert {caller: again.service_token(caller) for caller in CALLERS} == tokens
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == kept
    assert len(set(tokens.values())) == len(CALLERS)
    assert all(token.count(".") == 1 for token in tokens.values())
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}
    assert tokens["api"] not in repr(first)


def test_a_taken_port_is_replaced_by_a_free_one() -> None:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        taken = int(holder.getsockname()[1])
        assert not is_free(taken)
        assert wanted_or_free(taken) != taken
    wanted = any_free()
    assert wanted_or_free(wanted) == wanted
    assert wanted_or_free(wanted, avoid=frozenset({wanted})) != wanted


def test_server_sent_events_are_read_and_comments_show_that_the_server_is_there() -> None:
    lines = [
        ": ping", "", "retry: 3000", "", "id: 7", "event: action.changed", 'data: {"a":', "data: 1}", "",
        "id: 8", 'data:{"b":2}', "",
    ]  # fmt: skip
    assert list(parse_events(iter(lines))) == [
        Event("", "comment", {}),
        Event("7", "action.changed", {"a": 1}),
        Event("8", "message", {"b": 2}),
    ]


def test_a_refusal_is_told_in_the_words_of_its_problem_with_the_fields() -> None:
    reply = httpx.Response(
        422,
        json={
            "title": "Invalid",
            "detail": "Check the fields",
            "errors": [{"field": "employee.work_email", "message": "not an address"}],
        },
    )
    words = str(ApiRefused("POST /api/requests", reply))
    assert words == "POST /api/requests answered 422: Check the fields (employee.work_email: not an address)"
    assert "answered 502: bad gateway" in str(ApiRefused("GET /", httpx.Response(502, text="bad gateway")))


def test_the_secure_cookie_is_kept_for_its_own_host_and_forgotten_when_it_ends() -> None:
    seen: list[str | None] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers.get("cookie"))
        ended = request.url.path == "/end"
        value = "__Host-oc=; Max-Age=0" if ended else "__Host-oc=abc; Secure; HttpOnly; Path=/; SameSite=Lax"
        return httpx.Response(200, json={}, headers={"set-cookie": value})

    with PublicClient("http://localhost:1") as client:
        client._http = httpx.Client(transport=httpx.MockTransport(answer))
        client.get("/one")
        client.get("/two")
        client._send("GET", "http://127.0.0.1:2/elsewhere")
        client.get("/end")
        client.get("/after")
    assert seen == [None, "__Host-oc=abc", None, "__Host-oc=abc", None]
