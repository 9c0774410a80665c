"""By a person's consent: their own mailbox and no other, whoever they are, and only what they consented to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.fixtures.sandbox import Sandbox
from tests.sandbox.notified import Receiver, eventually, listening, subscribe, wish
from tests.sandbox.test_microsoft_consent import ask, redeem
from tests.sandbox.test_microsoft_users import error

HAL, ADA = "helpdesk@acme.example", "admin@acme.example"


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with listening() as receiver:
        yield receiver


async def signed_in(
    sandbox: Sandbox, raw: httpx.AsyncClient, scope: str, person: str = "helpdesk"
) -> httpx.AsyncClient:
    """Graph with the token of somebody who consented to this."""
    app = sandbox.info()["microsoft"]["oauth"]
    page = await (await ask(raw, app, scope=scope)).click(f"person-{person}-acme-example")
    code = (await page.click("consent-allow")).came_back["code"]
    access = (await redeem(raw, app, code)).json()["access_token"]
    return httpx.AsyncClient(
        base_url=f"{sandbox.microsoft_url}/v1.0/",
        headers={"authorization": f"Bearer {access}", "prefer": 'IdType="ImmutableId"'},
        timeout=60,
    )


async def test_somebody_reads_and_watches_their_own_mailbox_alone(
    sandbox: Sandbox, raw: httpx.AsyncClient, graph: httpx.AsyncClient, receiver: Receiver
) -> None:
    async with await signed_in(sandbox, raw, "User.Read Mail.Read") as hal:
        mine = sandbox.act("microsoft", "mail", to=HAL, subject="For Hal")["messages"][0]
        theirs = sandbox.act("microsoft", "mail", to=ADA, subject="For Ada")["messages"][0]
        for path in (f"me/messages/{mine['id']}", f"users/{HAL}/messages/{mine['id']}"):
            assert (await hal.get(path)).json()["subject"] == "For Hal"
        page = (await hal.get("me/mailFolders('inbox')/messages/delta")).json()
        assert [one["subject"] for one in page["value"]] == ["For Hal"]
        assert (await hal.get(page["@odata.deltaLink"])).json()["value"] == []
        assert error(await hal.get(f"users/{ADA}/messages/{theirs['id']}"))[0] == 403
        assert error(await hal.get(f"me/messages/{theirs['id']}"))[0] == 404
        other = await hal.post("subscriptions", json=wish(receiver.url))
        assert error(other)[0] == 403
        assert receiver.tokens == []

        made = await subscribe(hal, receiver.url, resource="me/messages")
        assert made["creatorId"] == sandbox.user("microsoft", HAL)["id"]
        await subscribe(hal, receiver.url, resource=f"users/{HAL}/mailFolders('archive')/messages")
        sandbox.act("microsoft", "mail", to=ADA, subject="Not told")
        told = sandbox.act("microsoft", "mail", to=HAL, subject="Told")["messages"][0]
        await eventually(lambda: len(receiver.items) == 1)
        assert receiver.items[0]["resourceData"]["id"] == told["immutable_id"]
        assert (await hal.get(receiver.items[0]["resource"])).json()["subject"] == "Told"

        await subscribe(graph, receiver.url)
        assert len((await hal.get("subscriptions")).json()["value"]) == 2
        assert len((await graph.get("subscriptions")).json()["value"]) == 1, "another app's"
        assert (await hal.delete(f"subscriptions/{made['id']}")).status_code == 204


async def test_two_people_of_one_app_have_each_their_subscriptions(
    sandbox: Sandbox, raw: httpx.AsyncClient, receiver: Receiver
) -> None:
    async with (
        await signed_in(sandbox, raw, "Mail.Read") as hal,
        await signed_in(sandbox, raw, "Mail.Read", "auditor") as audrey,
    ):
        made = await subscribe(hal, receiver.url, resource="me/messages")
        await subscribe(audrey, receiver.url, resource="me/messages")
        assert [one["id"] for one in (await hal.get("subscriptions")).json()["value"]] == [made["id"]]
        assert error(await audrey.delete(f"subscriptions/{made['id']}"))[0] == 404


async def test_what_was_not_consented_to_and_what_is_nobodys_own_is_refused(
    sandbox: Sandbox, raw: httpx.AsyncClient, graph: httpx.AsyncClient, receiver: Receiver
) -> None:
    async with await signed_in(sandbox, raw, "User.Read Calendars.Read") as hal:
        mail = sandbox.act("microsoft", "mail", to=HAL)["messages"][0]
        assert error(await hal.get(f"me/messages/{mail['id']}"))[0] == 403
        refused = await hal.post("subscriptions", json=wish(receiver.url, resource="me/messages"))
        assert error(refused)[0] == 403
    answer = await graph.get(f"me/messages/{mail['id']}")
    assert error(answer)[0] == 400
    assert "delegated authentication flow" in error(answer)[2]
