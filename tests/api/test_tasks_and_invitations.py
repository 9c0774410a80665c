"""Invitations and tasks for people, over HTTP: who may do what, and what is answered when it is not their time."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from services.shared.kit.ids import uuid7
from tests.api.club import Clubhouse, action, clubhouse, only_the_club, yard

__all__ = ["clubhouse", "only_the_club", "yard"]


async def test_a_task_says_what_to_do_and_whose_it_is(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(card=True)
    assert made["state"] == "running"
    assert made["results"][0]["state"] == made["waits_for"] == "awaiting_person"
    card = action(made, "card")
    assert card["state"] == "awaiting_person"
    assert card["task"] == {
        "instructions": ["Go to the desk.", "Make a card for Jo Joiner."],
        "link": "https://club.example/desk",
        "assignee": {"id": str(clubhouse.ada), "name": "Ada Admin"},
        "said_done": None,
        "checking": False,
    }
    invite = action(made, "invite")
    assert invite["task"] is None
    assert invite["expires_at"] == made["results"][0]["expires_at"] is not None
    assert invite["next_look_at"] is not None
    assert invite["sent_at"] is not None


async def test_said_done_twice_is_done_once(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(invite=False, card=True, shelf=True)
    address = made["employee"]["work_email"]
    clubhouse.yard.club.give_card(address)
    for body in ({"note": "  No. 7\nblue  "}, None):
        answer = await clubhouse.act(made, "card", "done", body)
        assert answer.status_code == 202, answer.text
        card = action(answer.json(), "card")
        assert (card["state"], card["task"]["checking"]) == ("awaiting_person", True)
        assert card["task"]["said_done"]["note"] == "No. 7\nblue"
        assert card["task"]["said_done"]["by"] == {"id": str(clubhouse.ada), "name": "Ada Admin"}
    await clubhouse.yard.work()
    answer = await clubhouse.act(made, "card", "done")
    assert (answer.status_code, answer.json()["state"]) == (202, "completed")
    assert clubhouse.yard.club.effects == [("shelf", address)]
    audit = (await clubhouse.client().get("/api/audit?action=task.")).json()
    assert [item["action"] for item in audit["items"]] == ["task.said_done"]


async def test_what_is_not_shown_comes_back_with_its_note(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(invite=False, card=True)
    await clubhouse.act(made, "card", "done")
    await clubhouse.yard.work()
    card = action(await clubhouse.read(made["id"]), "card")
    assert (card["state"], card["note"]) == ("awaiting_person", "The Club does not show it yet.")
    assert card["task"]["checking"] is False
    assert card["task"]["said_done"] is not None


@pytest.mark.parametrize(
    ("key", "verb", "body", "code"),
    [
        ("card", "resend", None, "not_awaiting_acceptance"),
        ("card", "look", None, "not_awaiting_acceptance"),
        ("locker", "resend", None, "not_awaiting_acceptance"),
        ("invite", "done", None, "not_awaiting_person"),
        ("locker", "done", {}, "not_awaiting_person"),
        ("invite", "assign", {"assignee": "me"}, "not_awaiting_person"),
        ("card", "retry", None, "nothing_to_retry"),
        ("invite", "retry", None, "nothing_to_retry"),
    ],
)
async def test_at_the_wrong_time_it_is_a_409_with_a_code(
    clubhouse: Clubhouse, key: str, verb: str, body: Any, code: str
) -> None:
    made = await clubhouse.request(card=True, locker=True)
    answer = await clubhouse.act(made, key, verb, body)
    assert (answer.status_code, answer.json()["code"]) == (409, code), answer.text
    assert (await clubhouse.read(made["id"]))["results"] == made["results"]


async def test_after_a_cancel_nothing_can_be_done_and_nothing_is_lost(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(card=True)
    cancelled = await clubhouse.client().post(f"/api/requests/{made['id']}/cancel")
    assert cancelled.json()["state"] == "cancelled"
    for key, verb, body in (
        ("card", "done", None),
        ("card", "assign", {"assignee": None}),
        ("invite", "resend", None),
    ):
        assert (await clubhouse.act(made, key, verb, body)).status_code == 409
    assert (await clubhouse.client().post(f"/api/requests/{made['id']}/retry")).status_code == 202
    await clubhouse.yard.work()
    again = await clubhouse.read(made["id"])
    assert [item["state"] for item in again["results"][0]["actions"]] == [
        "awaiting_acceptance",
        "awaiting_person",
    ]
    assert clubhouse.yard.club.count("invite", made["employee"]["work_email"]) == 1


async def test_somebody_who_cannot_wait_has_the_vendor_asked_now(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request()
    clubhouse.yard.club.accept(made["employee"]["work_email"])
    await clubhouse.yard.work()
    assert action(await clubhouse.read(made["id"]), "invite")["state"] == "awaiting_acceptance"
    answer = await clubhouse.act(made, "invite", "look", role="helpdesk")
    assert answer.status_code == 202, answer.text
    await clubhouse.yard.work()
    assert action(await clubhouse.read(made["id"]), "invite")["state"] == "done"


async def test_sending_again_moves_the_expiry(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request()
    answer = await clubhouse.act(made, "invite", "resend", role="helpdesk")
    assert answer.status_code == 202
    assert action(answer.json(), "invite")["state"] == "pending"
    await clubhouse.yard.work()
    again = action(await clubhouse.read(made["id"]), "invite")
    assert again["state"] == "awaiting_acceptance"
    assert again["expires_at"] > action(made, "invite")["expires_at"]
    assert again["sent_at"] > action(made, "invite")["sent_at"]
    audit = (await clubhouse.client().get("/api/audit?action=invitation.")).json()["items"]
    assert [item["action"] for item in audit] == ["invitation.resent"]


async def test_a_task_goes_to_an_operator_of_this_tenant(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(invite=False, card=True)
    tenant, bea, carl = str(clubhouse.yard.tenant), str(uuid7()), str(uuid7())
    clubhouse.api.auth.operators = {
        (tenant, "bea@acme.example"): {"operator_id": bea, "name": "Bea", "role": "helpdesk"},
        (tenant, "carl@acme.example"): {"operator_id": carl, "name": "Carl", "role": "auditor"},
        ("other", "gil@globex.example"): {"operator_id": carl, "name": "Gil", "role": "admin"},
    }

    async def assign(to: Any, **who: Any) -> Any:
        return await clubhouse.act(made, "card", "assign", {"assignee": to}, **who)

    answer = await assign(" bea@ACME.example")
    assert answer.status_code == 200, answer.text
    assert action(answer.json(), "card")["task"]["assignee"] == {"id": bea, "name": "Bea"}
    for to, code in (
        ("carl@acme.example", "may_only_read"),
        ("gil@globex.example", "unknown_operator"),
        ("nobody@acme.example", "unknown_operator"),
    ):
        answer = await assign(to)
        assert answer.status_code == 422
        (error,) = answer.json()["errors"]
        assert (error["field"], error["code"]) == ("assignee", code)
    for wrong in ("", "x", 7, ["me"], "a\0@b.example", "x" * 400):
        answer = await assign(wrong)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "assignee"), wrong
    assert (await clubhouse.act(made, "card", "assign", {})).status_code == 422
    dora = uuid7()
    answer = await assign("Me", operator_id=dora, name="Dora", role="helpdesk")
    assert action(answer.json(), "card")["task"]["assignee"] == {"id": str(dora), "name": "Dora"}
    assert action((await assign(None)).json(), "card")["task"]["assignee"] is None
    program = await assign("me", sub="api_key:k1")
    assert program.status_code == 422
    clubhouse.api.auth.away = True
    assert (await assign("bea@acme.example")).status_code == 503


async def test_who_may_only_read_changes_nothing(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(card=True)
    for key, verb, body in (
        ("card", "done", None),
        ("card", "assign", {"assignee": "me"}),
        ("invite", "resend", None),
    ):
        assert (await clubhouse.act(made, key, verb, body, role="auditor")).status_code == 403
        assert (await clubhouse.act(made, key, verb, body, tenant=uuid4())).status_code == 404
    assert (await clubhouse.read(made["id"]))["results"] == made["results"]


async def test_a_note_that_cannot_be_stored_is_refused(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(invite=False, card=True)
    for note in ("x" * 2001, "a\0b", 7):
        answer = await clubhouse.act(made, "card", "done", {"note": note})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "note")


async def test_it_is_found_and_counted_by_whom_it_waits_for(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(card=True)

    async def found(whom: str, **who: Any) -> list[str]:
        page = (await clubhouse.client(**who).get(f"/api/requests?waiting_for={whom}")).json()
        return [item["id"] for item in page["items"]]

    mine = [made["id"]]
    assert (await found("me"), await found("person"), await found("invited")) == (mine, mine, mine)
    assert (await found("nobody"), await found("me", operator_id=uuid7())) == ([], [])
    assert await found("person", tenant=uuid4()) == []
    assert (await clubhouse.client().get("/api/requests?waiting_for=godot")).status_code == 422
    overview = (await clubhouse.client().get("/api/overview")).json()
    assert overview["waiting_for"] == {
        "mine": 1,
        "tasks": [{"assignee": {"id": str(clubhouse.ada), "name": "Ada Admin"}, "tasks": 1}],
        "invitations": 1,
    }
    assert [item["id"] for item in overview["waiting"]] == mine
    others = (await clubhouse.client(operator_id=uuid7()).get("/api/overview")).json()["waiting_for"]
    assert (others["mine"], others["tasks"][0]["tasks"]) == (0, 1)
    nobody = (await clubhouse.client(tenant=uuid4()).get("/api/overview")).json()["waiting_for"]
    assert nobody == {"mine": 0, "tasks": [], "invitations": 0}


async def test_live_pages_are_told(clubhouse: Clubhouse) -> None:
    made = await clubhouse.request(invite=False, card=True)
    told = f"SELECT data ->> 'state' FROM api.events WHERE subject_id = '{made['id']}' AND type = 'action.changed'"
    before = len(clubhouse.yard.database.psql(told).splitlines())
    await clubhouse.act(made, "card", "assign", {"assignee": None})
    await clubhouse.act(made, "card", "done")
    await clubhouse.yard.work()
    assert clubhouse.yard.database.psql(told).splitlines()[before:] == ["awaiting_person"] * 3
