"""Showing a first password: written down before it is shown, and never in what is written."""

from uuid import UUID

from services.api.auth_client import NoPassword
from services.api.dependencies import Caller
from services.api.requests.mapping import has_readable_password
from services.shared.domain.audit import service as audit
from services.shared.domain.provisioning import reading
from services.shared.kit.errors import DomainError
from services.shared.kit.logging import get_logger

log = get_logger(__name__)


async def reveal(caller: Caller, request_id: UUID, action_id: UUID) -> str:
    """The password, once.

    The wish to see it is committed to the audit log first: nothing is shown that leaves no trace.

    Raises:
        ActionNotFound: not in this tenant, or not in this request.
        NoPassword: the action has none.
        PasswordGone, PasswordExpired: it was shown before, or its time is over.
        AuthAway: it cannot be fetched now.
    """
    async with caller.unit() as uow:
        action = await reading.get_action(uow, request_id, action_id)
        if not has_readable_password(action):
            raise NoPassword("There is no first password for this action.")
        audit.write_down(
            uow,
            "first_password.asked",
            target_kind="action",
            target_id=action.id,
            target_label=action.target,
            after={"request_id": str(request_id)},
        )
    try:
        password = await caller.backends.auth.reveal(
            caller.principal.tenant_id, caller.principal.actor.id, action_id
        )
    except DomainError as error:
        await _write_down(caller, request_id, action_id, "first_password.refused", action.target, error.code)
        raise
    try:
        await _write_down(caller, request_id, action_id, "first_password.revealed", action.target, "ok")
    except Exception:  # the vault has let go of it: a database that fails now must not lose it
        log.exception("reveal_not_written_down", action_id=str(action_id))
    return password


async def _write_down(
    caller: Caller, request_id: UUID, action_id: UUID, what: str, target: str, outcome: str
) -> None:
    async with caller.unit() as uow:
        audit.write_down(
            uow,
            what,
            target_kind="action",
            target_id=action_id,
            target_label=target,
            after={"request_id": str(request_id)},
            outcome=outcome,
        )
