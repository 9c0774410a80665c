"""The manager: whom the wish means, and who it is now."""

from dataclasses import dataclass

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all, find
from services.shared.providers.microsoft.form import is_guid
from services.shared.providers.microsoft.requests import quoted
from services.shared.providers.microsoft.wire import GraphPerson
from services.shared.sdk.contract import Notice
from services.shared.sdk.errors import ErrorCode, Refused


@dataclass(frozen=True, slots=True)
class WishedManager:
    """Nobody, when there is none to set; the notice says why when one was named."""

    person: GraphPerson | None = None
    notice: Notice | None = None


async def wished_manager(ctx: MicrosoftContext, named: str | None) -> WishedManager:
    """Whom the form names, else the manager named with the employee.

    Raises:
        Refused: the form names nobody who exists, or the person themself.
    """
    key = named or ctx.person.manager_email
    if not key:
        return WishedManager()
    person = await _find_person(ctx, key)
    trouble = None
    if person is None:
        trouble = f"Nobody in Microsoft 365 has the address or id {key}."
    elif _is_self(ctx, person):
        trouble = "Nobody can be their own manager."
    if trouble is None:
        return WishedManager(person)
    if named:
        raise Refused(trouble, code=ErrorCode.INVALID_FIELD, field="manager")
    return WishedManager(notice=Notice(code="no_manager", message=f"No manager is set: {trouble}"))


def _is_self(ctx: MicrosoftContext, person: GraphPerson) -> bool:
    address = ctx.person.work_email.lower()
    return person.id == ctx.known.remote_id or (person.user_principal_name or "").lower() == address


async def _find_person(ctx: MicrosoftContext, key: str) -> GraphPerson | None:
    if is_guid(key):
        return await find(ctx, requests.get_person(key), GraphPerson)
    condition = f"userPrincipalName eq {quoted(key)} or mail eq {quoted(key)}"
    people = await fetch_all(ctx, requests.find_people(condition), GraphPerson)
    exact = [one for one in people if (one.user_principal_name or "").lower() == key.lower()]
    return next(iter(exact or people), None)
