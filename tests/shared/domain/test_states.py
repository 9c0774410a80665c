"""The larger states follow from the smaller ones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.shared.domain.provisioning.states import (
    ACTION_OPEN,
    REQUEST_ENDED,
    RESULT_ENDED,
    RESULT_WAITING,
    ActionState,
    RequestState,
    ResultState,
    derive_request,
    derive_result,
    waits_for,
)

A, R, Q = ActionState, ResultState, RequestState


@pytest.mark.parametrize(
    ("actions", "state"),
    [
        ([A.DONE], R.SUCCESS),
        ([A.DONE, A.DONE], R.SUCCESS),
        ([A.DONE, A.FAILED], R.PARTIAL),
        ([A.DONE, A.FAILED, A.BLOCKED], R.PARTIAL),
        ([A.FAILED, A.BLOCKED], R.ERROR),
        ([A.DONE, A.CANCELLED], R.PARTIAL),
        ([A.CANCELLED], R.CANCELLED),
        ([A.DONE, A.AWAITING_ACCEPTANCE], R.AWAITING_ACCEPTANCE),
        ([A.AWAITING_ACCEPTANCE, A.PENDING], R.AWAITING_ACCEPTANCE),
        ([A.FAILED, A.AWAITING_PERSON, A.PENDING], R.AWAITING_PERSON),
        ([A.AWAITING_ACCEPTANCE, A.AWAITING_PERSON], R.AWAITING_PERSON),
    ],
)
def test_an_app_is_what_its_actions_came_to(actions: list[ActionState], state: ResultState) -> None:
    assert derive_result(actions) is state


@pytest.mark.parametrize(
    ("results", "state"),
    [
        ([R.PENDING, R.PENDING], Q.QUEUED),
        ([R.PENDING, R.SUCCESS], Q.RUNNING),
        ([R.SUCCESS, R.WAITING_RETRY], Q.RUNNING),
        ([R.SUCCESS, R.AWAITING_PERSON], Q.RUNNING),
        ([R.ERROR, R.AWAITING_ACCEPTANCE], Q.RUNNING),
        ([R.SUCCESS, R.SUCCESS], Q.COMPLETED),
        ([R.SUCCESS, R.ERROR], Q.PARTIAL),
        ([R.SUCCESS, R.CANCELLED], Q.PARTIAL),
        ([R.PARTIAL], Q.PARTIAL),
        ([R.ERROR, R.ERROR], Q.FAILED),
        ([R.ERROR, R.CANCELLED], Q.FAILED),
        ([R.CANCELLED, R.CANCELLED], Q.CANCELLED),
    ],
)
def test_a_request_is_what_its_apps_came_to(results: list[ResultState], state: RequestState) -> None:
    assert derive_request(results) is state


@given(st.lists(st.sampled_from(sorted(set(A) - ACTION_OPEN)), min_size=1))
def test_an_app_whose_actions_have_all_ended_has_ended_too(actions: list[ActionState]) -> None:
    assert derive_result(actions) in RESULT_ENDED | RESULT_WAITING


@given(st.lists(st.sampled_from(R), min_size=1))
def test_a_request_has_ended_when_and_only_when_every_app_has(results: list[ResultState]) -> None:
    assert (derive_request(results) in REQUEST_ENDED) is (set(results) <= RESULT_ENDED)


@pytest.mark.parametrize(
    ("results", "waits"),
    [
        ([R.SUCCESS, R.AWAITING_ACCEPTANCE], R.AWAITING_ACCEPTANCE),
        ([R.AWAITING_ACCEPTANCE, R.AWAITING_PERSON, R.ERROR], R.AWAITING_PERSON),
        ([R.AWAITING_PERSON, R.RUNNING], None),
        ([R.AWAITING_ACCEPTANCE, R.WAITING_RETRY], None),
        ([R.AWAITING_PERSON, R.PENDING], None),
        ([R.SUCCESS, R.ERROR], None),
        ([], None),
    ],
)
def test_a_request_waits_for_people_once_nothing_goes_on_by_itself(
    results: list[ResultState], waits: ResultState | None
) -> None:
    assert waits_for(results) is waits
