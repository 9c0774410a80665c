"""Slack's oddities about accounts, met in the sandbox."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.shared.providers.slack.accounts import ENTERPRISE
from services.shared.providers.slack.names import user_names
from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan, wish
from tests.providers.slack.harness import SlackHarness


def person(slack: SlackHarness, **changes: Any) -> None:
    slack.joiner = slack.joiner.model_copy(update=changes)


def modes(slack: SlackHarness, **modes: str) -> None:
    slack.sandbox.configure("slack", modes=modes)


async def plan(slack: SlackHarness, books: Books, **fields: Any) -> Plan:
    return await make_plan(slack, books, Desired(fields=fields))


def kinds(made: Plan) -> list[ActionKind]:
    return [action.kind for action in made.actions]


async def test_a_new_account_is_as_planned(slack: SlackHarness, books: Books) -> None:
    person(slack, external_id="E-1017")
    await carry_out(slack, books, await plan(slack, books, timezone="Europe/Berlin"))
    account = slack.account() or {}
    assert account["user_name"] == "grace.hopper"
    assert account["name"] == {"givenName": "Grace Brewster", "familyName": "Hopper"}
    assert account["external_id"] == str(slack.joiner.employee_id)
    assert account["fields"]["displayName"] == "Grace Brewster Hopper"
    assert account["fields"]["title"] == "Compiler Engineer"
    assert account["fields"]["timezone"] == "Europe/Berlin"
    assert account["fields"]["enterprise"] == {"department": "Engineering", "employeeNumber": "E-1017"}
    assert books.known.login == slack.joiner.work_email
    assert books.known.remote_id == account["id"]


@pytest.mark.parametrize(
    ("work_email", "full_name", "expected"),
    [
        ("tomáš.novák@acme.example", "Tomáš Novák", "tomas.novak"),
        ("maximilian.von-und-zu-liechtenstein@acme.example", "Max L", "maximilian.von-und-zu"),
        ("o'brien+slack@acme.example", "Ann O'Brien", "o_brien_slack"),
        ("_._@acme.example", "Li", "li.li"),
    ],
)
def test_user_names_are_made_of_what_slack_takes(
    slack: SlackHarness, work_email: str, full_name: str, expected: str
) -> None:
    person(slack, work_email=work_email, full_name=full_name)
    names = user_names(slack.joiner)
    assert names[0] == expected
    assert names == user_names(slack.joiner)
    assert len(set(names)) == len(names) > 1
    assert all(len(name) <= 21 for name in names)


@pytest.mark.parametrize("mode", ["cut", "refuse"])
async def test_a_long_name_is_cut_before_slack_does_it(slack: SlackHarness, books: Books, mode: str) -> None:
    modes(slack, long_usernames=mode)
    person(slack, work_email="maximilian.von-und-zu-liechtenstein@acme.example")
    await carry_out(slack, books, await plan(slack, books))
    assert (slack.account() or {})["user_name"] == "maximilian.von-und-zu"


async def test_a_user_name_that_a_channel_or_person_has_is_stepped_over(
    slack: SlackHarness, books: Books
) -> None:
    slack.sandbox.act("slack", "create_channel", name="grace.hopper")
    slack.sandbox.act("slack", "create_channel", name="ghopper")
    await carry_out(slack, books, await plan(slack, books))
    assert (slack.account() or {})["user_name"] not in {"grace.hopper", "ghopper"}
    assert await slack.count_accounts() == 1


async def test_a_lost_reply_under_another_name_is_found_by_the_address(
    slack: SlackHarness, books: Books
) -> None:
    slack.sandbox.act("slack", "create_channel", name="grace.hopper")
    made = await plan(slack, books)
    slack.sandbox.arm("slack", "commit_then_status", match={"method": "POST"})
    with pytest.raises(Transient):
        await slack.provider.apply(slack.context(books.known), made.actions[0])
    outcome = await slack.provider.apply(slack.context(books.known), made.actions[0])
    assert outcome.remote_id == (slack.account() or {})["id"]
    assert len(await slack.effects()) == 1


async def test_when_every_name_is_taken_a_person_is_asked(slack: SlackHarness, books: Books) -> None:
    for name in user_names(slack.joiner):
        slack.sandbox.act("slack", "create_channel", name=name)
    made = await plan(slack, books)
    with pytest.raises(ActionRequired, match="user name") as caught:
        await act(slack, books, made.actions[0])
    assert caught.value.code is ErrorCode.CONFLICT


@pytest.mark.parametrize("filters", ["on", "off", "ignored"])
@pytest.mark.parametrize("scopes", ["all", "admin"])
@pytest.mark.parametrize("enabled", [True, False])
async def test_an_account_is_found_with_filters_without_and_by_reading_everybody(
    slack: SlackHarness, books: Books, filters: str, scopes: str, *, enabled: bool
) -> None:
    """The Web API does not find deactivated people, and an ignored filter lists everybody."""
    for number in range(12):
        slack.sandbox.add_user("slack", f"filler{number}@acme.example")
    slack.sandbox.add_user("slack", slack.joiner.work_email, enabled=enabled)
    modes(slack, filters=filters, scopes=scopes, count="refuse")
    made = await plan(slack, books)
    assert [choice.code for choice in made.choices] == ["existing_account"]
    person(slack, work_email="nobody.yet@acme.example")
    assert kinds(await plan(slack, books))[0] is ActionKind.CREATE


async def test_the_second_address_of_somebody_is_no_account_to_adopt(
    slack: SlackHarness, books: Books
) -> None:
    slack.sandbox.add_user("slack", "other@acme.example", aliases=[slack.joiner.work_email])
    with pytest.raises(Refused) as caught:
        await make_plan(slack, books, wish(slack, existing_account="adopt"))
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
    assert "other@acme.example" in str(caught.value)
    leaving = await make_plan(slack, books, Desired(presence="suspended", existing_account="adopt"))
    assert is_settled(leaving)


async def test_adopting_keeps_the_external_id_of_another_system(slack: SlackHarness, books: Books) -> None:
    """An identity provider finds its accounts by externalId: ours would take them from it."""
    address = slack.joiner.work_email
    slack.sandbox.add_user("slack", address, fields={"externalId": "00uIdp"})
    made = await make_plan(slack, books, Desired(existing_account="adopt"))
    assert "kept_external_id" in {notice.code for notice in made.notices}
    await carry_out(slack, books, made)
    assert (slack.account() or {})["external_id"] == "00uIdp"
    assert books.known.adopted
    assert is_settled(await plan(slack, books))


async def test_adopting_writes_our_mark_where_there_is_none(slack: SlackHarness, books: Books) -> None:
    await slack.add_foreign_account()
    made = await make_plan(slack, books, Desired(existing_account="adopt"))
    await carry_out(slack, books, made)
    assert (slack.account() or {})["external_id"] == str(slack.joiner.employee_id)
    assert await slack.provider.confirm(slack.context(books.known, reading=True), made.actions[0])


async def test_the_display_name_is_the_persons_own(slack: SlackHarness, books: Books) -> None:
    await carry_out(slack, books, await plan(slack, books))
    slack.sandbox.act("slack", "rename", user=slack.joiner.work_email, display_name="Amazing Grace")
    assert is_settled(await plan(slack, books))
    person(slack, full_name="Grace Murray", job_title="Rear Admiral")
    made = await plan(slack, books)
    assert made.actions[0].after == {
        "given_name": "Grace",
        "family_name": "Murray",
        "title": "Rear Admiral",
    }
    await carry_out(slack, books, made)
    fields = (slack.account() or {})["fields"]
    assert (fields["displayName"], fields["title"]) == ("Amazing Grace", "Rear Admiral")
    assert is_settled(await plan(slack, books))


async def test_a_department_that_changed_is_written_into_the_extension(
    slack: SlackHarness, books: Books
) -> None:
    await carry_out(slack, books, await plan(slack, books))
    person(slack, department="Navy")
    await carry_out(slack, books, await plan(slack, books))
    assert (slack.account() or {})["fields"]["enterprise"] == {"department": "Navy"}
    sent = [one for one in slack.sandbox.requests("slack", method="PATCH") if "/Users/" in one["path"]]
    assert len(sent) == 1
    assert ENTERPRISE.endswith("2.0:User")


async def test_a_guest_has_a_last_day_and_no_groups(slack: SlackHarness, books: Books) -> None:
    guest = {"role": "guest", "guest_expires_on": "2027-01-31", "channels": ["engineering"]}
    await carry_out(slack, books, await plan(slack, books, **guest))
    account = slack.account() or {}
    assert account["guest"] == {"type": "multi", "expiration": "2027-01-31T23:59:59Z"}
    assert account["groups"] == ["#engineering"]
    assert is_settled(await plan(slack, books, **guest))
    longer = {**guest, "guest_expires_on": date(2027, 2, 28)}
    made = await plan(slack, books, **longer)
    assert [one.after for one in made.actions] == [{"guest_until": "2027-02-28"}]
    await carry_out(slack, books, made)
    without = {**guest, "guest_expires_on": None}
    await carry_out(slack, books, await plan(slack, books, **without))
    assert (slack.account() or {})["guest"]["expiration"] is None
    assert is_settled(await plan(slack, books, **without))


async def test_guest_and_member_are_turned_into_each_other(slack: SlackHarness, books: Books) -> None:
    await carry_out(slack, books, await plan(slack, books, groups=["IT"]))
    made = await plan(slack, books, role="guest")
    assert made.actions[0].title == "Make the account a guest's"
    await carry_out(slack, books, made)
    assert (slack.account() or {})["guest"] is not None
    assert is_settled(await plan(slack, books, role="guest"))
    back = await plan(slack, books, role="member", groups=["IT"])
    assert back.actions[1].depends_on == ("update",)
    await carry_out(slack, books, back)
    account = slack.account() or {}
    assert (account["guest"], account["groups"]) == (None, ["IT"])


async def test_an_adopted_guest_stays_one_unless_the_wish_says_otherwise(
    slack: SlackHarness, books: Books
) -> None:
    other = Books()
    await carry_out(slack, other, await plan(slack, other, role="guest"))
    account_id = (slack.account() or {})["id"]
    books.known = books.known.model_copy(update={"remote_id": account_id, "adopted": True})
    made = await plan(slack, books)
    assert is_settled(made)
    assert [notice.code for notice in made.notices] == ["kept_guest"]
    with pytest.raises(Refused, match="guest") as caught:
        await plan(slack, books, groups=["IT"])
    assert caught.value.field == "groups"


async def test_an_owner_is_nobody_to_change(slack: SlackHarness, books: Books) -> None:
    person(slack, work_email="admin@acme.example")
    made = await make_plan(slack, books, Desired(existing_account="adopt"))
    with pytest.raises(ActionRequired, match="owner") as caught:
        await act(slack, books, made.actions[0])
    assert caught.value.code is ErrorCode.CONFLICT


async def test_success_is_success_with_either_code(slack: SlackHarness, books: Books) -> None:
    modes(slack, create_status="200")
    await carry_out(slack, books, await plan(slack, books))
    assert is_settled(await plan(slack, books))


async def test_a_locked_account_is_tried_again_when_slack_says(slack: SlackHarness, books: Books) -> None:
    await carry_out(slack, books, await plan(slack, books))
    person(slack, full_name="Grace Murray")
    made = await plan(slack, books)
    slack.sandbox.act("slack", "hold", object=slack.joiner.work_email)
    with pytest.raises(Transient) as caught:
        await act(slack, books, made.actions[0])
    assert (caught.value.code, caught.value.retry_after) == (ErrorCode.RATE_LIMITED, 1)
    slack.sandbox.act("slack", "release", object=slack.joiner.work_email)
    await act(slack, books, made.actions[0])


async def test_the_older_error_envelope_is_understood(slack: SlackHarness, books: Books) -> None:
    modes(slack, errors="old")
    made = await plan(slack, books)
    await slack.add_foreign_account()
    with pytest.raises(ActionRequired) as caught:
        await act(slack, books, made.actions[0])
    assert caught.value.code is ErrorCode.ALREADY_EXISTS
