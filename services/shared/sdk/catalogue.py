"""One catalogue of failures: what happened in plain words, what to do, and who must act."""

from typing import Literal

from services.shared.sdk.errors import ErrorCode, ProviderError
from services.shared.sdk.manifest import Frozen, Manifest

Who = Literal["vendor admin", "you", "oneclick"]


class Entry(Frozen):
    cause: str
    remedy: str
    who: Who


class Explained(Frozen):
    """An error as people see it."""

    code: ErrorCode
    message: str
    remedy: str
    who: Who
    field: str | None = None
    link_label: str | None = None
    link_url: str | None = None
    vendor_message: str | None = None


CATALOGUE: dict[ErrorCode, Entry] = {
    ErrorCode.RATE_LIMITED: Entry(
        cause="The vendor limits how fast we may work.",
        remedy="Nothing to do: OneClick tries again when the vendor allows it.",
        who="oneclick",
    ),
    ErrorCode.UNAVAILABLE: Entry(
        cause="The vendor's service did not work.",
        remedy="OneClick tries again by itself. If it lasts, look at the vendor's status page.",
        who="oneclick",
    ),
    ErrorCode.TIMEOUT: Entry(
        cause="The vendor did not answer in time.",
        remedy="OneClick looks whether it happened before it tries again.",
        who="oneclick",
    ),
    ErrorCode.AUTH_EXPIRED: Entry(
        cause="The connected account no longer lets us in.",
        remedy="Reconnect it under Connected accounts, then retry.",
        who="you",
    ),
    ErrorCode.MISSING_SCOPE: Entry(
        cause="The connected account lacks a permission that this needs.",
        remedy="Grant the permission at the vendor, reconnect, then retry.",
        who="vendor admin",
    ),
    ErrorCode.NOT_ENTITLED: Entry(
        cause="The vendor's plan does not include this.",
        remedy="Upgrade the plan at the vendor or leave this out, then retry.",
        who="vendor admin",
    ),
    ErrorCode.NO_SEATS: Entry(
        cause="No seat of this licence is free.",
        remedy="Buy one or pick another licence, then retry.",
        who="vendor admin",
    ),
    ErrorCode.INVALID_FIELD: Entry(
        cause="The vendor refuses a value.", remedy="Correct the field, then retry.", who="you"
    ),
    ErrorCode.ALREADY_EXISTS: Entry(
        cause="An account with this address exists and OneClick did not make it.",
        remedy="Adopt it, or choose another address.",
        who="you",
    ),
    ErrorCode.NOT_FOUND: Entry(
        cause="Something that this needs is no longer there.",
        remedy="Plan again and look at what changed.",
        who="you",
    ),
    ErrorCode.CONFLICT: Entry(
        cause="The vendor's state conflicts with this.",
        remedy="Plan again and look at what changed.",
        who="you",
    ),
    ErrorCode.SETTLING: Entry(
        cause="The vendor takes a moment to show what was just made.",
        remedy="Nothing to do: OneClick looks again.",
        who="oneclick",
    ),
    ErrorCode.DOMAIN_NOT_VERIFIED: Entry(
        cause="The address's domain is not verified at the vendor.",
        remedy="Verify the domain in the vendor's console or use another address.",
        who="vendor admin",
    ),
    ErrorCode.UNKNOWN: Entry(
        cause="The vendor answered something that OneClick does not know.",
        remedy="Look at the raw reply. Retry, or do it by hand at the vendor.",
        who="you",
    ),
}


def explain(error: ProviderError, manifest: Manifest) -> Explained:
    """What to tell a person about this error: the provider's own words first, else the catalogue's."""
    entry = CATALOGUE[error.code]
    own = manifest.remedies.get(error.code)
    return Explained(
        code=error.code,
        message=str(error) or (own.message if own and own.message else entry.cause),
        remedy=own.remedy if own else entry.remedy,
        who=entry.who,
        field=error.field,
        link_label=own.link_label if own else None,
        link_url=own.link_url if own else None,
        vendor_message=error.vendor_message,
    )
