"""What live pages are told. An event names what changed; the reader asks again for the rest."""

from uuid import UUID

from services.shared.kit.uow import UnitOfWork


def tell_request(uow: UnitOfWork, request_id: UUID, state: str) -> None:
    """A request's state changed."""
    uow.emit("request.changed", request_id, {"request_id": str(request_id), "state": state})


def tell_plan(uow: UnitOfWork, request_id: UUID, plan_id: UUID, state: str) -> None:
    """A plan's state changed."""
    uow.emit(
        "plan.changed", request_id, {"request_id": str(request_id), "plan_id": str(plan_id), "state": state}
    )


def tell_result(uow: UnitOfWork, request_id: UUID, app: str, state: str) -> None:
    """An app's state changed."""
    uow.emit("result.changed", request_id, {"request_id": str(request_id), "app": app, "state": state})


def tell_action(uow: UnitOfWork, request_id: UUID, app: str, action_id: UUID, state: str) -> None:
    """An action's state changed."""
    uow.emit(
        "action.changed",
        request_id,
        {"request_id": str(request_id), "app": app, "action_id": str(action_id), "state": state},
    )
