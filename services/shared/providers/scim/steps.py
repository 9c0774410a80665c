"""The planned actions' common shapes, and the draft that they are collected in."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from services.shared.providers.scim.accounts import ScimUser
from services.shared.providers.scim.client import ScimContext
from services.shared.providers.scim.discovery import Features
from services.shared.providers.scim.groups import ScimGroup
from services.shared.providers.scim.wishes import Wished, show
from services.shared.sdk.contract import Choice, ChoiceOption, Grant, Notice, Plan, PlannedAction
from services.shared.sdk.draft import PlanDraft, noop_plan
from services.shared.sdk.manifest import ActionKind

ValueKind = Literal["license", "role"]
ATTRIBUTE_OF: Mapping[ValueKind, str] = {"license": "entitlements", "role": "roles"}
_WORD: Mapping[ValueKind, str] = {"license": "entitlement", "role": "role"}


class Draft(PlanDraft):
    """A plan in the making. What follows the account's own action waits for it."""

    def __init__(self, ctx: ScimContext, features: Features, user: ScimUser | None) -> None:
        self.ctx = ctx
        super().__init__()
        self.seen: dict[str, Any] = {}
        self._common = {"user_id": user.id if user else None, "features": features.model_dump()}
        self._root: str | None = None

    def add(
        self,
        key: str,
        kind: ActionKind,
        target: str,
        title: str,
        *,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        waits_for: str | None = None,
        reversible: bool = True,
        **params: Any,
    ) -> None:
        """Append an action; it waits for the account's creation or adoption, and for `waits_for`."""
        waits = tuple(dict.fromkeys(one for one in (self._root, waits_for) if one))
        action = PlannedAction(
            key=key,
            kind=kind,
            target=target,
            title=title,
            before=before,
            after=after,
            reversible=reversible,
            depends_on=waits,
            params={**self._common, **params},
        )
        self.actions.append(action)
        if kind in {ActionKind.CREATE, ActionKind.ADOPT}:
            self._root = key

    def finish(self) -> Plan:
        """The plan, or one noop when nothing is to be done."""
        return self.plan(self.ctx, **self.seen)

    def left_alone(self) -> Plan:
        """The same look at the application with nothing to do: a decision must not make a plan stale."""
        message = f"{self.ctx.person.work_email} exists in {self.ctx.settings.title} and is left as it is."
        return noop_plan(self.ctx, self.seen, Notice(code="skipped", message=message))


def choice_of(ctx: ScimContext, user: ScimUser) -> Choice:
    """What to do with an account that is not ours."""
    return Choice(
        code="existing_account",
        message=f"{user.user_name} exists in {ctx.settings.title} and OneClick did not make it.",
        options=(
            ChoiceOption(value="adopt", label="Adopt it: OneClick manages it from now on"),
            ChoiceOption(value="skip", label="Leave it as it is"),
        ),
    )


def value_grant(kind: ValueKind, value: str) -> Grant:
    """An entitlement or a role as something that OneClick gave."""
    return Grant(kind=kind, key=value, label=value)


def add_update(draft: Draft, user: ScimUser, changed: Iterable[Wished]) -> None:
    """Bring attributes to their values, and the account back to life."""
    values: dict[str, Any] = {one.path: one.value for one in changed}
    before: dict[str, Any] = {one.path: show(one.place.read(user.raw)) for one in changed}
    after: dict[str, Any] = {one.path: one.shown for one in changed}
    if not user.active:
        before, after = {"active": False, **before}, {"active": True, **after}
        values = {"active": True, **values}
    if not values:
        return
    title = "Update the account" if user.active else "Activate the account"
    draft.add("update", ActionKind.UPDATE, user.user_name, title, before=before, after=after, values=values)


def give_value(draft: Draft, kind: ValueKind, value: str) -> None:
    """Add an entitlement or a role."""
    action = ActionKind.ASSIGN_LICENSE if kind == "license" else ActionKind.GRANT_ROLE
    draft.add(
        f"{kind}:{value}",
        action,
        value,
        f"Give the {_WORD[kind]} {value}",
        after={_WORD[kind]: value},
        value=value,
        grant=kind,
    )


def take_value(draft: Draft, kind: ValueKind, value: str, *, waits_for: str | None = None) -> None:
    """Remove an entitlement or a role. A role goes by an update: there is no kind of action for it."""
    action = ActionKind.REMOVE_LICENSE if kind == "license" else ActionKind.UPDATE
    draft.add(
        f"{kind}:{value}",
        action,
        value,
        f"Remove the {_WORD[kind]} {value}",
        before={_WORD[kind]: value},
        waits_for=waits_for,
        value=value,
        grant=kind,
    )


def join_group(draft: Draft, group: ScimGroup) -> None:
    draft.add(
        f"group:{group.id}",
        ActionKind.ADD_TO_GROUP,
        group.name,
        f"Add to the group {group.name}",
        after={"group": group.name},
        group=group.model_dump(),
    )


def part_group(draft: Draft, group: ScimGroup, *, waits_for: str | None = None) -> None:
    draft.add(
        f"group:{group.id}",
        ActionKind.REMOVE_FROM_GROUP,
        group.name,
        f"Remove from the group {group.name}",
        before={"group": group.name},
        waits_for=waits_for,
        group=group.model_dump(),
    )


class Holdings:
    """What an account has, against what it should have: groups, entitlements, roles."""

    def __init__(
        self, ctx: ScimContext, user: ScimUser | None, member_of: Mapping[str, ScimGroup], form: Any
    ) -> None:
        self.member_of = dict(member_of)
        self.wished: dict[ValueKind, tuple[str, ...]] = {
            "license": form.entitlements if form else (),
            "role": form.roles if form else (),
        }
        self.held: dict[ValueKind, tuple[str, ...]] = {
            "license": user.entitlements if user else (),
            "role": user.roles if user else (),
        }
        self._known = ctx.known

    def give(self, draft: Draft, groups: Iterable[ScimGroup]) -> None:
        """Plan what is wished and not there."""
        for kind, wished in self.wished.items():
            for value in wished:
                if value not in self.held[kind]:
                    give_value(draft, kind, value)
        for group in groups:
            if group.id not in self.member_of:
                join_group(draft, group)

    def take(
        self, draft: Draft, groups: Iterable[ScimGroup], *, remove_others: bool, waits_for: str | None = None
    ) -> None:
        """Plan away what we gave and is not wished; what others gave only on purpose, else say that it stays."""
        for kind, held in self.held.items():
            for value in sorted(set(held) - set(self.wished[kind])):
                if remove_others or self._known.gave(kind, value):
                    take_value(draft, kind, value, waits_for=waits_for)
                else:
                    draft.note(f"kept_{kind}", f"The {_WORD[kind]} {value} stays: OneClick did not give it.")
        wished = {group.id for group in groups}
        for group in sorted(self.member_of.values(), key=lambda one: one.id):
            if group.id in wished:
                continue
            if remove_others or self._known.gave("group", group.id):
                part_group(draft, group, waits_for=waits_for)
            else:
                draft.note("kept_group", f"The membership of {group.name} stays: OneClick did not give it.")

    def see(self, *, ours_only: bool = False) -> dict[str, Any]:
        """For the fingerprint."""

        def mine(kind: ValueKind, values: Iterable[str]) -> list[str]:
            return sorted(one for one in values if not ours_only or self._known.gave(kind, one))

        groups = sorted(key for key in self.member_of if not ours_only or self._known.gave("group", key))
        return {
            "groups": groups,
            "roles": mine("role", self.held["role"]),
            "licenses": mine("license", self.held["license"]),
        }
