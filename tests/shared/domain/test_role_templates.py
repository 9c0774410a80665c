"""Role templates: versions that stay, copies that need no seeding, conditions, and requests that rest on them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from services.shared.domain.audit.models import AuditEntry
from services.shared.domain.provisioning import reading
from services.shared.domain.role_template import service as templates
from services.shared.domain.role_template.matching import fits, matching
from services.shared.domain.role_template.models import RoleTemplate, RoleTemplateVersion
from services.shared.domain.role_template.service import Content, RoleTemplateChanged, RoleTemplateNotFound
from services.shared.domain.role_template.shipped import SHIPPED, shipped_id
from services.shared.domain.role_template.using import TemplateRef
from services.shared.domain.setting.service import AppNotFound, switch_app
from services.shared.kit.errors import InvalidInput
from services.shared.kit.pagination import PageQuery
from tests.fixtures.providers import CHAT, DESK
from tests.shared.domain.conftest import Desk

ALL = PageQuery(limit=200)


def content(name: str = "Pilot", **more: Any) -> Content:
    values: dict[str, Any] = {"apps": {DESK: {"seats": ["gold"]}}, **more}
    return Content(name=name, **values)


async def make(desk: Desk, wanted: Content | None = None, key: str | None = None) -> UUID:
    async with desk.unit() as uow:
        return await templates.create_template(uow, wanted or content(), key)


async def names(desk: Desk) -> list[str]:
    async with desk.unit() as uow:
        return [view.content.name for view in (await templates.list_templates(uow, ALL)).items]


async def refused(desk: Desk, wanted: Content, key: str | None = None) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        await make(desk, wanted, key)
    return [(error.field, error.code) for error in caught.value.errors]


async def use(
    desk: Desk, ref: TemplateRef, **more: Any
) -> tuple[reading.RequestView, dict[str, dict[str, Any]]]:
    """A request made with a template: how it is stored, and each app's fields."""
    request_id = await desk.make(role_template=ref, **more)
    async with desk.unit() as uow:
        view = await reading.get_request_view(uow, request_id)
    return view, {item.result.app: item.result.fields for item in view.results}


async def test_three_come_with_oneclick_and_nothing_is_stored_for_them(desk: Desk) -> None:
    assert await names(desk) == ["Contractor", "Engineer", "Sales"]
    async with desk.unit() as uow:
        assert (await uow.session.scalars(select(RoleTemplate))).all() == []
        found = await templates.get_template(uow, shipped_id(desk.tenant, "engineer"))
        versions = await templates.list_versions(uow, found.template.id, ALL)
    assert (found.shipped, found.untouched, found.content.version) == (True, True, 1)
    assert [view.content.version for view in versions.items] == [1]


async def test_a_tenant_changes_and_deletes_its_own_copy_alone(desk: Desk) -> None:
    other = replace(desk, tenant=uuid4())
    engineer = shipped_id(desk.tenant, "engineer")
    async with desk.unit() as uow:
        await templates.change_template(uow, engineer, 1, content("Engineer", description="Ours."))
    async with desk.unit() as uow:
        await templates.delete_template(uow, shipped_id(desk.tenant, "sales"))
        found = await templates.get_template(uow, engineer)
        first = await templates.find_version(uow, engineer, 1)
    assert (found.content.version, found.content.description, found.untouched) == (2, "Ours.", False)
    assert first is not None
    assert first.content.description == SHIPPED[0].description
    assert await names(desk) == ["Contractor", "Engineer"]
    assert await names(other) == ["Contractor", "Engineer", "Sales"]
    with pytest.raises(RoleTemplateNotFound):
        async with other.unit() as uow:
            await templates.get_template(uow, engineer)


async def test_every_change_is_a_version_that_stays_as_it_was(desk: Desk) -> None:
    made = await make(desk)
    async with desk.unit() as uow:
        await templates.change_template(uow, made, 1, content("Pilot", tags=("sky",)))
        await templates.change_template(uow, made, 2, content("Pilot", tags=("sky",)))  # the same again
    async with desk.unit() as uow:
        page = await templates.list_versions(uow, made, ALL)
    assert [(view.content.version, view.content.tags) for view in page.items] == [(2, ["sky"]), (1, [])]
    with pytest.raises(ProgrammingError, match="permission denied"):
        async with desk.unit() as uow:
            await uow.session.execute(text("UPDATE api.role_template_versions SET name = 'x'"))


