"""Every failure of the vendor becomes one of ours, named by what happens next."""

from collections.abc import Awaitable, Callable
from functools import partial

from services.shared.sdk.catalogue import explain
from services.shared.sdk.contract import Known
from services.shared.sdk.errors import ActionRequired, ConsentLost, ErrorCode, ProviderError, Transient
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.suite.driver import Books, act, is_settled, make_plan, require, wish
from services.shared.sdk.suite.harness import Fault, FaultKind, Harness

_DATE_ERROR = 2.0


async def _error_of(harness: Harness, call: Callable[[], Awaitable[object]]) -> ProviderError:
    """The provider's error; it must be one that people can be shown."""
    try:
        await call()
    except ProviderError as error:
        shown = explain(error, harness.provider.manifest)
        require(shown.message and shown.remedy, f"{error.code} has no message or no remedy.")
        told = f"{error} {error.vendor_message}"
        require(harness.password.get_secret_value() not in told, "An error holds a secret.")
        return error
    raise AssertionError("The vendor failed and the provider did not tell.")


async def _fail_everywhere(harness: Harness, fault: Fault, judge: Callable[[ProviderError], None]) -> None:
    """The fault while planning, then while creating; nothing may have happened; then it works."""
    books = Books()
    await harness.inject(fault)
    judge(await _error_of(harness, lambda: make_plan(harness, books, wish(harness))))
    await harness.clear_faults()
    plan = await make_plan(harness, books, wish(harness))
    await harness.inject(fault)
    create = plan.actions[0]
    judge(await _error_of(harness, lambda: harness.provider.apply(harness.context(books.known), create)))
    await harness.clear_faults()
    require(not await harness.effects(), "A refused call is told as done.")
    for action in plan.actions:
        await act(harness, books, action)
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


async def throttling_is_transient_with_its_time(harness: Harness) -> None:
    """429 in every form the vendor has: `rate_limited`, with the seconds that it asks for."""
    for throttle in harness.throttles:
        await harness.inject(
            Fault(
                kind=FaultKind.RATE_LIMIT,
                times=None,
                retry_after=throttle.retry_after,
                vendor_form=throttle.vendor_form,
            )
        )
        error = await _error_of(harness, partial(make_plan, harness, Books(), wish(harness)))
        await harness.clear_faults()
        require(isinstance(error, Transient), f"{throttle} became {type(error).__name__}.")
        require(error.code is ErrorCode.RATE_LIMITED, f"{throttle} became {error.code}.")
        seconds = error.retry_after if isinstance(error, Transient) else None
        if throttle.seconds is None:
            require(seconds is None, f"{throttle} became {seconds} seconds.")
        else:
            off = abs((seconds or 0.0) - throttle.seconds)
            require(seconds is not None and off <= _DATE_ERROR, f"{throttle} became {seconds} seconds.")


async def a_throttled_write_changes_nothing(harness: Harness) -> None:
    """`rate_limited` while applying: nothing happened, and the same action works later."""

    def judge(error: ProviderError) -> None:
        require(isinstance(error, Transient), f"Throttling became {type(error).__name__}.")
        require(error.code is ErrorCode.RATE_LIMITED, f"Throttling became {error.code}.")

    await _fail_everywhere(harness, Fault(kind=FaultKind.RATE_LIMIT, times=None, retry_after=1), judge)


async def a_broken_vendor_is_transient(harness: Harness) -> None:
    """5xx: `unavailable`."""

    def judge(error: ProviderError) -> None:
        require(isinstance(error, Transient), f"A 5xx became {type(error).__name__}.")
        require(error.code in {ErrorCode.UNAVAILABLE, ErrorCode.TIMEOUT}, f"A 5xx became {error.code}.")

    await _fail_everywhere(harness, Fault(kind=FaultKind.SERVER_ERROR, times=None), judge)


async def an_expired_token_is_consent_lost(harness: Harness) -> None:
    """401: `auth_expired`. The core tries a fresh token once before it believes this."""

    def judge(error: ProviderError) -> None:
        require(isinstance(error, ConsentLost), f"An expired token became {type(error).__name__}.")
        require(error.code is ErrorCode.AUTH_EXPIRED, f"An expired token became {error.code}.")

    await _fail_everywhere(harness, Fault(kind=FaultKind.EXPIRED_TOKEN, times=None), judge)


async def a_missing_scope_is_consent_lost(harness: Harness) -> None:
    """403 for want of a permission: `missing_scope`."""

    def judge(error: ProviderError) -> None:
        require(isinstance(error, ConsentLost), f"A missing scope became {type(error).__name__}.")
        require(error.code is ErrorCode.MISSING_SCOPE, f"A missing scope became {error.code}.")

    await _fail_everywhere(harness, Fault(kind=FaultKind.FORBIDDEN, times=None), judge)


async def validate_names_a_missing_scope(harness: Harness) -> None:
    """A connection without a permission is not valid: issues, or `ConsentLost`."""
    if not harness.checks_scopes:
        return
    await harness.inject(Fault(kind=FaultKind.FORBIDDEN, times=None))
    try:
        issues = await harness.provider.validate(harness.context(Known(), reading=True))
    except ConsentLost as error:
        require(error.code is ErrorCode.MISSING_SCOPE, f"A missing scope became {error.code}.")
    else:
        require(issues, "A connection without permission is told as healthy.")


async def a_missing_seat_asks_for_a_person(harness: Harness) -> None:
    """No seat: parked as `no_seats`; the rest of the plan goes on, and it works once there is one."""
    books = Books()
    plan = await make_plan(harness, books, wish(harness))
    licences = [action for action in plan.actions if action.kind is ActionKind.ASSIGN_LICENSE]
    for action in plan.actions:
        if action not in licences:
            await act(harness, books, action)
    for action in licences:
        await harness.inject(Fault(kind=FaultKind.NO_SEATS, times=None))
        context = harness.context(books.known)
        error = await _error_of(harness, partial(harness.provider.apply, context, action))
        await harness.clear_faults()
        require(isinstance(error, ActionRequired), f"A missing seat became {type(error).__name__}.")
        require(error.code is ErrorCode.NO_SEATS, f"A missing seat became {error.code}.")
        await act(harness, books, action)
    require(is_settled(await make_plan(harness, books, wish(harness))), "There is still to do.")


async def an_unknown_answer_while_planning_is_an_error(harness: Harness) -> None:
    """A 200 that is not the vendor's language leads to no plan."""
    await harness.inject(Fault(kind=FaultKind.GARBAGE, times=None))
    error = await _error_of(harness, lambda: make_plan(harness, Books(), wish(harness)))
    require(error.code in {ErrorCode.UNKNOWN, ErrorCode.UNAVAILABLE}, f"Garbage became {error.code}.")


CHECKS = (
    throttling_is_transient_with_its_time,
    a_throttled_write_changes_nothing,
    a_broken_vendor_is_transient,
    an_expired_token_is_consent_lost,
    a_missing_scope_is_consent_lost,
    validate_names_a_missing_scope,
    a_missing_seat_asks_for_a_person,
    an_unknown_answer_while_planning_is_an_error,
)
