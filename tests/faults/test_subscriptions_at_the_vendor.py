"""Nothing lapses without a word: renewals that Microsoft refuses, subscriptions that it forgot, and what people read then.

Real processes; the hourly sweep is called as the scheduler calls it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.auth.clicking import Person
from tests.auth.test_sign_in import approve
from tests.faults.watched import ADA, Watched, connect_other, forget, watching
from tests.fixtures.engine import OTHER_TENANT, Engine

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
GIL = "admin@globex.example"
RENEWALS = {"method": "PATCH", "path_regex": "/subscriptions/"}


@pytest.fixture(scope="module")
def receiver(engine: Engine) -> Iterator[str]:
    """The api that stays up through these tests, and one worker."""
    engine.sandbox.reset()
    with watching(engine) as url:
        yield url
        engine.stop_workers()


@pytest.fixture
async def acme(engine: Engine, receiver: str) -> Watched:
    """A company that watches its administrator's mailbox."""
    engine.sandbox.reset()
    await forget(engine)
    made = Watched(engine, url=receiver)
    await made.subscribe()
    return made


async def only(company: Watched) -> dict[str, Any]:
    """Its one subscription, as the api shows it."""
    (found,) = await company.items("subscriptions")
    return found


async def becomes(company: Watched, state: str, *, well: bool) -> dict[str, Any]:
    """The subscription once it is in that state, with a problem or without."""

    async def there() -> bool:
        found = await only(company)
        return found["state"] == state and (found["problem"] is None) == well

    await company.until(there)
    return await only(company)


async def ends_at(company: Watched, id: UUID | str) -> datetime:
    (row,) = await company.rows("expires_at", "webhook_subscriptions", id=UUID(str(id)))
    found: datetime = row["expires_at"]
    return found


async def test_the_sweep_renews_what_ends_within_a_day(acme: Watched) -> None:
    made = UUID((await only(acme))["id"])
    await acme.engine.rows(
        "UPDATE api.webhook_subscriptions SET expires_at = now() + interval '23 hours' WHERE id = :id",
        id=made,
    )
    assert (await acme.sweep())["promised"] == 1

    async def moved() -> bool:
        return await ends_at(acme, made) > datetime.now(UTC) + timedelta(days=6)

    await acme.until(moved)
    (renewed,) = acme.engine.sandbox.effects("microsoft", kind="subscription.renew")
    assert renewed["object"] == (await only(acme))["remote_id"]
    assert (await acme.sweep())["promised"] == 0


@pytest.mark.parametrize("kind", ["forbidden", "server_error"])
async def test_a_refused_renewal_says_what_to_do_until_it_is_mended(acme: Watched, kind: str) -> None:
    acme.engine.sandbox.arm("microsoft", kind, match=RENEWALS, times=None)
    made = await only(acme)
    assert (await acme.call("POST", f"subscriptions/{made['id']}/renew")).status_code == 202
    found = await becomes(acme, "failing", well=False)
    assert found["expires_at"] == made["expires_at"], "it goes on until its end"
    problem = found["problem"]
    assert problem["message"]
    assert problem["remedy"]
    assert problem["since"]
    if kind == "forbidden":
        assert problem["code"] == "missing_scope"
        assert "permission" in problem["remedy"].lower() + problem["message"].lower()
        assert problem["remedy"].endswith("Then renew this subscription.")
    health = (await acme.call("GET", "health")).json()
    assert health["subscriptions"] == {"failing": 1}
    (shown,) = health["problems"]
    # The vendor's own words name each try's request.
    assert {**shown["problem"], "vendor_message": None} == {**problem, "vendor_message": None}
    told = await acme.rows("data", "events", type="subscription.problem")
    assert told[-1]["data"]["problem"]["remedy"] == problem["remedy"]
    assert "subscription_step_refused" in acme.engine.workers[-1].log.read_text()
    acme.act("mail", to=ADA, subject=f"Still told of ({kind})")
    await acme.wait_true()
    acme.engine.sandbox.disarm("microsoft")
    # All of it may take less than the second that an end is told in: only a renewal puts this right again.
    await acme.engine.rows("UPDATE api.webhook_subscriptions SET expires_at = expires_at - interval '1 hour'")
    assert (await acme.call("POST", f"subscriptions/{made['id']}/renew")).status_code == 202
    found = await becomes(acme, "active", well=True)
    assert found["expires_at"] >= made["expires_at"]
    assert (await acme.call("GET", "health")).json()["problems"] == []


