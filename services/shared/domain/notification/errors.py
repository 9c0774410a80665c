"""What can be wrong with what is asked for."""

from services.shared.kit.errors import DomainError, Kind, NotFound


class SubscriptionNotFound(NotFound):
    code = "subscription_not_found"


class EventNotFound(NotFound):
    code = "notification_not_found"


class MessageNotFound(NotFound):
    code = "message_not_found"


class SubscriptionExists(DomainError):
    """The vendor refuses a second subscription to the same resource and changes."""

    kind = Kind.CONFLICT
    code = "subscription_exists"


class NotYetActive(DomainError):
    kind = Kind.CONFLICT
    code = "subscription_not_active"
