"""The planned actions' common shapes, and the draft that they are collected in."""

from typing import Any

from services.shared.providers.google.accounts import GoogleUser
from services.shared.providers.google.client import GoogleContext
from services.shared.providers.google.groups import GoogleGroup
from services.shared.providers.google.skus import Sku
from services.shared.sdk.contract import PlannedAction
from services.shared.sdk.draft import PlanDraft
from services.shared.sdk.manifest import ActionKind


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self._root: str | None = None

    def add(self, action: PlannedAction, *, after: str | None = None) -> None:
        """Append an action; it waits for the account's creation or adoption, and for `after`."""
        waits = tuple(dict.fromkeys(key for key in (self._root, after) if key))
        self.actions.append(action.model_copy(update={"depends_on": waits}))
        if action.kind in {ActionKind.CREATE, ActionKind.ADOPT}:
            self._root = action.key

    def remove_or_keep(
        self,
        ctx: GoogleContext,
        thing: Sku | GoogleGroup,
        user: GoogleUser,
        *,
        remove_others: bool,
        after: str | None = None,
    ) -> None:
        """Remove what we gave; what others gave only on purpose, else the plan says that it stays."""
        grant = thing.grant
        if remove_others or ctx.known.gave(grant.kind, grant.key):
            self.add(removal_step(thing, user), after=after)
            return
        word = "licence" if isinstance(thing, Sku) else "membership of"
        message = f"The {word} {grant.label} stays: OneClick did not give it."
        self.note(f"kept_{grant.kind}", message)


def adopt_step(user: GoogleUser, *, consent: bool, foreign: bool) -> PlannedAction:
    """Link an account that exists; `consent` is a person's, and needed when it is not ours."""
    return PlannedAction(
        key="adopt",
        kind=ActionKind.ADOPT,
        target=user.address,
        title=f"Adopt the account {user.address}" if foreign else f"Link OneClick's account {user.address}",
        before={"managed_by_oneclick": not foreign},
        after={"managed_by_oneclick": True},
        params={"user_id": user.id, "consent": consent, "foreign": foreign},
    )


def licence_step(sku: Sku, before: Sku | None, user: GoogleUser | None) -> PlannedAction:
    """Assign, or switch from another SKU of the same product; `user` is None for an account to be made."""
    return PlannedAction(
        key=f"license:{sku.key}",
        kind=ActionKind.ASSIGN_LICENSE,
        target=sku.label,
        title=f"Switch {before.label} to {sku.label}" if before else f"Assign {sku.label}",
        before={"license": before.label} if before else None,
        after={"license": sku.label},
        params={"sku": sku.key, "old_sku": before.key if before else None, **_account(user)},
    )


def group_step(group: GoogleGroup, user: GoogleUser | None) -> PlannedAction:
    """Add to the group; `user` is None for an account to be made."""
    return PlannedAction(
        key=f"group:{group.id}",
        kind=ActionKind.ADD_TO_GROUP,
        target=group.name,
        title=f"Add to the group {group.name}",
        after={"group": group.address},
        params={"group": group.model_dump(), **_account(user)},
    )


def removal_step(thing: Sku | GoogleGroup, user: GoogleUser) -> PlannedAction:
    """Take a licence or a membership away."""
    if isinstance(thing, Sku):
        return PlannedAction(
            key=f"license:{thing.key}",
            kind=ActionKind.REMOVE_LICENSE,
            target=thing.label,
            title=f"Remove {thing.label}",
            before={"license": thing.label},
            params={"sku": thing.key, **_account(user)},
        )
    return PlannedAction(
        key=f"group:{thing.id}",
        kind=ActionKind.REMOVE_FROM_GROUP,
        target=thing.name,
        title=f"Remove from the group {thing.name}",
        before={"group": thing.address},
        params={"group": thing.model_dump(), **_account(user)},
    )


def _account(user: GoogleUser | None) -> dict[str, Any]:
    return {"user_id": user.id, "address": user.address} if user else {"user_id": None, "address": None}
