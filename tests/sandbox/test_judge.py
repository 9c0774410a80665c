"""The judge of OpenAPI files finds what is wrong, and nothing else. Judged by files of our own."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.sandbox.judge import specs
from tests.sandbox.judge.doors import Door, judge_exchanges, make_hook
from tests.sandbox.judge.openapi import (
    Exceptional,
    Specification,
    judge_answer,
    judge_request,
    knows,
    read_specification,
)
from tests.sandbox.judge.wire import Exchange, NotJsonError, RecordingTransport


def _json(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/xml": {"schema": {}}, "application/json": {"schema": schema}}}


PERSON = {
    "type": "object",
    "required": ["id", "email", "password"],
    "properties": {
        "id": {"type": "integer", "readOnly": True},
        "email": {"type": "string", "format": "email"},
        "password": {"type": "string", "writeOnly": True},
        "nick": {"type": "string", "nullable": True, "enum": ["a", "b"]},
        "born": {"type": "string", "format": "date-time"},
        "boss": {"allOf": [{"$ref": "#/components/schemas/Reference"}], "nullable": True},
        "tags": {"type": "object", "additionalProperties": {"type": "string"}},
        "anything": {"type": "object"},
        "nothing": {"type": "object", "additionalProperties": False},
    },
}
MODERN = Specification(
    {
        "openapi": "3.0.3",
        "paths": {
            "/people": {
                "parameters": [{"$ref": "#/components/parameters/page"}],
                "get": {
                    "parameters": [
                        {
                            "name": "status",
                            "in": "query",
                            "required": True,
                            "schema": {"enum": ["on", "off"]},
                        },
                        {
                            "name": "ids",
                            "in": "query",
                            "schema": {"type": "array", "items": {"type": "integer"}},
                        },
                        {"name": "all", "in": "query", "schema": {"type": "boolean"}},
                    ],
                    "responses": {
                        "200": _json({"type": "array", "items": {"$ref": "#/components/schemas/Person"}}),
                        "4XX": _json({"$ref": "#/components/schemas/Error"}),
                    },
                },
                "post": {
                    "requestBody": {
                        "required": True,
                        **_json(
                            {
                                "oneOf": [
                                    {"$ref": "#/components/schemas/Person"},
                                    {"$ref": "#/components/schemas/Robot"},
                                ]
                            }
                        ),
                    },
                    "responses": {
                        "201": _json({"$ref": "#/components/schemas/Person"}),
                        "default": _json({"$ref": "#/components/schemas/Error"}),
                    },
                },
            },
            "/people/{id}": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}}],
                "get": {"responses": {"200": _json({"$ref": "#/components/schemas/Staff"})}},
                "delete": {"responses": {"204": {"description": "gone"}}},
            },
            "/people/me": {"get": {"responses": {"200": _json({"type": "string"})}}},
            "/old": {
                "get": {
                    "responses": {
                        "200": _json(
                            {"$ref": "#/paths/~1people/get/parameters/0/schema"},
                        )
                    }
                }
            },
        },
        "components": {
            "parameters": {
                "page": {"name": "page", "in": "query", "schema": {"type": "integer", "minimum": 1}}
            },
            "schemas": {
                "Person": PERSON,
                "Reference": {"type": "object", "properties": {"id": {"type": "integer"}}},
                "Robot": {
                    "type": "object",
                    "required": ["serial"],
                    "properties": {"serial": {"type": "string"}},
                },
                "Staff": {
                    "allOf": [
                        {"$ref": "#/components/schemas/Reference"},
                        {
                            "type": "object",
                            "required": ["grade"],
                            "properties": {"grade": {"type": "number"}},
                        },
                    ]
                },
                "Error": {
                    "type": "object",
                    "required": ["message"],
                    "properties": {"message": {"type": "string"}},
                },
            },
        },
    }
)
OLD = Specification(
    {
        "swagger": "2.0",
        "basePath": "/api",
        "paths": {
            "/users.invite": {
                "post": {
                    "parameters": [
                        {"name": "email", "in": "formData", "required": True, "type": "string"},
                        {"name": "token", "in": "header", "required": True, "type": "string"},
                    ],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/Ok"}}},
                }
            },
            "/users.list": {
                "get": {
                    "parameters": [{"name": "limit", "in": "query", "type": "integer", "maximum": 10}],
                    "responses": {"200": {"schema": {"$ref": "#/definitions/Ok"}}},
                }
            },
        },
        "definitions": {
            "Ok": {
                "type": "object",
                "required": ["ok"],
                "properties": {
                    "ok": {"type": "boolean"},
                    "note": {"type": None},
                    "either": {"items": [{"type": "string"}, {"type": "integer"}], "type": "array"},
                    "share": {"type": "number", "minimum": 0, "exclusiveMinimum": True},
                },
            }
        },
    }
)
ADA = {"id": 7, "email": "ada@acme.example"}


def _request(method: str, path: str, query: Any = (), body: Any = None) -> list[str]:
    return judge_request(MODERN, method, path, query, body)


def _person(**more: Any) -> list[str]:
    return judge_answer(MODERN, "POST", "/people", 201, {**ADA, **more})


def test_what_is_right_is_not_found_wrong() -> None:
    query = [("status", "on"), ("page", "2"), ("ids", "1,2"), ("all", "true")]
    assert _request("GET", "/people", query) == []
    assert _request("GET", "/people", {"status": "off"}) == []
    assert _request("POST", "/people", body={"email": "a@b", "password": "x"}) == []
    assert _request("POST", "/people", body={"serial": "R2"}) == []
    assert _request("DELETE", "/people/12") == []
    assert _person(nick=None, boss=None, tags={"a": "b"}, anything={"x": [1]}, nothing={}) == []
    assert _person(nick="a", boss={"id": 1}, born="2026-11-20T10:00:00.5Z") == []
    assert judge_answer(MODERN, "GET", "/people", 200, [ADA, ADA]) == []
    assert judge_answer(MODERN, "GET", "/people", 429, {"message": "slow"}) == []
    assert judge_answer(MODERN, "POST", "/people", 500, {"message": "oh"}) == []
    assert judge_answer(MODERN, "GET", "/people/1", 200, {"id": 1, "grade": 2.5}) == []
    assert judge_answer(MODERN, "DELETE", "/people/1", 204, None) == []
    assert judge_answer(MODERN, "GET", "/old", 200, "off") == []
    assert judge_answer(MODERN, "GET", "/unheard/of", 404, {"any": "thing"}) == []


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        (_request("GET", "/persons"), "GET /persons request: is no published path"),
        (_request("PATCH", "/people"), "PATCH /people request: has no such method"),
        (_request("GET", "/people/"), "GET /people/ request: is no published path"),
        (_request("GET", "/people/ada"), "GET /people/{id} request: the path's id: $: 'ada' is not of type"),
        (_request("GET", "/people"), "GET /people request: the query parameter status is missing"),
        (_request("GET", "/people", {"status": "on", "sort": "x"}), "the query parameter sort is unknown"),
        (_request("GET", "/people", {"status": "new"}), "the query parameter status: $: 'new' is not one of"),
        (_request("GET", "/people", {"status": "on", "page": "0"}), "page: $: 0 is less than the minimum"),
        (_request("GET", "/people", {"status": "on", "ids": "1,x"}), "ids: $[1]: 'x' is not of type"),
        (_request("GET", "/people", {"status": "on", "all": "yes"}), "all: $: 'yes' is not of type"),
        (_request("GET", "/people", [("status", "on"), ("status", "off")]), "status is given 2 times"),
        (_request("GET", "/people", {"status": "on"}, {"a": 1}), "takes no body"),
        (_request("POST", "/people"), "POST /people request: the body is missing"),
        (_request("POST", "/people", body={"serial": 5}), "$.serial: 5 is not of type 'string'"),
        (_request("POST", "/people", body={"serial": "R2", "arms": 2}), "$.arms is undeclared"),
        (
            _request("POST", "/people", body={"id": 1, "email": "a@b", "password": "x"}),
            "$.id does not belong into this request",
        ),
        (_person(password="x"), "$.password does not belong into this answer"),
        (_person(shoe=1), "POST /people answer 201: $.shoe is undeclared"),
        (_person(email="nobody"), "$.email: 'nobody' is not a 'email'"),
        (_person(id=True), "$.id: True is not of type 'integer'"),
        (_person(id=None), "$.id: None is not of type 'integer'"),
        (_person(nick="c"), "$.nick: 'c' is not one of"),
        (_person(born="yesterday"), "$.born: 'yesterday' is not a 'date-time'"),
        (_person(boss={"name": "x"}), "$.boss.name is undeclared"),
        (_person(tags={"a": 1}), "$.tags.a: 1 is not of type 'string'"),
        (_person(nothing={"a": 1}), "$.nothing.a is undeclared"),
        (judge_answer(MODERN, "GET", "/people/1", 200, {"id": 1}), "$.grade is missing"),
        (judge_answer(MODERN, "GET", "/people", 200, [ADA, {}]), "$[1].email is missing"),
        (judge_answer(MODERN, "GET", "/people", 202, []), "GET /people answer 202: the status is undeclared"),
        (judge_answer(MODERN, "GET", "/people", 404, {"error": 1}), "$.message is missing"),
        (judge_answer(MODERN, "GET", "/people", 200, None), "GET /people answer 200: the body is missing"),
        (judge_answer(MODERN, "DELETE", "/people/1", 204, {}), "the body should be empty"),
        (judge_answer(MODERN, "GET", "/people/me", 200, 3), "GET /people/me answer 200: $: 3 is not of type"),
        (judge_answer(MODERN, "GET", "/unheard/of", 200, {}), "no operation of the file answers this"),
    ],
)
def test_what_is_wrong_is_found_and_named(faults: list[str], said: str) -> None:
    assert any(said in fault for fault in faults), faults


def test_swagger_2_is_read_as_well() -> None:
    assert judge_request(OLD, "POST", "/users.invite", (), {"email": "a@b"}) == []
    assert judge_request(OLD, "GET", "/users.list", {"limit": "5"}, None) == []
    assert judge_answer(OLD, "GET", "/users.list", 200, {"ok": True, "note": None, "either": ["a", 1]}) == []
    assert judge_request(OLD, "POST", "/users.invite", (), {"mail": "a@b"}) == [
        "POST /users.invite request: $.email is missing",
        "POST /users.invite request: $.mail is undeclared",
    ]
    assert judge_request(OLD, "GET", "/users.list", {"limit": "50"}, None)
    assert judge_answer(OLD, "GET", "/users.list", 200, {"ok": True, "either": [None]})
    assert judge_answer(OLD, "GET", "/users.list", 200, {"ok": True, "share": 0})
    assert judge_answer(OLD, "GET", "/users.list", 200, {"ok": "yes"})


def test_an_exception_covers_what_it_names_and_no_more() -> None:
    lag = (Exceptional(r"^POST /people answer 201: \$\.shoe is undeclared$", "newer than the file"),)
    body = {**ADA, "shoe": 1}
    assert judge_answer(MODERN, "POST", "/people", 201, body, exceptions=lag) == []
    assert judge_answer(MODERN, "POST", "/people", 201, {**body, "hat": 1}, exceptions=lag)
    assert judge_request(MODERN, "POST", "/people", (), {"serial": "x", "shoe": 1}, exceptions=lag)


def _exchange(path: str, *, method: str = "GET", status: int = 200, answered: Any = None) -> Exchange:
    return Exchange(method, path, (), None, status, answered, {})


def test_a_door_is_judged_by_its_function_the_longest_mount_first() -> None:
    doors = (
        Door(mount="/acme", judge=lambda _: ["the short one"]),
        Door(mount="/acme/api", judge=lambda exchange: [f"saw {exchange.path}"]),
    )
    assert judge_exchanges(doors, [_exchange("/acme/api/x"), _exchange("/acme/apix")]) == [
        "saw /acme/api/x",
        "the short one",
    ]
    assert judge_exchanges(doors[1:], [_exchange("/acme/api/x"), _exchange("/other")])[1:] == [
        "GET /other is behind no door"
    ]


def test_what_a_door_does_not_need_is_told() -> None:
    lags = (Exceptional("wrong", "why"), Exceptional("never", "why"), Exceptional("rare", "why", seldom=True))
    doors = (
        Door(mount="/a", judge=lambda _: ["wrong"], exceptions=lags),
        Door(mount="/b", unpublished="No file."),
        Door(mount="/c", unpublished="No file.", seldom=True),
    )
    assert judge_exchanges(doors, [_exchange("/a/x")]) == [
        "nothing needs the exception 'never' of /a",
        "nobody went through the door /b",
    ]
    with pytest.raises(ValueError, match="name files"):
        Door(mount="/d")


async def test_the_recorder_keeps_what_was_said_without_credentials() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/lost":
            raise httpx.ReadError("reset")
        if request.url.path == "/page":
            return httpx.Response(200, html="<p>")
        return httpx.Response(201, json={"got": True}, headers={"X-Seen": "1"})

    wire = RecordingTransport(httpx.MockTransport(answer))
    async with httpx.AsyncClient(transport=wire, base_url="http://x", auth=("a", "b")) as client:
        await client.get("/before")
        wire.is_on = True
        reply = await client.post("/a%2Fb?q=1&q=", json={"n": 1})
        await client.post("/form", data={"k": "v"})
        with pytest.raises(httpx.ReadError):
            await client.get("/lost")
        with pytest.raises(NotJsonError):
            await client.get("/page")
    assert reply.json() == {"got": True}
    first, form, lost = wire.exchanges
    assert (first.method, first.path, first.query) == ("POST", "/a%2Fb", (("q", "1"), ("q", "")))
    assert (first.sent, first.status, first.answered) == ({"n": 1}, 201, {"got": True})
    assert first.headers["x-seen"] == "1"
    assert form.sent == {"k": "v"}
    assert (lost.status, lost.answered) == (None, None)
    assert not any("authorization" in exchange.headers for exchange in wire.exchanges)


@pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)
async def test_the_hook_fails_a_test_whose_answer_is_not_as_published() -> None:
    answers = {"/clickup/api/v2/user": {"user": {"shoe": 1}}, "/clickup/api/v2/nothing": {}}
    transport = httpx.MockTransport(
        lambda request: httpx.Response(
            404 if "nothing" in request.url.path else 200, json=answers[request.url.path]
        )
    )
    hook = make_hook((Door(mount="/clickup/api", files=("clickup/clickup-v2.openapi.json",)),))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://x", event_hooks={"response": [hook]}
    ) as client:
        await client.get("/clickup/api/v2/nothing")
        with pytest.raises(AssertionError, match=r"\$\.user\.shoe is undeclared"):
            await client.get("/clickup/api/v2/user")


@pytest.mark.skipif(specs.folder() is None, reason=specs.ABSENT)
@pytest.mark.parametrize(
    ("name", "method", "path"),
    [
        ("github/ghec-user-admin.openapi.json", "PUT", "/orgs/acme/memberships/ada"),
        ("clickup/clickup-v2.openapi.json", "GET", "/v2/team/901/seats"),
        ("zoom/zoom-users-v2.openapi.json", "PATCH", "/users/ada@acme.example"),
        ("hubspot/user-provisioning-v3.json", "PUT", "/settings/v3/users/12"),
        ("atlassian/user-provisioning-scim.openapi.json", "GET", "/scim/directory/d/Users/u"),
        ("atlassian/jira-platform-v3.openapi.json", "POST", "/rest/api/3/user"),
        ("atlassian/confluence-v1.openapi.json", "GET", "/wiki/rest/api/user"),
        ("slack/slack-web-api-admin.swagger2.json", "POST", "/admin.users.invite"),
    ],
)
def test_every_published_file_can_judge(name: str, method: str, path: str) -> None:
    assert knows(name, method, path)
    assert not knows(name, method, "/no/such/path")
    for operation in read_specification(name).operations:
        for status in operation.answers:
            if status.isdigit():
                judge_answer(name, operation.verb, operation.template, int(status), {"nobody": "knows"})
