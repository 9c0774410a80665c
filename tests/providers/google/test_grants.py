"""Licences and groups: one SKU of a product, every rule a 412 told apart by its message."""

from __future__ import annotations

import httpx
import pytest

from services.shared.sdk.contract import Desired, Plan
from services.shared.sdk.errors import ActionRequired, ErrorCode, PlanStale, Refused, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite import Books, Fault, FaultKind
from services.shared.sdk.suite.driver import act, carry_out, is_settled, make_plan
from tests.providers.google.harness import STANDARD, STARTER, VOICE, GoogleHarness

IDENTITY = "101001/1010010001"
LICENSING = "/apps/licensing/v1/product"


async def plan(google: GoogleHarness, books: Books, *skus: str, groups: tuple[str, ...] = ()) -> Plan:
    fields = {"license_skus": list(skus), "groups": list(groups)}
    return await make_plan(google, books, Desired(fields=fields))


async def hire(google: GoogleHarness, books: Books, *skus: str) -> None:
    await carry_out(google, books, await plan(google, books, *skus))


async def give(google: GoogleHarness, sku: str) -> None:
    """Somebody else assigns a licence."""
    product, _, sku_id = sku.partition("/")
    before = google._ledger()
    url = f"{google.sandbox.google_url}{LICENSING}/{product}/sku/{sku_id}/user"
    (await google.http.post(url, json={"userId": google.joiner.work_email})).raise_for_status()
    google.note_gifts(before)


def licences(google: GoogleHarness) -> list[str]:
    return list((google.account() or {})["licenses"])


async def test_switching_an_edition_is_one_action_that_never_leaves_the_person_without(
    google: GoogleHarness, books: Books
) -> None:
    await hire(google, books, STARTER)
    made = await plan(google, books, STANDARD)
    assert [(one.kind, one.before, one.after) for one in made.actions] == [
        (
            ActionKind.ASSIGN_LICENSE,
            {"license": "Google Workspace Business Starter"},
            {"license": "Google Workspace Business Standard"},
        )
    ]
    assert not made.notices
    outcome = await act(google, books, made.actions[0])
    assert [one.key for one in outcome.given + outcome.taken] == [STANDARD, STARTER]
    assert licences(google) == [STANDARD]
    assert [one.kind for one in await google.effects()][-1] == "license.change"
    assert [one.key for one in books.known.grants] == [STANDARD]
    again = await act(google, books, made.actions[0])
    assert again == outcome
    assert is_settled(await plan(google, books, STANDARD))


async def test_a_switch_whose_old_edition_is_gone_is_planned_again(
    google: GoogleHarness, books: Books
) -> None:
    await hire(google, books, STARTER)
    made = await plan(google, books, STANDARD)
    address = google.joiner.work_email
    url = f"{google.sandbox.google_url}{LICENSING}/Google-Apps/sku/1010020027/user/{address}"
    (await google.http.delete(url)).raise_for_status()
    with pytest.raises(PlanStale):
        await act(google, books, made.actions[0])


async def test_replacing_what_others_gave_is_said(google: GoogleHarness, books: Books) -> None:
    await hire(google, books)
    await give(google, STARTER)
    made = await plan(google, books, STANDARD)
    assert [one.code for one in made.notices] == ["replaced_license"]
    await carry_out(google, books, made)
    assert licences(google) == [STANDARD]


async def test_an_edition_that_google_assigned_meanwhile_is_switched(
    google: GoogleHarness, books: Books
) -> None:
    """Google may assign a default edition when the account is made: 412, a different SKU."""
    made = await plan(google, books, STANDARD)
    await act(google, books, made.actions[0])
    await give(google, STARTER)
    outcome = await act(google, books, made.actions[1])
    assert [one.key for one in outcome.taken] == [STARTER]
    assert licences(google) == [STANDARD]


async def test_a_licence_that_is_there_is_done_and_not_given_by_us_when_planned_again(
    google: GoogleHarness, books: Books
) -> None:
    await hire(google, books)
    await give(google, STANDARD)
    assert is_settled(await plan(google, books, STANDARD))
    kept = await plan(google, books)
    assert is_settled(kept)
    assert [one.code for one in kept.notices] == ["kept_license"]


async def test_without_a_seat_a_person_must_act(google: GoogleHarness, books: Books) -> None:
    google.sandbox.set_seats("google", VOICE, 0)
    made = await plan(google, books, VOICE)
    assert [(one.name, one.free, one.needed) for one in made.seats] == [("Google Voice Starter", None, 1)]
    await act(google, books, made.actions[0])
    with pytest.raises(ActionRequired) as caught:
        await act(google, books, made.actions[1])
    assert caught.value.code is ErrorCode.NO_SEATS
    google.sandbox.set_seats("google", VOICE, 1)
    await act(google, books, made.actions[1])
    assert licences(google) == [VOICE]


