"""The words of subscriptions, notifications and gaps."""

from enum import StrEnum


class SubscriptionState(StrEnum):
    CREATING = "creating"
    """Wanted, and not yet at the vendor."""
    ACTIVE = "active"
    FAILING = "failing"
    """A renewal or another step was refused; `problem` says what to do. It may still be delivered to."""
    LAPSED = "lapsed"
    """Wanted, and gone at the vendor: nothing arrives until it is made anew."""
    DELETING = "deleting"
    DELETED = "deleted"


class Asked(StrEnum):
    """What somebody wants to happen to a subscription besides what its times say."""

    RENEW = "renew"
    REAUTHORIZE = "reauthorize"


class EventKind(StrEnum):
    CHANGE = "change"
    LIFECYCLE = "lifecycle"


class EventState(StrEnum):
    QUEUED = "queued"
    RETRYING = "retrying"
    DONE = "done"
    DEAD = "dead"


class Lifecycle(StrEnum):
    """As Microsoft spells them."""

    REAUTHORIZATION_REQUIRED = "reauthorizationRequired"
    SUBSCRIPTION_REMOVED = "subscriptionRemoved"
    MISSED = "missed"


class GapReason(StrEnum):
    BASELINE = "baseline"
    """No gap: where reading by delta begins."""
    MISSED = "missed"
    REMOVED = "removed"
    LAPSED = "lapsed"
    CURSOR_LOST = "cursor_lost"
    RECONCILE = "reconcile"
    """Nobody said that anything is missing: for users and groups Microsoft never does."""
    ASKED = "asked"


class ClosedBy(StrEnum):
    DELTA = "delta"
    FULL_RESYNC = "full_resync"
    NOT_POSSIBLE = "not_possible"
    """The vendor offers no delta for this resource: look there."""


SUBSCRIPTION_KEEP = "subscription.keep"
SUBSCRIPTION_WATCH = "subscription.watch"
SUBSCRIPTION_RESYNC = "subscription.resync"
NOTIFICATION_PROCESS = "notification.process"
LANE = "microsoft"
"""What a cool-down of the vendor holds back."""