async def test_a_renewal_that_stays_refused_ends_in_a_lapse_that_is_told_and_then_closed(
    acme: Watched,
) -> None:
    acme.engine.sandbox.arm("microsoft", "forbidden", match={"path_regex": "/subscriptions"}, times=None)
    made = await only(acme)
    await acme.call("POST", f"subscriptions/{made['id']}/renew")
    await becomes(acme, "failing", well=False)
    acme.act("expire_subscriptions")
    acme.act("mail", to=ADA, subject="Nobody could be told", count=2)
    await acme.engine.rows("UPDATE api.webhook_subscriptions SET expires_at = now() - interval '1 minute'")
    await acme.sweep()
    found = await becomes(acme, "lapsed", well=False)
    assert found["problem"]["code"] == "missing_scope", "why it lapsed, rather than that it did"
    lapsed = await acme.wait_closed("lapsed")
    assert lapsed["found"] >= 2, "reading goes on while nothing is told"
    acme.act("mail", to=ADA, subject="Nor of this")
    assert "subscription_lapsed" in acme.engine.workers[-1].log.read_text()
    acme.engine.sandbox.disarm("microsoft")
    await acme.sweep()
    await becomes(acme, "active", well=True)
    await acme.wait_true()
    assert (await acme.wait_closed("removed"))["closed_by"] == "delta"
    assert (await acme.call("GET", "health")).json()["open_gaps"] == 0


async def test_one_that_is_gone_at_its_renewal_is_made_anew(acme: Watched) -> None:
    made = await only(acme)
    acme.act("expire_subscriptions")
    acme.act("mail", to=ADA, subject="Nobody was told")
    await acme.call("POST", f"subscriptions/{made['id']}/renew")
    await acme.wait_true()
    await acme.wait_closed("removed")
    found = await becomes(acme, "active", well=True)
    assert found["remote_id"] != made["remote_id"]


async def test_the_watchdog_finds_what_is_gone_at_the_vendor_and_reads_what_was_missed(acme: Watched) -> None:
    made = await only(acme)
    acme.act("expire_subscriptions")
    acme.act("mail", to=ADA, subject="Nobody was told", count=3)
    assert (await acme.sweep())["tenants"] == 1
    await acme.wait_true()
    assert (await acme.wait_closed("removed"))["closed_by"] == "delta"
    found = await becomes(acme, "active", well=True)
    assert found["remote_id"] != made["remote_id"]
    (there,) = acme.engine.sandbox.state("microsoft")["subscriptions"]
    assert there["id"] == found["remote_id"]
    acme.act("mail", to=ADA, subject="Told again")
    await acme.wait_true()


async def test_users_whose_notifications_were_lost_are_found_by_the_reconcile(acme: Watched) -> None:
    users = await acme.subscribe("users", changes=("updated", "deleted"))
    acme.act("misdeliver", kind="drop", times=50)
    await acme.engine.rows(
        "UPDATE api.webhook_subscriptions SET last_resync_at = now() - interval '7 hours' WHERE id = :id",
        id=users,
    )
    await _change_user(acme)
    assert (await acme.sweep())["reconciled"] == 1
    gap = await acme.wait_closed("reconcile")
    assert (gap["closed_by"], gap["found"]) == ("delta", 1)
    assert await acme.rows("id", "webhook_events", subscription_id=users) == []
    assert (await acme.sweep())["reconciled"] == 0


async def _change_user(company: Watched) -> None:
    """Somebody else changes a title at Microsoft."""
    sandbox = company.engine.sandbox
    async with httpx.AsyncClient(timeout=60) as client:
        answer = await client.patch(
            f"{sandbox.microsoft_url}/v1.0/users/helpdesk@acme.example",
            headers={"Authorization": f"Bearer {sandbox.microsoft_token()}"},
            json={"jobTitle": "Head of the service desk"},
        )
    assert answer.status_code == 204, answer.text


