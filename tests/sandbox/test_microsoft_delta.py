"""Delta queries: pages, what changed since, and places that Graph has forgotten."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.test_microsoft_users import NEW, error

ADA = "admin@acme.example"
INBOX = f"users/{ADA}/mailFolders/inbox/messages/delta"


async def read_round(graph: httpx.AsyncClient, at: str) -> tuple[list[dict[str, Any]], str, int]:
    """Every object of a round, the link to the next one, and how many pages there were."""
    items, pages = [], 0
    while True:
        reply = await graph.get(at)
        assert reply.status_code == 200, reply.text
        body, pages = reply.json(), pages + 1
        items += body["value"]
        if "@odata.deltaLink" in body:
            return items, body["@odata.deltaLink"], pages
        at = body["@odata.nextLink"]


async def test_mail_comes_in_pages_and_later_only_what_changed(
    graph: httpx.AsyncClient, sandbox: Sandbox
) -> None:
    sandbox.configure("microsoft", modes={"delta_page": "2"})
    mails = sandbox.act("microsoft", "mail", to=ADA, subject="Bill", count=5)["messages"]
    items, link, pages = await read_round(graph, f"{INBOX}?$select=subject,receivedDateTime")
    assert ([one["subject"] for one in items], pages) == ([f"Bill {n}" for n in range(1, 6)], 3)
    assert "bodyPreview" not in items[0]
    assert (await read_round(graph, link))[0] == []
    sandbox.act("microsoft", "change_mail", to=ADA, id=mails[0]["id"], fields={"subject": "Paid"})
    sandbox.act("microsoft", "change_mail", to=ADA, id=mails[1]["id"], folder="archive")
    sandbox.act("microsoft", "delete_mail", to=ADA, id=mails[2]["id"])
    new = sandbox.act("microsoft", "mail", to=ADA, subject="New")["messages"][0]
    for _ in range(2):  # the same link may be used again
        items, _, _ = await read_round(graph, link)
        removed = {one["id"] for one in items if "@removed" in one}
        assert removed == {mails[1]["id"], mails[2]["id"]}
        subjects = {one["id"]: one["subject"] for one in items if "@removed" not in one}
        assert subjects == {mails[0]["id"]: "Paid", new["id"]: "New"}


async def test_a_round_of_mail_may_begin_at_a_moment(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    sandbox.act("microsoft", "mail", to=ADA, subject="Old", received="2020-01-01T00:00:00Z")
    sandbox.act("microsoft", "mail", to=ADA, subject="Recent")
    path = f"users/{ADA}/mailFolders('inbox')/messages/delta"
    items, _, _ = await read_round(graph, f"{path}?$filter=receivedDateTime+ge+2021-01-01T00:00:00Z")
    assert [one["subject"] for one in items] == ["Recent"]
    other = await graph.get(f"{INBOX}?$filter=isRead+eq+false")
    assert error(other)[:2] == (400, "ErrorInvalidUrlQueryFilter")


@pytest.mark.parametrize(("path", "code"), [(INBOX, "SyncStateNotFound"), ("users/delta", "resyncRequired")])
async def test_a_forgotten_place_is_410_and_tells_where_to_begin_anew(
    graph: httpx.AsyncClient, sandbox: Sandbox, path: str, code: str
) -> None:
    sandbox.act("microsoft", "mail", to=ADA, subject="Still there")
    before, link, _ = await read_round(graph, path)
    sandbox.act("microsoft", "forget_delta", tenant="acme.example")
    lost = await graph.get(link)
    assert error(lost)[:2] == (410, code)
    again, _, _ = await read_round(graph, lost.headers["location"])
    assert again == before
    assert error(await graph.get(f"{path}?$deltatoken=nonsense"))[0] == 400
    assert error(await graph.get(f"{link}&$select=id"))[0] == 400
    assert (await read_round(graph, f"{path}?$deltaToken=latest"))[0] == []


async def test_users_and_groups_tell_what_became_of_them(graph: httpx.AsyncClient, sandbox: Sandbox) -> None:
    everybody, link, _ = await read_round(graph, "users/delta?$select=displayName")
    assert len(everybody) == len(sandbox.state("microsoft", tenant="acme.example")["users"])
    made = (await graph.post("users", json=NEW)).json()["id"]
    items, link, _ = await read_round(graph, link)
    assert items == [{"displayName": "New Hire", "id": made}]
    await graph.delete(f"users/{made}")
    items, _, _ = await read_round(graph, link)
    assert items == [{"id": made, "@removed": {"reason": "changed"}}]
    await graph.delete(f"directory/deletedItems/{made}")
    items, _, _ = await read_round(graph, link)
    assert items == [{"id": made, "@removed": {"reason": "deleted"}}]
    _, link, _ = await read_round(graph, "groups/delta")
    group = {"displayName": "Guild", "mailEnabled": False, "mailNickname": "guild", "securityEnabled": True}
    created = (await graph.post("groups", json=group)).json()
    assert [one["id"] for one in (await read_round(graph, link))[0]] == [created["id"]]
