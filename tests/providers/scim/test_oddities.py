"""What some applications do, as far as the sandbox does not: played by a transport."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import httpx
import pytest

from services.shared.providers.scim.form import ScimSettings
from services.shared.providers.scim.provider import ScimApplication
from services.shared.sdk.contract import Context, Desired, Known, OutcomeState, Person, PlannedAction
from services.shared.sdk.errors import ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind

_BASE = "https://desk.example/scim/v2"
_GROUP: dict[str, Any] = {
    "id": "g1",
    "displayName": "Crew",
    "members": [{"value": "u1"}],
    "meta": {"version": 'W/"7"'},
}
_USER: dict[str, Any] = {"id": "u1", "userName": "ada@acme.example", "externalId": "x", "active": True}

Answers = Mapping[str, Any | Callable[[httpx.Request], httpx.Response]]


class Application:
    """Answers by method and path below the base; what is not listed is 404. Keeps what was sent."""

    def __init__(self, answers: Answers) -> None:
        self.answers = dict(answers)
        self.sent: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        found = self.answers.get(f"{request.method} {request.url.path.removeprefix('/scim/v2')}")
        if found is None:
            return httpx.Response(404, json={"status": "404", "detail": "nothing here"})
        return found(request) if callable(found) else httpx.Response(200, json=found)

    def bodies(self, method: str) -> list[Any]:
        return [json.loads(one.content) for one in self.sent if one.method == method]

    def context(self, known: Known | None = None, **person: Any) -> Context[Any]:
        return Context(
            tenant_id=uuid.uuid4(),
            settings=ScimSettings(base_url=_BASE, title="Desk"),
            http=httpx.AsyncClient(transport=httpx.MockTransport(self)),
            endpoints={"base_url": _BASE},
            person=Person(
                employee_id=uuid.uuid4(), full_name="Ada King", work_email="ada@acme.example", **person
            ),
            known=known or Known(remote_id="u1"),
        )


def action(kind: ActionKind, *, features: Mapping[str, Any] | None = None, **params: Any) -> PlannedAction:
    common = {"user_id": "u1", "features": dict(features or {})}
    return PlannedAction(key="x", kind=kind, target="x", title="x", params={**common, **params})


def refuse(status: int, scim_type: str = "") -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(
        status, json={"status": str(status), "scimType": scim_type, "detail": "no"}
    )


def empty_list(_: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"totalResults": 0, "Resources": []})


async def test_a_group_that_somebody_else_changes_at_the_same_time_is_tried_again() -> None:
    desk = Application({"GET /Groups/g1": {**_GROUP, "members": []}, "PATCH /Groups/g1": refuse(412)})
    step = action(ActionKind.ADD_TO_GROUP, features={"etag": True}, group={"id": "g1", "name": "Crew"})
    with pytest.raises(Transient):
        await ScimApplication().apply(desk.context(), step)
    assert desk.sent[-1].headers["if-match"] == 'W/"7"'


async def test_members_are_removed_in_microsoft_s_way_where_that_is_the_only_one() -> None:
    def patch(request: httpx.Request) -> httpx.Response:
        operation = json.loads(request.content)["Operations"][0]
        if "[" in operation["path"]:
            return refuse(400, "invalidPath")(request)
        desk.answers["GET /Groups/g1"] = {**_GROUP, "members": []}
        return httpx.Response(204)

    desk = Application({"GET /Groups/g1": _GROUP, "PATCH /Groups/g1": patch})
    step = action(ActionKind.REMOVE_FROM_GROUP, group={"id": "g1", "name": "Crew"})
    outcome = await ScimApplication().apply(desk.context(), step)
    assert outcome.taken
    assert [one["Operations"][0] for one in desk.bodies("PATCH")] == [
        {"op": "remove", "path": 'members[value eq "u1"]'},
        {"op": "remove", "path": "members", "value": [{"value": "u1"}]},
    ]


async def test_a_group_that_hides_its_members_is_read_from_the_user() -> None:
    hidden = {name: value for name, value in _GROUP.items() if name != "members"}
    desk = Application({"GET /Groups/g1": hidden, "GET /Users/u1": {**_USER, "groups": [{"value": "g1"}]}})
    step = action(ActionKind.ADD_TO_GROUP, group={"id": "g1", "name": "Crew"})
    assert await ScimApplication().confirm(desk.context(), step)
    assert not desk.bodies("PATCH")


async def test_a_write_that_is_accepted_and_not_shown_is_never_done() -> None:
    desk = Application({"GET /Users/u1": _USER, "PATCH /Users/u1": _USER})
    outcome = await ScimApplication().apply(
        desk.context(), action(ActionKind.UPDATE, values={"title": "Countess"})
    )
    assert outcome.state is OutcomeState.SETTLING
    assert "title" in (outcome.note or "")


async def test_a_filter_that_is_not_listened_to_is_replaced_by_the_list() -> None:
    others = [{**_USER, "id": f"o{number}", "userName": f"o{number}@acme.example"} for number in range(3)]
    everybody = {"totalResults": 4, "Resources": [*others, _USER]}
    desk = Application({"GET /Users": everybody})
    step = action(ActionKind.CREATE, user_name="ada@acme.example")
    context = desk.context(Known())
    assert await ScimApplication().confirm(context, step) is None, "found, and without our mark"
    marked = {**_USER, "externalId": context.mark}
    desk.answers["GET /Users"] = {"totalResults": 4, "Resources": [*others, marked]}
    found = await ScimApplication().confirm(context, step)
    assert found is not None
    assert found.remote_id == "u1"


async def test_what_only_the_schemas_tell_is_respected() -> None:
    """An attribute that is read-only is not sent, one that is never shown is sent once and not compared."""
    attributes = [
        {"name": "userName"},
        {"name": "displayName", "mutability": "readOnly"},
        {"name": "title", "returned": "never"},
        {"name": "name", "subAttributes": [{"name": "givenName", "mutability": "immutable"}]},
    ]
    schemas = {
        "totalResults": 1,
        "Resources": [{"id": "urn:ietf:params:scim:schemas:core:2.0:User", "attributes": attributes}],
    }
    desk = Application({"GET /Schemas": schemas, "GET /Users": empty_list})
    context = desk.context(Known(), job_title="Countess")
    plan = await ScimApplication().plan(context, Desired())
    assert plan.actions[0].params["values"] == {
        "userName": "ada@acme.example",
        "name.givenName": "Ada",
        "title": "Countess",
    }
    desk.answers["GET /Users/u1"] = {**_USER, "name": {"givenName": "Augusta"}}
    again = await ScimApplication().plan(desk.context(job_title="Countess"), Desired())
    assert again.actions[0].kind is ActionKind.NOOP


async def test_a_name_that_is_no_id_may_be_a_bad_request() -> None:
    groups = {"totalResults": 1, "Resources": [_GROUP]}
    desk = Application({"GET /Groups/crew": refuse(400), "GET /Groups": groups, "GET /Users": empty_list})
    plan = await ScimApplication().plan(desk.context(Known()), Desired(fields={"groups": ["crew"]}))
    assert [step.key for step in plan.actions] == ["create", "group:g1"]


async def test_a_conflict_of_a_change_is_not_taken_for_a_taken_name() -> None:
    desk = Application({"GET /Users/u1": _USER, "PATCH /Users/u1": refuse(409)})
    with pytest.raises(Refused) as caught:
        await ScimApplication().apply(desk.context(), action(ActionKind.UPDATE, values={"title": "Countess"}))
    assert caught.value.code is ErrorCode.CONFLICT


async def test_a_web_page_in_place_of_discovery_is_no_discovery() -> None:
    def page(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, html="<!DOCTYPE html>")

    names = ("ServiceProviderConfig", "ResourceTypes", "Schemas")
    desk = Application(
        {**{f"GET /{name}": page for name in names}, "GET /Users": empty_list, "GET /Groups": empty_list}
    )
    plan = await ScimApplication().plan(desk.context(Known()), Desired())
    assert plan.actions[0].params["features"]["patch"] is True


async def test_a_value_that_the_standard_forbids_does_not_leave() -> None:
    desk = Application({})
    values = {"userName": "ada", 'emails[type eq "work"].value': "no address"}
    step = action(ActionKind.CREATE, values=values, password=False, user_name="ada")
    with pytest.raises(Refused) as caught:
        await ScimApplication().apply(desk.context(Known()), step)
    assert caught.value.code is ErrorCode.INVALID_FIELD
    assert not desk.sent


async def test_a_wrong_base_url_is_named_when_the_connection_is_tested() -> None:
    issues = await ScimApplication().validate(Application({}).context())
    assert [issue.field for issue in issues] == ["base_url"]


async def test_a_token_that_may_read_users_alone_is_named() -> None:
    desk = Application({"GET /Users": empty_list, "GET /Groups": refuse(403)})
    issues = await ScimApplication().validate(desk.context())
    assert [issue.field for issue in issues] == ["token"]
