"""Which caller may use which route: the whole list, in one place."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from services.shared.web.service_tokens import Doorman, require_caller

Check = Callable[[str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Allowed:
    """A dependency per group of routes; each answers 401 to strangers and 403 to other callers."""

    sign_in: Check
    session: Check
    tenant_token: Check
    connections: Check
    oauth: Check
    operators: Check
    api_keys: Check
    webhook_check: Check
    notifications: Check
    first_password_store: Check
    first_password_reveal: Check
    maintenance: Check


def allowed_callers(doorman: Doorman) -> Allowed:
    """The allow-list."""

    def only(*callers: str) -> Check:
        return require_caller(lambda: doorman, *callers)

    return Allowed(
        sign_in=only("bff"),
        session=only("bff"),
        tenant_token=only("worker"),
        connections=only("api"),
        oauth=only("bff"),
        operators=only("api"),
        api_keys=only("api"),
        webhook_check=only("api"),
        notifications=only("worker"),
        first_password_store=only("worker"),
        first_password_reveal=only("api"),
        maintenance=only("scheduler"),
    )