async def test_somebody_elses_change_is_not_lost(desk: Desk) -> None:
    made = await make(desk)

    async def change(word: str) -> None:
        async with desk.unit() as uow:
            await templates.change_template(uow, made, 1, content(description=word))

    outcomes = await asyncio.gather(*(change(word) for word in "abcde"), return_exceptions=True)
    late = [item for item in outcomes if item is not None]
    assert len(late) == 4
    assert all(isinstance(item, RoleTemplateChanged) and item.extra == {"version": 2} for item in late)
    with pytest.raises(RoleTemplateChanged):
        async with desk.unit() as uow:
            await templates.delete_template(uow, made, 1)


async def test_two_who_change_a_shipped_one_at_once_make_one_copy(desk: Desk) -> None:
    sales = shipped_id(desk.tenant, "sales")

    async def change(word: str) -> None:
        async with desk.unit() as uow:
            await templates.change_template(uow, sales, 1, content("Sales", description=word))

    outcomes = await asyncio.gather(change("a"), change("b"), return_exceptions=True)
    assert [type(item) for item in outcomes if item is not None] == [RoleTemplateChanged]
    async with desk.unit() as uow:
        assert len((await uow.session.scalars(select(RoleTemplateVersion))).all()) == 2


async def test_names_and_keys_are_unique_among_the_live_ones(desk: Desk) -> None:
    assert await refused(desk, content("ENGINEER"), "engineer") == [("name", "taken"), ("key", "taken")]
    first = await make(desk, content("R & D"))
    second = await make(desk, content("R. D."))
    third = await make(desk, content("経営企画部"))
    async with desk.unit() as uow:
        keys = [(await templates.get_template(uow, one)).template.key for one in (first, second, third)]
        await templates.delete_template(uow, first)
    assert keys == ["r-d", "r-d-2", "role"]
    async with desk.unit() as uow:
        again = await templates.create_template(uow, content("r & d"))
        assert (await templates.get_template(uow, again)).template.key == "r-d"
    outcomes = await asyncio.gather(*(make(desk, content("Twin")) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(item, UUID) for item in outcomes) == 1
    assert all(isinstance(item, UUID | InvalidInput) for item in outcomes)


async def test_fields_are_checked_as_far_as_they_are_filled_in(desk: Desk) -> None:
    wrong = {"slak": True, DESK: {"roomNumber": 0, "colour": "red"}, "chat": {"nickname": "x"}}
    assert await refused(desk, content(apps=wrong)) == [
        ("apps.slak", "unknown_app"),
        (f"apps.{DESK}.roomNumber", "greater_than_equal"),
        (f"apps.{DESK}.colour", "extra_forbidden"),
        ("apps.chat.nickname", "string_too_short"),
    ]
    assert await refused(desk, content(apps={DESK: False})) == [("apps", "required")]
    made = await make(desk, content(apps={"chat": {"roomNumber": 7}, "desk": True}))
    async with desk.unit() as uow:
        apps = (await templates.get_template(uow, made)).content.apps
    assert apps == {CHAT: {"room_number": 7}, DESK: {}}, "a needed field may be left to the request"


async def test_a_deleted_one_is_gone_and_its_versions_are_readable(desk: Desk) -> None:
    made = await make(desk)
    async with desk.unit() as uow:
        await templates.delete_template(uow, made)
    async with desk.unit() as uow:
        assert (await templates.list_versions(uow, made, ALL)).total == 1
        with pytest.raises(RoleTemplateNotFound):
            await templates.get_template(uow, made)
        with pytest.raises(RoleTemplateNotFound):
            await templates.delete_template(uow, made)


async def test_who_changed_what_is_written_down(desk: Desk) -> None:
    made = await make(desk)
    async with desk.unit() as uow:
        await templates.change_template(uow, made, 1, content("Captain"))
    async with desk.unit() as uow:
        await templates.delete_template(uow, made, 2)
    async with desk.unit() as uow:
        entries = (await uow.session.scalars(select(AuditEntry).order_by(AuditEntry.id))).all()
    assert [entry.action for entry in entries] == [
        f"role_template.{what}" for what in ("created", "updated", "deleted")
    ]
    changed = entries[1]
    assert changed.before is not None
    assert changed.after is not None
    assert (changed.before["name"], changed.after["name"], changed.after["version"]) == (
        "Pilot",
        "Captain",
        2,
    )


@pytest.mark.parametrize(
    ("pattern", "value", "does"),
    [
        ("Sales", "sales", True),
        ("sales", "Sales EMEA", False),
        ("sales*", "Sales  EMEA", True),
        ("*engineer*", "Senior Software Engineer II", True),
        ("*engineer", "Engineering", False),
        ("lead*engineer", "Lead Data Engineer", True),
        ("aba*aba", "aba", False),
        ("*", "anything", True),
        ("*", "", False),
        ("STRASSE", "straße", True),
        ("[a-z]?", "x", False),
        ("*a" * 40, "a" * 39, False),
    ],
)
def test_patterns(pattern: str, value: str, does: bool) -> None:  # noqa: FBT001  # pytest passes it by name
    assert fits(pattern, value) is does


def test_all_conditions_that_are_set_must_be_met() -> None:
    person = {"department": "Engineering", "location": "Berlin", "job_title": None}
    assert matching({"department": ["eng*", "it"], "location": ["berlin"]}, person) == [
        "department",
        "location",
    ]
    assert matching({"department": ["eng*"], "job_title": ["*"]}, person) == []
    assert matching({"department": [], "location": []}, person) == [], (
        "for everybody is for nobody in particular"
    )


async def test_suggestions_say_which_conditions_were_met_the_closest_first(desk: Desk) -> None:
    await make(desk, content("Berliners", conditions={"location": ["berlin"]}))
    await make(desk, content("Berlin sales", conditions={"location": ["berlin"], "department": ["sales"]}))
    async with desk.unit() as uow:
        found = await templates.suggest_templates(uow, {"location": "Berlin", "department": "Sales"})
    assert [(one.view.content.name, one.met) for one in found] == [
        ("Berlin sales", ["department", "location"]),
        ("Berliners", ["location"]),
        ("Sales", ["department"]),
    ]


async def test_a_request_lies_over_its_template_field_by_field(desk: Desk) -> None:
    wanted = content(
        apps={DESK: {"seats": ["gold"], "level": "high", "room_number": 4}, CHAT: {"nickname": "amazing"}},
        tags=("crew", "spring"),
    )
    made = await make(desk, wanted)
    view, apps = await use(
        desk, TemplateRef(id=made), apps={"desk": {"roomNumber": 9}}, tags=("spring", "new")
    )
    assert apps == {
        DESK: {"seats": ["gold"], "level": "high", "room_number": 9},
        CHAT: {"seats": [], "level": "basic", "room_number": None, "nickname": "amazing"},
    }
    assert view.request.tags == ["spring", "new", "crew"]
    assert (view.request.role_template_id, view.request.role_template_version) == (made, 1)
    _, without = await use(desk, TemplateRef(key="pilot"), apps={CHAT: False, "desk": True})
    assert list(without) == [DESK]


async def test_a_request_keeps_the_version_that_it_used(desk: Desk) -> None:
    made = await make(desk)
    first, _ = await use(desk, TemplateRef(key="pilot"), apps={})
    async with desk.unit() as uow:
        await templates.change_template(uow, made, 1, content(apps={DESK: {"seats": ["silver"]}}))
    second, newest = await use(desk, TemplateRef(key="pilot"), apps={})
    _, older = await use(desk, TemplateRef(key="pilot", version=1), apps={})
    assert (first.request.role_template_version, second.request.role_template_version) == (1, 2)
    assert (newest[DESK]["seats"], older[DESK]["seats"]) == (["silver"], ["gold"])


async def test_a_shipped_one_is_stored_when_a_request_uses_it(desk: Desk) -> None:
    view, _ = await use(desk, TemplateRef(key="contractor"), apps={DESK: True})
    assert view.request.role_template_id == shipped_id(desk.tenant, "contractor")
    assert view.request.tags == ["contractor"]
    async with desk.unit() as uow:
        assert (await uow.session.scalars(select(RoleTemplate.key))).all() == ["contractor"]


async def test_a_template_that_is_not_there_is_named(desk: Desk) -> None:
    made = await make(desk)
    stranger = replace(desk, tenant=uuid4())

    async def fields(by: Desk, ref: TemplateRef) -> list[str]:
        with pytest.raises(InvalidInput) as caught:
            await by.make(role_template=ref)
        return [error.field for error in caught.value.errors]

    assert await fields(stranger, TemplateRef(id=made)) == ["role_template.id"]
    assert await fields(desk, TemplateRef(key="nobody")) == ["role_template.key"]
    assert await fields(desk, TemplateRef(id=made, version=7)) == ["role_template.version"]
    async with desk.unit() as uow:
        await templates.delete_template(uow, made)
    assert await fields(desk, TemplateRef(id=made)) == ["role_template.id"]


async def test_what_is_wrong_in_a_template_is_told_as_the_templates(desk: Desk) -> None:
    made = await make(desk, content(apps={CHAT: {"room_number": 4}}))
    async with desk.unit() as uow:  # as if the provider's form had grown stricter since
        found = await templates.get_template(uow, made)
        found.template.version = 2
        uow.session.add(
            RoleTemplateVersion(
                **{**_row(found.content), "id": uuid4(), "version": 2, "apps": {CHAT: {"room_number": 0}}}
            )
        )
    with pytest.raises(InvalidInput) as caught:
        await desk.make(role_template=TemplateRef(id=made), apps={"chat": {"nickname": "x"}})
    (theirs,) = [error for error in caught.value.errors if error.field == "apps.chat.room_number"]
    assert theirs.message.endswith("The role template Pilot says so.")
    (own,) = [error for error in caught.value.errors if error.field == "apps.chat.nickname"]
    assert "Pilot" not in own.message


def _row(version: RoleTemplateVersion) -> dict[str, Any]:
    return {name: getattr(version, name) for name in RoleTemplateVersion.__table__.c.keys()}  # noqa: SIM118  # not a dict: iterating gives columns


async def test_apps_that_are_switched_off_are_refused_by_name_and_left_out_of_templates(desk: Desk) -> None:
    made = await make(desk, content(apps={DESK: {}, CHAT: {"nickname": "amazing"}}))
    async with desk.unit() as uow:
        await switch_app(uow, "chat", offered=False)
        await switch_app(uow, CHAT, offered=False)
    with pytest.raises(InvalidInput) as caught:
        await desk.make(apps={"chat": {"nickname": "amazing"}, DESK: True})
    assert [(error.field, error.code) for error in caught.value.errors] == [("apps.chat", "app_not_offered")]
    _, apps = await use(desk, TemplateRef(id=made), apps={})
    assert list(apps) == [DESK]
    async with desk.unit() as uow:
        await switch_app(uow, DESK, offered=False)
        await switch_app(uow, CHAT, offered=True)
        with pytest.raises(AppNotFound):
            await switch_app(uow, "slak", offered=True)
    _, apps = await use(desk, TemplateRef(id=made), apps={})
    assert list(apps) == [CHAT]
    async with desk.unit() as uow:
        found = await uow.session.scalars(select(AuditEntry.action).where(AuditEntry.target_kind == "app"))
        assert sorted(found.all()) == ["app.switched_off", "app.switched_off", "app.switched_on"]


async def test_apps_that_nobody_connected_come_from_no_template(desk: Desk) -> None:
    made = await make(desk, content(apps={DESK: {}, CHAT: {"nickname": "amazing"}}))
    _, apps = await use(desk, TemplateRef(id=made), apps={}, connected={DESK})
    assert list(apps) == [DESK]
    _, apps = await use(desk, TemplateRef(id=made), apps={CHAT: True}, connected={DESK})
    assert set(apps) == {DESK, CHAT}, "who names it wants to hear what becomes of it"
