"""The planned actions' common shapes, and the draft that they are collected in."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.microsoft.client import MicrosoftContext
from services.shared.providers.microsoft.wire import GraphGroup, GraphPerson, GraphUser
from services.shared.sdk.contract import Choice, ChoiceOption, Notice, Plan, PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.fingerprint import fingerprint
from services.shared.sdk.manifest import ActionKind


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it.

    `seen` is the remote state that the plan rests on. It must not depend on decisions: a plan that
    was shown with a choice and is planned again with the choice taken has the same fingerprint.
    """

    def __init__(self, ctx: MicrosoftContext, user: GraphUser | None) -> None:
        self._ctx = ctx
        self.user = user
        super().__init__()
        self.seen: dict[str, Any] = {}
        self.gone = False
        """Somebody else deleted the account that our books know."""
        self._root: str | None = None

    @property
    def target(self) -> str:
        """The account, as people know it."""
        return self.user.user_principal_name if self.user else self._ctx.person.work_email

    def add(self, action: PlannedAction, *waits: str) -> None:
        """Append an action; it waits for the account's creation or adoption, and for `waits`."""
        depends_on = tuple(dict.fromkeys(key for key in (self._root, *waits) if key))
        remote_id = self.user.id if self.user else None
        self.actions.append(
            action.model_copy(
                update={"depends_on": depends_on, "params": {"remote_id": remote_id, **action.params}}
            )
        )
        if action.kind in {ActionKind.CREATE, ActionKind.ADOPT}:
            self._root = action.key

    def keys(self, *kinds: ActionKind) -> tuple[str, ...]:
        """The keys of the actions of these kinds so far."""
        return tuple(action.key for action in self.actions if action.kind in kinds)

    def finish(self) -> Plan:
        """The plan, or one noop when nothing is to be done."""
        if not self.actions:
            noop = _noop(self.target, self.user)
            self.add(noop.model_copy(update={"params": {"gone": True}}) if self.gone else noop)
        return self.plan(self._ctx, **self.seen)

    def skipped(self) -> Plan:
        """The same plan after the decision to leave the account as it is: it does nothing."""
        notice = Notice(
            code="skipped", message=f"{self.target} exists in Microsoft 365 and is left as it is."
        )
        return Plan(
            actions=(_noop(self.target, None),), notices=(notice,), fingerprint=fingerprint(self.seen)
        )


def _noop(target: str, user: GraphUser | None) -> PlannedAction:
    """`user` is ours, and the outcome will tell so; None for an account that is left alone, or none."""
    told = {"remote_id": user.id, "login": user.user_principal_name, "url": user.url} if user else {}
    return PlannedAction(key="noop", kind=ActionKind.NOOP, target=target, title="Nothing to do", params=told)


def choice_of(user: GraphUser, address: str) -> Choice:
    """Whether an account that is not ours may be managed."""
    name = user.user_principal_name
    how = "" if name.lower() == address.lower() else f" as an address of {name}"
    other = " It carries OneClick's mark of another employee." if user.mark else ""
    return Choice(
        code="existing_account",
        message=f"{address} exists in Microsoft 365{how} and OneClick did not make it.{other}",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def adopt_step(user: GraphUser) -> PlannedAction:
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=user.user_principal_name,
        title=f"Adopt the account {user.user_principal_name}",
        before={"managed_by_oneclick": False},
        after={"managed_by_oneclick": True},
    )


def update_step(
    target: str, before: Mapping[str, Any], after: Mapping[str, Any], *, title: str = "Update the account"
) -> PlannedAction:
    """`after` is written; its names are those of `GraphUser`."""
    return PlannedAction(
        key="update",
        kind=ActionKind.UPDATE,
        target=target,
        title=title,
        before=dict(before),
        after=dict(after),
        params={"properties": dict(after)},
    )


def manager_step(target: str, now: GraphPerson | None, wished: GraphPerson) -> PlannedAction:
    return PlannedAction(
        key="manager",
        kind=ActionKind.UPDATE,
        target=target,
        title=f"Set {wished.label} as manager",
        before={"manager": now.label if now else None},
        after={"manager": wished.label},
        params={"manager_id": wished.id, "manager": wished.label},
    )


def add_to_group_step(group: GraphGroup) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id.lower()}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.label,
        title=f"Add to the group {group.label}",
        after={"group": group.label},
        params={"group_id": group.id.lower(), "group": group.label},
    )


def remove_from_group_step(group: GraphGroup) -> PlannedAction:
    return PlannedAction(
        key=f"group:{group.id.lower()}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=group.label,
        title=f"Remove from the group {group.label}",
        before={"group": group.label},
        params={"group_id": group.id.lower(), "group": group.label},
    )


def remove_license_step(sku_id: str, name: str) -> PlannedAction:
    return PlannedAction(
        key=f"license:{sku_id}",
        kind=ActionKind.REMOVE_LICENSE,
        target=name,
        title=f"Remove {name}",
        before={"license": name},
        params={"sku_id": sku_id, "license": name},
    )
