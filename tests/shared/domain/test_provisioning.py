"""What a request does to our books, whoever asks for it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.shared.domain.account.models import Account, AccountState
from services.shared.domain.account.service import find_account, note_outcome
from services.shared.domain.audit.models import AuditEntry
from services.shared.domain.employee.models import Employee, EmployeeStatus
from services.shared.domain.provisioning import planning, reading, requesting, steering
from services.shared.domain.provisioning.errors import NothingToRetry, PlanExpired, RequestNotFound
from services.shared.domain.provisioning.requesting import create_request
from services.shared.domain.provisioning.states import PlanState, RequestState, ResultState
from services.shared.kit.errors import InvalidInput
from services.shared.kit.events import Event
from services.shared.kit.jobs.model import Job
from services.shared.sdk.contract import Grant, Outcome
from services.shared.sdk.errors import ErrorCode
from services.shared.sdk.manifest import ActionKind
from tests.fixtures.providers import CHAT, DESK, RemoteAccount
from tests.shared.domain.conftest import Desk, wish


async def _view(desk: Desk, request_id: UUID) -> reading.RequestView:
    async with desk.unit() as uow:
        return await reading.get_request_view(uow, request_id)


async def _account(desk: Desk, employee_id: UUID, app: str = DESK) -> Account:
    async with desk.unit() as uow:
        found = await find_account(uow, employee_id, app)
    assert found is not None
    return found


async def _fields(desk: Desk, **more: Any) -> list[str]:
    with pytest.raises(InvalidInput) as refused:
        await desk.make(**more)
    return [error.field for error in refused.value.errors]


async def _make_and_fail(desk: Desk) -> None:
    async with desk.unit() as uow:
        await create_request(uow, wish())
        raise RuntimeError("at the last moment")


async def test_a_wish_is_stored_with_its_jobs_events_and_audit_or_not_at_all(desk: Desk) -> None:
    request_id = await desk.make(apps={DESK: {}, CHAT: {"nickname": "amazing"}})
    async with desk.unit() as uow:
        jobs = (await uow.session.scalars(select(Job.kind).where(Job.tenant_id == desk.tenant))).all()
        told = (await uow.session.scalars(select(Event.type).where(Event.subject_id == request_id))).all()
        audited = (await uow.session.scalars(select(AuditEntry.action))).all()
    assert jobs == ["result.apply", "result.apply"]
    assert set(told) == {"plan.changed", "request.changed"}
    assert sorted(audited) == ["employee.created", "request.created"]
    with pytest.raises(RuntimeError, match="at the last moment"):
        await _make_and_fail(desk)
    async with desk.unit() as uow:
        assert len((await uow.session.scalars(select(Employee))).all()) == 1


async def test_a_dry_run_asks_for_a_plan_alone(desk: Desk) -> None:
    await desk.make(dry_run=True)
    async with desk.unit() as uow:
        assert (await uow.session.scalars(select(Job.kind))).all() == ["plan.make"]


async def test_wrong_wishes_name_their_fields(desk: Desk) -> None:
    assert await _fields(desk, apps={}) == ["apps"]
    assert await _fields(desk, apps={DESK: False}) == ["apps"]
    assert await _fields(desk, apps={"slak": {}, CHAT: {}}) == ["apps.slak", "apps.chat-room.nickname"]
    twice = await _fields(desk, apps={"desk": {"level": 7}, DESK: {"level": "x"}})
    assert twice == ["apps.desk-suite", "apps.desk.level"]


async def test_an_hr_key_belongs_to_one_person(desk: Desk) -> None:
    await desk.make(person={"external_id": "E1"})
    assert await _fields(desk, person={"external_id": "E1"}) == ["employee.external_id"]


async def test_two_wishes_for_a_new_person_at_once_make_one_person(desk: Desk) -> None:
    person = {"work_email": "twice@acme.example"}
    made = await asyncio.gather(
        desk.make(person=person, dry_run=True),
        desk.make(person={"work_email": "TWICE@acme.example"}, dry_run=True),
    )
    views = [await _view(desk, request_id) for request_id in made]
    assert views[0].employee.id == views[1].employee.id
    assert sorted(view.request.existing for view in views) == [False, True]


async def test_a_person_becomes_ours_when_the_request_runs_and_not_before(desk: Desk) -> None:
    request_id = await desk.make(dry_run=True, person={"department": "Navy"})
    view = await _view(desk, request_id)
    assert view.employee.status == EmployeeStatus.PROSPECTIVE
    await desk.worker.work()
    plan = (await _view(desk, request_id)).plan
    assert plan is not None
    async with desk.unit() as uow:
        await planning.apply_plan(uow, request_id, plan.id, {})
    await desk.worker.work()
    assert (await _view(desk, request_id)).employee.status == EmployeeStatus.ACTIVE


async def test_what_a_later_request_says_is_taken_over_and_the_rest_is_kept(desk: Desk) -> None:
    person = {"work_email": "ada@acme.example", "department": "Maths", "job_title": "Analyst"}
    await desk.make(person=person)
    await desk.worker.work()
    second = await desk.make(person={"work_email": "ADA@acme.example", "department": "Engines"})
    before = await _view(desk, second)
    assert (before.request.existing, before.employee.department) == (True, "Maths")
    await desk.worker.work()
    after = (await _view(desk, second)).employee
    assert (after.department, after.job_title, after.work_email) == ("Engines", "Analyst", "ada@acme.example")
    async with desk.unit() as uow:
        updates = await uow.session.scalars(select(AuditEntry).where(AuditEntry.action == "employee.updated"))
        entry = updates.one()
    assert (entry.before, entry.after) == ({"department": "Maths"}, {"department": "Engines"})


async def test_our_books_hold_what_we_gave_and_taking_it_out_takes_that_and_nothing_else(desk: Desk) -> None:
    person = {"work_email": "bo@acme.example"}
    first = await desk.make(person=person, apps={DESK: {"seats": ["gold", "silver"]}})
    await desk.worker.work()
    employee = (await _view(desk, first)).employee
    assert {grant["key"] for grant in (await _account(desk, employee.id)).grants} == {"gold", "silver"}
    desk.vendor.accounts[DESK, "bo@acme.example"].seats.add("bronze")  # somebody else gave it
    second = await desk.make(person=person, apps={DESK: {"seats": ["gold"]}})
    await desk.worker.work()
    view = await _view(desk, second)
    assert [action.key for action in view.results[0].actions] == ["unseat:silver"]
    assert desk.vendor.accounts[DESK, "bo@acme.example"].seats == {"gold", "bronze"}
    assert {grant["key"] for grant in (await _account(desk, employee.id)).grants} == {"gold"}


async def test_the_same_wish_again_finds_nothing_to_do(desk: Desk) -> None:
    person = {"work_email": "cy@acme.example"}
    await desk.make(person=person)
    await desk.worker.work()
    again = await desk.make(person=person)
    await desk.worker.work()
    view = await _view(desk, again)
    assert [action.kind for action in view.results[0].actions] == ["noop"]
    assert view.request.state == RequestState.COMPLETED


async def test_an_account_that_was_there_is_adopted_only_with_consent(desk: Desk) -> None:
    address = "dee@acme.example"
    desk.vendor.accounts[DESK, address] = RemoteAccount("theirs", None)
    person = {"work_email": address}
    asked = await desk.make(person=person)
    await desk.worker.work()
    view = await _view(desk, asked)
    assert view.results[0].result.state == ResultState.ERROR
    assert desk.vendor.accounts[DESK, address].mark is None
    async with desk.unit() as uow:
        await steering.retry_result(uow, asked, DESK, decisions={"existing_account": "adopt"})
    await desk.worker.work()
    assert (await _view(desk, asked)).request.state == RequestState.COMPLETED
    account = await _account(desk, view.employee.id)
    assert (account.adopted, account.remote_id) == (True, "theirs")


async def test_a_deleted_account_is_forgotten_and_a_new_one_starts_clean(desk: Desk) -> None:
    request_id = await desk.make()
    await desk.worker.work()
    employee = (await _view(desk, request_id)).employee
    async with desk.unit(worker=True) as uow:
        await note_outcome(uow, employee.id, DESK, ActionKind.DELETE, Outcome(gone=True))
    gone = await _account(desk, employee.id)
    assert (gone.state, gone.grants) == (AccountState.DELETED, [])
    outcome = Outcome(remote_id="new", given=(Grant(kind="license", key="x", label="X"),))
    async with desk.unit(worker=True) as uow:
        await note_outcome(uow, employee.id, DESK, ActionKind.CREATE, outcome)
    made = await _account(desk, employee.id)
    assert (made.state, made.remote_id, [grant["key"] for grant in made.grants]) == ("active", "new", ["x"])


async def test_planning_again_supersedes_the_older_plan(desk: Desk) -> None:
    request_id = await desk.make(dry_run=True)
    await desk.worker.work()
    old = (await _view(desk, request_id)).plan
    assert old is not None
    async with desk.unit() as uow:
        new = await requesting.plan_again(uow, request_id)
    with pytest.raises(PlanExpired):
        async with desk.unit() as uow:
            await planning.apply_plan(uow, request_id, old.id, {})
    await desk.worker.work()
    async with desk.unit() as uow:
        assert (await reading.get_plan(uow, old.id)).state == PlanState.SUPERSEDED
        assert (await reading.get_plan(uow, new.id)).state == PlanState.READY


async def test_a_plan_of_which_one_app_failed_can_be_applied_and_that_app_plans_by_itself(desk: Desk) -> None:
    desk.worker.failing = {CHAT: ErrorCode.UNAVAILABLE}
    request_id = await desk.make(dry_run=True, apps={DESK: {}, CHAT: {"nickname": "amazing"}})
    await desk.worker.work()
    view = await _view(desk, request_id)
    assert [part.state for part in view.plan_parts] == ["ready", "failed"]
    assert view.plan is not None
    desk.worker.failing = {}
    async with desk.unit() as uow:
        await planning.apply_plan(uow, request_id, view.plan.id, {})
    await desk.worker.work()
    assert (await _view(desk, request_id)).request.state == RequestState.COMPLETED


async def test_cancelling_between_apps_leaves_what_is_done(desk: Desk) -> None:
    desk.worker.failing_keys = {"seat:gold"}
    request_id = await desk.make(apps={DESK: {"seats": ["gold"]}, CHAT: {"nickname": "amazing"}})
    await desk.worker.work()
    view = await _view(desk, request_id)
    assert view.request.state == RequestState.PARTIAL
    desk.worker.failing_keys = set()
    async with desk.unit() as uow:
        await steering.retry_request(uow, request_id)
        await steering.cancel_request(uow, request_id)
    await desk.worker.work()
    view = await _view(desk, request_id)
    states = {item.result.app: item.result.state for item in view.results}
    assert states == {DESK: ResultState.PARTIAL, CHAT: ResultState.SUCCESS}
    assert desk.vendor.accounts[DESK, view.employee.work_email].seats == set()


async def test_nothing_that_runs_or_is_done_is_tried_again(desk: Desk) -> None:
    request_id = await desk.make()
    with pytest.raises(NothingToRetry):
        async with desk.unit() as uow:
            await steering.retry_request(uow, request_id)
    for _ in range(2):  # while it waits for the worker, and when it is done
        with pytest.raises(NothingToRetry):
            async with desk.unit() as uow:
                await steering.retry_result(uow, request_id, DESK)
        await desk.worker.work()


async def test_another_tenant_finds_none_of_it(desk: Desk) -> None:
    request_id = await desk.make()
    stranger = replace(desk, tenant=uuid4())
    with pytest.raises(RequestNotFound):
        await _view(stranger, request_id)
    with pytest.raises(RequestNotFound):
        async with stranger.unit() as uow:
            await steering.cancel_request(uow, request_id)
