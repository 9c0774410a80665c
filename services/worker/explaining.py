"""Whatever goes wrong while talking to a vendor becomes an entry of the catalogue."""

from typing import Any

import httpx

from services.shared.kit.logging import get_logger
from services.shared.sdk.catalogue import CATALOGUE, Explained, explain
from services.shared.sdk.contract import Outcome, OutcomeState, Provider
from services.shared.sdk.errors import (
    ActionRequired,
    ErrorCode,
    ProviderError,
    Refused,
    Transient,
    WriteWhilePlanning,
)

log = get_logger(__name__)


def as_provider_error(error: Exception, title: str) -> ProviderError:
    """The error as the catalogue knows it. A defect of a provider is `unknown`, and logged with its trace.

    Timeouts and broken connections may pass; everything unforeseen does not.
    """
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return Transient(f"{title} did not answer in time.", code=ErrorCode.TIMEOUT)
    if isinstance(error, httpx.TransportError | OSError):
        return Transient(f"The connection to {title} broke.", code=ErrorCode.UNAVAILABLE)
    log.error("provider_defect", exc_info=error)
    if isinstance(error, WriteWhilePlanning):
        return Refused("OneClick stopped a change that was not planned.", code=ErrorCode.UNKNOWN)
    return Refused(f"{title} answered something that OneClick does not know.", code=ErrorCode.UNKNOWN)


def explained(error: Exception, provider: Provider[Any]) -> Explained:
    """What to tell a person about this error."""
    return explain(as_provider_error(error, provider.manifest.title), provider.manifest)


def decision_needed(message: str, provider: Provider[Any]) -> Explained:
    """A plan that holds a choice, met where nobody is there to choose."""
    return explain(ActionRequired(message, code=ErrorCode.ALREADY_EXISTS), provider.manifest)


def worker_lost(why: str) -> Explained:
    """The job was given up."""
    entry = CATALOGUE[ErrorCode.UNKNOWN]
    return Explained(
        code=ErrorCode.UNKNOWN,
        message=f"OneClick gave this up. {why}",
        remedy="Retry. If it happens again, tell whoever runs OneClick.",
        who=entry.who,
    )


def invitation_gone() -> Explained:
    """An invitation that nobody accepted and that is no longer there."""
    return Explained(
        code=ErrorCode.NOT_FOUND,
        message="The invitation lapsed or was declined.",
        remedy="Send it again.",
        who="you",
    )


def worn_out(error: Transient) -> ProviderError:
    """What might have passed has not, for too long."""
    return Refused(
        f"{error} OneClick has stopped trying by itself.",
        code=error.code,
        field=error.field,
        vendor_message=error.vendor_message,
    )


def somebody_elses(owner: str, provider: Provider[Any]) -> ProviderError:
    """The vendor's account is linked to another employee in our books."""
    return ActionRequired(
        f"This account at {provider.manifest.title} is already {owner}'s in OneClick. An account has one owner: look "
        "which of the two it belongs to.",
        code=ErrorCode.CONFLICT,
    )


def settled(outcome: Outcome, provider: Provider[Any]) -> Outcome:
    """The outcome, unless the vendor does not show it yet.

    Raises:
        Transient: `settling`.
    """
    if outcome.state is not OutcomeState.SETTLING:
        return outcome
    raise Transient(
        f"{provider.manifest.title} takes a moment to show this.",
        code=ErrorCode.SETTLING,
        retry_after=outcome.retry_after,
    )
