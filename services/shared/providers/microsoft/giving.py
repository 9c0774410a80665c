"""What a plan gives and takes: licences and groups, ours and others'."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.shared.providers.microsoft.client import MicrosoftContext
from services.shared.providers.microsoft.licences import Catalogue, WishedLicense, tell_failures
from services.shared.providers.microsoft.steps import (
    Draft,
    add_to_group_step,
    remove_from_group_step,
    remove_license_step,
)
from services.shared.providers.microsoft.wire import GraphGroup, GraphUser, HeldLicense
from services.shared.sdk.contract import PlannedAction, SeatUse
from services.shared.sdk.manifest import ActionKind


@dataclass(frozen=True, slots=True)
class Holdings:
    """What the account has and what it shall have. `user` is None for an account that is to be made."""

    user: GraphUser | None
    member_of: Mapping[str, GraphGroup]
    catalogue: Catalogue
    licenses: tuple[WishedLicense, ...]
    groups: tuple[GraphGroup, ...]
    remove_others: bool

    @property
    def direct(self) -> Mapping[str, HeldLicense]:
        return self.user.direct if self.user else {}

    @property
    def satisfied(self) -> frozenset[str]:
        """SKUs that come through a group and work: nothing is to be assigned for them."""
        return frozenset(self.user.through_groups) - set(self.direct) if self.user else frozenset()


def plan_licenses(ctx: MicrosoftContext, draft: Draft, holdings: Holdings) -> None:
    """Remove first, then assign: services of one licence may exclude services of the next."""
    if holdings.user is not None:
        draft.notices.extend(tell_failures(holdings.user, holdings.catalogue))
    wished = {one.sku.sku_id for one in holdings.licenses}
    _take_licenses(ctx, draft, holdings, wished)
    waits = draft.keys(ActionKind.REMOVE_LICENSE)
    update = next((one for one in draft.actions if one.key == "update"), None)
    if update is not None and "usage_location" in (update.after or {}):
        waits = ("update", *waits)
    for one in holdings.licenses:
        held = holdings.direct.get(one.sku.sku_id)
        if one.sku.sku_id in holdings.satisfied or (held and held.disabled_plans == one.disabled):
            continue
        draft.add(_assign_step(ctx, holdings.catalogue, one, held), *waits)
        if held is None:
            _count_seat(draft, one)


def _take_licenses(ctx: MicrosoftContext, draft: Draft, holdings: Holdings, wished: set[str]) -> None:
    kept: list[str] = []
    for sku_id in sorted(set(holdings.direct) - wished):
        name = holdings.catalogue.name(sku_id)
        if holdings.remove_others or ctx.known.gave("license", sku_id):
            draft.add(remove_license_step(sku_id, name), *_after_suspension(draft))
        else:
            kept.append(name)
    if kept:
        draft.note("kept_license", f"Kept, because OneClick did not give it: {', '.join(kept)}.")
    inherited = [holdings.catalogue.name(one) for one in sorted(holdings.satisfied - wished)]
    if inherited:
        draft.note("kept_license", f"Kept, because it comes through a group: {', '.join(inherited)}.")


def plan_groups(ctx: MicrosoftContext, draft: Draft, holdings: Holdings) -> None:
    """Add to what is wished; remove from what we added to and the wish no longer names."""
    wished = {group.id.lower() for group in holdings.groups}
    kept: list[str] = []
    for key, group in sorted(holdings.member_of.items()):
        if key in wished or group.kept_by == "rule":
            continue
        ours = ctx.known.gave("group", key)
        if group.kept_by is None and (ours or holdings.remove_others):
            draft.add(remove_from_group_step(group), *_after_suspension(draft))
        else:
            kept.append(group.label)
    if kept:
        draft.note("kept_group", f"Stays in groups that OneClick did not add to: {', '.join(kept)}.")
    for group in holdings.groups:
        if group.id.lower() not in holdings.member_of:
            draft.add(add_to_group_step(group))


def see_holdings(ctx: MicrosoftContext, holdings: Holdings) -> dict[str, Any]:
    """What the plan rests on: what is wished or ours, and everything where others' is removed too."""
    skus = {one.sku.sku_id for one in holdings.licenses}
    groups = {group.id.lower() for group in holdings.groups}

    def matters(kind: Any, key: str, wished: set[str]) -> bool:
        return holdings.remove_others or key in wished or ctx.known.gave(kind, key)

    return {
        "licenses": {
            key: held.disabled_plans for key, held in holdings.direct.items() if matters("license", key, skus)
        },
        "through_groups": sorted(key for key in holdings.satisfied if key in skus),
        "groups": sorted(key for key in holdings.member_of if matters("group", key, groups)),
        "full": sorted(
            one.sku.sku_id
            for one in holdings.licenses
            if one.sku.free <= 0 and one.sku.sku_id not in {*holdings.direct, *holdings.satisfied}
        ),
    }


def _after_suspension(draft: Draft) -> tuple[str, ...]:
    return draft.keys(ActionKind.SUSPEND)


def _assign_step(
    ctx: MicrosoftContext, catalogue: Catalogue, wished: WishedLicense, held: HeldLicense | None
) -> PlannedAction:
    sku_id, name = wished.sku.sku_id, wished.name
    off = catalogue.services(sku_id, wished.disabled)
    return PlannedAction(
        key=f"license:{sku_id}",
        kind=ActionKind.ASSIGN_LICENSE,
        target=name,
        title=f"Change the services of {name}" if held else f"Assign {name}",
        before={"license": name, "services_off": catalogue.services(sku_id, held.disabled_plans)}
        if held
        else None,
        after={"license": name, "services_off": off},
        params={
            "sku_id": sku_id,
            "license": name,
            "disabled_plans": list(wished.disabled),
            # A licence that others gave stays theirs when only its services change.
            "ours": held is None or ctx.known.gave("license", sku_id),
        },
    )


def _count_seat(draft: Draft, wished: WishedLicense) -> None:
    sku = wished.sku
    draft.seats.append(SeatUse(key=sku.sku_id, name=wished.name, free=sku.free, needed=1))
    if sku.free > 0:
        return
    why = (
        f"All {sku.prepaid_units.enabled} seats of {wished.name} are taken"
        if sku.usable
        else f"The subscription of {wished.name} is {sku.capability_status.lower()}"
    )
    draft.note("no_seats", f"{why}: assigning it will wait until there is a seat.")
