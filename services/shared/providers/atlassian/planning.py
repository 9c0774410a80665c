"""The plan of somebody who works here: an account, access to this app's products, and groups."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.atlassian.access import (
    Access,
    Landscape,
    read_landscape,
    title_of,
    wished_access,
)
from services.shared.providers.atlassian.accounts import Account, Found, Group, Home
from services.shared.providers.atlassian.client import JIRA, App, AtlassianContext
from services.shared.providers.atlassian.form import AtlassianForm, ConfluenceForm, JiraForm
from services.shared.providers.atlassian.homes import home_of
from services.shared.providers.atlassian.steps import (
    Draft,
    adopt_step,
    choice_of,
    create_step,
    invite_task,
    join_step,
    link_step,
    part_step,
    skipped,
)
from services.shared.sdk.contract import Desired, Plan, PlannedAction
from services.shared.sdk.draft import noop_plan
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together


def parse_form(app: App, fields: Mapping[str, Any]) -> AtlassianForm:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    model: type[AtlassianForm] = JiraForm if app is JIRA else ConfluenceForm
    try:
        return model.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        raise Refused(
            str(first["msg"]).removeprefix("Value error, "), code=ErrorCode.INVALID_FIELD, field=field
        ) from error


async def plan_active(ctx: AtlassianContext, app: App, desired: Desired) -> Plan:
    """Compare the wish with Atlassian. Reads only."""
    form, home = parse_form(app, desired.fields), home_of(ctx, app)
    async with together() as group:
        found_task = group.create_task(home.find_account())
        landscape_task = group.create_task(read_landscape(ctx, app))
    found, landscape = found_task.result(), landscape_task.result()
    stranger = found.account if found.kind == "foreign" else None
    if found.account is None:
        stranger = await home.find_unlinked()
    if stranger is not None and desired.existing_account == "fail":
        raise Refused(
            f"An account {ctx.person.work_email} exists at Atlassian and OneClick did not make it.",
            code=ErrorCode.ALREADY_EXISTS,
            field="employee.work_email",
        )
    if found.account is None:
        plan = await _plan_new(home, desired, form, landscape, stranger)
    else:
        plan = await _plan_existing(home, desired, form, landscape, found, found.account)
    if stranger is not None and desired.existing_account == "skip":
        # The same look at Atlassian with nothing to do: a decision must not make a plan stale.
        nothing = noop_plan(ctx, {}, skipped(ctx))
        return nothing.model_copy(update={"fingerprint": plan.fingerprint})
    return plan


async def _plan_new(
    home: Home, desired: Desired, form: AtlassianForm, landscape: Landscape, unlinked: Account | None
) -> Plan:
    ctx, app, draft = home.ctx, home.app, Draft()
    access = await wished_access(home, form, landscape, {})
    params = _new_account(home, form, landscape, access)
    if unlinked is not None:
        draft.add(link_step(ctx, app, params, consent=desired.existing_account == "adopt"))
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(ctx, unlinked))
    elif await home.can_create():
        draft.add(create_step(ctx, app, params, invites=not home.keeps_marks))
    else:
        draft.add(invite_task(ctx, app), root=True)
    # An account that exists is in no group because it was invited.
    arrives = {one["id"] for one in params.get("comes_with", ())} if unlinked is None else set()
    for group in access.groups:
        if group.id not in arrives:
            draft.add(join_step(group, None, app=app, gives_access=group.id in access.access))
    return draft.plan(
        ctx,
        seats=access.seats,
        account=None,
        unlinked=unlinked.id if unlinked else None,
        groups=sorted(group.id for group in access.groups),
    )


def _new_account(home: Home, form: AtlassianForm, landscape: Landscape, access: Access) -> dict[str, Any]:
    person = home.ctx.person
    address = person.work_email
    if home.keeps_marks:
        return {
            "address": address,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "display_name": person.full_name.strip(),
            "title": person.job_title,
            "department": person.department,
        }
    names = {group.name.lower() for group in access.groups}
    # Jira puts an invited person into the default groups of the products that it is told: it is told a product only
    # where these are the groups that the wish comes to anyway.
    products = [
        product.key
        for product in landscape.mine or ()
        if home.app is JIRA
        and product.key in form.wished_products
        and product.defaults
        and {name.lower() for name in product.defaults} <= names
    ]
    defaults = [product for product in landscape.mine or () if product.key in products]
    return {
        "address": address,
        "products": products,
        "product_titles": [title_of(key) for key in products],
        "comes_with": [
            group.model_dump()
            for group in access.groups
            if any(product.is_default(group.name) for product in defaults)
        ],
    }


async def _plan_existing(
    home: Home,
    desired: Desired,
    form: AtlassianForm,
    landscape: Landscape,
    found: Found,
    account: Account,
) -> Plan:
    ctx, app, draft = home.ctx, home.app, Draft()
    member_of = await home.groups_of(account)
    access = await wished_access(home, form, landscape, member_of)
    if found.kind == "foreign" or not found.linked:
        consent = desired.existing_account == "adopt"
        foreign, target = found.kind == "foreign", ctx.person.work_email
        draft.add(adopt_step(account, consent=consent, foreign=foreign, target=target))
    if (update := await _update_step(home, draft, account)) is not None:
        draft.add(update)
    for group in access.groups:
        if group.id not in member_of:
            draft.add(join_step(group, account, app=app, gives_access=group.id in access.access))
    removes_all = desired.unmanaged == "remove"
    _plan_removals(draft, home, landscape, account, member_of, access, removes_all=removes_all)
    if account.login and account.login.lower() != ctx.person.work_email.lower():
        draft.note(
            "other_address",
            f"At Atlassian the account's address is {account.login}. OneClick renames nobody.",
        )
    if found.kind == "foreign" and desired.existing_account == "ask":
        draft.choices.append(choice_of(ctx, account))
    of_interest = {group.id for group in access.groups} | {
        grant.key for grant in ctx.known.grants if grant.kind == "group"
    }
    return draft.plan(
        ctx,
        seats=access.seats,
        account={"id": account.id, **account.shown(), "ours": found.kind == "ours"},
        groups=sorted(key for key in member_of if removes_all or key in of_interest),
    )


async def _update_step(home: Home, draft: Draft, account: Account) -> PlannedAction | None:
    person, now = home.ctx.person, account.shown()
    wanted: dict[str, Any] = {"active": True}
    if home.keeps_names:
        wanted |= {"given_name": person.given_name, "family_name": person.family_name}
    changed = {name: value for name, value in wanted.items() if now[name] != value}
    if "active" in changed and not await home.can_suspend(account):
        draft.note(
            "inactive",
            "The account is deactivated and this connection may not activate it: do it in Atlassian's administration.",
        )
        del changed["active"]
    if not changed:
        return None
    return PlannedAction(
        key="update",
        kind=ActionKind.UPDATE,
        target=home.ctx.person.work_email,
        title="Activate the account" if "active" in changed else "Update the account",
        before={name: now[name] for name in changed},
        after=changed,
        params={"user_id": account.id},
    )


def _plan_removals(
    draft: Draft,
    home: Home,
    landscape: Landscape,
    account: Account,
    member_of: Mapping[str, Group],
    access: Access,
    *,
    removes_all: bool,
) -> None:
    keep = {group.id for group in access.groups}
    for key, group in sorted(member_of.items()):
        if key not in keep:
            remove_or_keep(draft, home, landscape, account, group, removes_all=removes_all)


def remove_or_keep(
    draft: Draft,
    home: Home,
    landscape: Landscape,
    account: Account,
    group: Group,
    *,
    removes_all: bool,
    after: tuple[str, ...] = (),
) -> str | None:
    """Remove what we gave; what others gave only on purpose, and never the other app's access. The action's key."""
    ctx, app = home.ctx, home.app
    if landscape.gives_others(group.name) and not ctx.known.gave("group", group.id):
        return None  # the other app's: not even worth a notice
    if removes_all or ctx.known.gave("group", group.id):
        action = part_step(group, account, app=app, gives_access=landscape.gives_mine(group.name))
        draft.add(action, after=after)
        return action.key
    draft.note(
        "kept_group", f"The membership of {group.name} stays: OneClick did not give it for {app.title}."
    )
    return None