async def test_an_expired_secret_says_so_and_a_reconnect_mends_it(acme: Watched) -> None:
    connection = await connect_other(acme.engine)
    globex = replace(acme, tenant=OTHER_TENANT)
    await globex.subscribe(f"users/{GIL}/messages")
    made = await only(globex)
    sandbox = acme.engine.sandbox
    (directory,) = (
        one["directory_id"]
        for one in sandbox.info()["microsoft"]["tenants"]
        if "globex.example" in one["domains"]
    )
    token = {"path_regex": f"{directory}/oauth2/v2.0/token$"}
    sandbox.arm("microsoft", "expired_token", match=token, times=None)
    # A token that is seconds old would not be asked for anew.
    await acme.engine.rows("UPDATE auth.connection_tokens SET minted_at = minted_at - interval '1 minute'")
    acme.act("expire_access_tokens", tenant="globex.example")
    await globex.call("POST", f"subscriptions/{made['id']}/renew")
    found = await becomes(globex, "failing", well=False)
    assert found["problem"]["code"] == "auth_expired"
    assert "secret" in found["problem"]["message"].lower()
    assert found["problem"]["remedy"].endswith("Then renew this subscription.")
    assert (await only(acme))["problem"] is None, "it is no trouble of the other company's"
    sandbox.disarm("microsoft")
    assert await connect_other(acme.engine, connection) == connection
    await globex.call("POST", f"subscriptions/{made['id']}/renew")
    await becomes(globex, "active", well=True)
    acme.act("mail", to=GIL, subject="Told again")
    await globex.wait_true(GIL)


async def _by_a_person(company: Watched, connection: str) -> None:
    """Reconnect as an administrator does it in a browser: by signing in at Microsoft, with their consent."""
    engine = company.engine
    headers = {"X-Service-Token": engine.keys.service_token("bff")}
    binding = "binding-of-this-browser-0123456789"
    async with httpx.AsyncClient(base_url=f"{engine.auth_url}/auth/internal", timeout=60) as auth:

        async def ask(path: str, **body: Any) -> Any:
            answer = await auth.post(path, headers=headers, json=body)
            assert answer.status_code == 200, answer.text
            return answer.json()

        begun = await ask("/sign-in/start", return_to="/people", binding=binding)
        session = await ask(
            "/sign-in/finish", binding=binding, **approve(begun["authorize_url"], "admin@acme.example")
        )
        token = session["session_token"]
        begun = await ask(
            "/oauth/microsoft/start",
            session_token=token,
            return_to="/admin/connections",
            method="authorization_code",
            connection_id=connection,
        )
        query = Person(ADA).visit(begun["authorize_url"])
        outcome = await ask("/oauth/microsoft/finish", session_token=token, query=query)
    assert outcome["connection_id"] == connection, outcome


async def test_a_persons_consent_watches_their_own_mailbox_and_says_so_of_any_other(acme: Watched) -> None:
    """Last of all: from here on the company is connected by its administrator's consent."""
    (row,) = await acme.engine.rows(
        "SELECT id FROM auth.connections WHERE tenant_id = :tenant AND vendor = 'microsoft'",
        tenant=acme.tenant,
    )
    await _by_a_person(acme, str(row["id"]))
    # Made by the app itself, which a person's consent does not see: it is made anew.
    made = await only(acme)

    async def by_the_person() -> bool:
        # The worker may still hold the app's token for some seconds.
        await acme.call("POST", f"subscriptions/{made['id']}/renew")
        await asyncio.sleep(0.5)
        found = await only(acme)
        return found["remote_id"] not in {None, made["remote_id"]} and found["problem"] is None

    await acme.until(by_the_person)
    acme.act("mail", to=ADA, subject="For Ada", count=2)
    await acme.wait_true()
    answer = await acme.call(
        "POST",
        "subscriptions",
        {"resource": "users/helpdesk@acme.example/messages", "change_types": ["created"]},
    )
    other = answer.json()["id"]

    async def refused() -> bool:
        return (await acme.call("GET", f"subscriptions/{other}")).json()["problem"] is not None

    await acme.until(refused)
    found = (await acme.call("GET", f"subscriptions/{other}")).json()
    assert (found["state"], found["problem"]["code"]) == ("lapsed", "missing_scope")
    assert "that person's own mailbox alone" in found["problem"]["remedy"]
    acme.act("mail", to="helpdesk@acme.example", subject="Not for Ada")
    acme.act("mail", to=ADA, subject="Still for Ada")
    await acme.wait_true()
    people = (await acme.items("subscriptions"))[-1]
    assert people["state"] == "active", "one that is refused stops no other"