async def test_automatic_licensing_is_told_to_a_person(google: GoogleHarness, books: Books) -> None:
    made = await plan(google, books, IDENTITY)
    await act(google, books, made.actions[0])
    with pytest.raises(ActionRequired, match="Automatic licensing") as caught:
        await act(google, books, made.actions[1])
    assert caught.value.code is ErrorCode.CONFLICT


async def test_a_licence_waits_for_a_fresh_account(google: GoogleHarness, books: Books) -> None:
    google.sandbox.configure("google", settle_seconds=600)
    made = await plan(google, books, STANDARD, groups=("sales@acme.example",))
    await act(google, books, made.actions[0])
    for action in made.actions[1:]:
        with pytest.raises(Transient) as caught:
            await google.provider.apply(google.context(books.known), action)
        assert caught.value.code is ErrorCode.SETTLING
    google.sandbox.configure("google", settle_seconds=0)
    await carry_out(google, books, made)
    assert licences(google) == [STANDARD]
    assert (google.account() or {})["groups"] == ["sales@acme.example"]


async def test_a_licence_is_removed_once_and_for_all(google: GoogleHarness, books: Books) -> None:
    await hire(google, books, STANDARD)
    made = await plan(google, books)
    await google.inject(Fault(kind=FaultKind.COMMIT_THEN_DROP, method="DELETE"))
    with pytest.raises(httpx.TransportError):
        await google.provider.apply(google.context(books.known), made.actions[0])
    outcome = await google.provider.confirm(google.context(books.known, reading=True), made.actions[0])
    assert outcome is not None
    assert outcome == await act(google, books, made.actions[0])
    assert [one.kind for one in await google.effects()].count("license.remove") == 1


async def test_groups_are_known_by_their_id(google: GoogleHarness, books: Books) -> None:
    made = await plan(google, books, groups=("sales@acme.example",))
    await carry_out(google, books, made)
    group = next(
        one for one in google.sandbox.state("google")["groups"] if one["email"] == "sales@acme.example"
    )
    assert [(one.key, one.label) for one in books.known.grants] == [(group["id"], "Sales")]
    url = f"{google.sandbox.google_url}/admin/directory/v1/groups/{group['id']}"
    (await google.http.put(url, json={"email": "revenue@acme.example"})).raise_for_status()
    assert is_settled(await plan(google, books, groups=("revenue@acme.example",)))
    assert is_settled(await plan(google, books, groups=("sales@acme.example",))), (
        "its old address is an alias"
    )
    left = await plan(google, books)
    assert [one.kind for one in left.actions] == [ActionKind.REMOVE_FROM_GROUP]
    await carry_out(google, books, left)
    assert (google.account() or {})["groups"] == []
    assert books.known.grants == ()


async def test_membership_through_another_group_is_no_membership(google: GoogleHarness, books: Books) -> None:
    await hire(google, books)
    url = f"{google.sandbox.google_url}/admin/directory/v1/groups/all-staff@acme.example/members"
    (await google.http.post(url, json={"email": "sales@acme.example"})).raise_for_status()
    await carry_out(google, books, await plan(google, books, groups=("sales@acme.example",)))
    made = await plan(google, books, groups=("sales@acme.example", "all-staff@acme.example"))
    assert [one.kind for one in made.actions] == [ActionKind.ADD_TO_GROUP]


async def test_a_group_that_vanished_after_planning_is_refused(google: GoogleHarness, books: Books) -> None:
    made = await plan(google, books, groups=("support@acme.example",))
    await act(google, books, made.actions[0])
    url = f"{google.sandbox.google_url}/admin/directory/v1/groups/support@acme.example"
    (await google.http.delete(url)).raise_for_status()
    with pytest.raises(Refused) as caught:
        await act(google, books, made.actions[1])
    assert (caught.value.code, caught.value.field) == (ErrorCode.NOT_FOUND, "groups")


async def test_a_stranger_s_other_licence_does_not_make_the_plan_stale(
    google: GoogleHarness, books: Books
) -> None:
    await hire(google, books, STANDARD)
    before = await plan(google, books, STANDARD)
    await give(google, VOICE)
    await google.give_by_hand()
    after = await plan(google, books, STANDARD)
    assert before.fingerprint == after.fingerprint
    assert {one.code for one in after.notices} == {"kept_license", "kept_group"}
