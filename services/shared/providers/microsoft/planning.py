"""The plan of somebody who works here: an account as wished, with what we may give and take."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.accounts import (
    Found,
    check_sign_in_name,
    find_account,
    find_deleted,
    in_recycle_bin,
)
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all
from services.shared.providers.microsoft.form import Microsoft365Form
from services.shared.providers.microsoft.giving import Holdings, plan_groups, plan_licenses, see_holdings
from services.shared.providers.microsoft.groups import groups_of, wished_groups
from services.shared.providers.microsoft.licences import load_catalogue
from services.shared.providers.microsoft.managers import WishedManager, wished_manager
from services.shared.providers.microsoft.steps import (
    Draft,
    adopt_step,
    choice_of,
    manager_step,
    update_step,
)
from services.shared.providers.microsoft.wire import GraphUser, Organization
from services.shared.sdk.contract import Desired, Person, Plan, PlannedAction
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.together import together

_LIMITS = {"display_name": 256, "given_name": 64, "surname": 64, "job_title": 128, "department": 64}
"""Characters (learn.microsoft.com/graph/api/resources/user)."""
_SAID_AS = {"job_title": "employee.job_title", "department": "employee.department"}


def parse_form(fields: Mapping[str, Any]) -> Microsoft365Form:
    """The form's fields.

    Raises:
        Refused: one of them is wrong.
    """
    try:
        return Microsoft365Form.model_validate(dict(fields))
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else None
        message = str(first["msg"]).removeprefix("Value error, ")
        raise Refused(message, code=ErrorCode.INVALID_FIELD, field=field) from error


async def plan_active(ctx: MicrosoftContext, desired: Desired) -> Plan:
    """Compare the wish with Microsoft 365. Reads only."""
    form = parse_form(desired.fields)
    properties = _wished_properties(ctx.person, form)
    async with together() as reads:
        finding = reads.create_task(find_account(ctx))
        listing = reads.create_task(load_catalogue(ctx))
        grouping = reads.create_task(wished_groups(ctx, form.groups))
        managing = reads.create_task(wished_manager(ctx, form.manager))
    found, catalogue, groups, manager = (
        finding.result(),
        listing.result(),
        grouping.result(),
        managing.result(),
    )
    user = found.user
    if found.kind == "foreign" and desired.existing_account == "fail" and user is not None:
        raise refuse_foreign(user, ctx.person.work_email)
    draft = Draft(ctx, user)
    if manager.notice:
        draft.notices.append(manager.notice)
    holdings = Holdings(
        user=user,
        member_of=await groups_of(ctx, user.id) if user else {},
        catalogue=catalogue,
        licenses=catalogue.resolve(form.licenses),
        groups=groups,
        remove_others=desired.unmanaged == "remove",
    )
    if user is None:
        await _check_new(ctx)
        _plan_account(draft, ctx, form, properties)
    else:
        _plan_existing(draft, ctx, found, user, properties)
    _plan_manager(draft, user, manager)
    plan_licenses(ctx, draft, holdings)
    plan_groups(ctx, draft, holdings)
    draft.seen |= {
        **see_account(user, ours=found.kind == "ours"),
        **see_holdings(ctx, holdings),
        "wished_manager": manager.person.id if manager.person else None,
    }
    if found.kind == "foreign" and user is not None:
        if desired.existing_account == "skip":
            return draft.skipped()
        if desired.existing_account == "ask":
            draft.choices.append(choice_of(user, ctx.person.work_email))
    return draft.finish()


def see_account(user: GraphUser | None, *, ours: bool) -> dict[str, Any]:
    """The part of the account that plans rest on, for the fingerprint."""
    if user is None:
        return {"account": None}
    shown = {name: getattr(user, name) for name in (*_LIMITS, "usage_location", "account_enabled")}
    manager = user.manager.id if user.manager else None
    return {
        "account": user.id,
        "name": user.user_principal_name,
        "ours": ours,
        "manager": manager,
        "synced": bool(user.on_premises_sync_enabled),
        **shown,
    }


def refuse_foreign(user: GraphUser, address: str) -> Refused:
    return Refused(
        choice_of(user, address).message, code=ErrorCode.ALREADY_EXISTS, field="employee.work_email"
    )


def _wished_properties(person: Person, form: Microsoft365Form) -> dict[str, Any]:
    """What the account's own properties should be; what nobody said is left alone.

    Raises:
        Refused: one is longer than Microsoft takes.
    """
    wished: dict[str, Any] = {
        "account_enabled": True,
        "display_name": person.full_name.strip(),
        "given_name": person.given_name,
        "surname": person.family_name,
        "usage_location": form.usage_location,
    }
    optional = {"job_title": person.job_title, "department": person.department}
    wished |= {name: value.strip() for name, value in optional.items() if value and value.strip()}
    for name, limit in _LIMITS.items():
        if len(str(wished.get(name, ""))) > limit:
            raise Refused(
                f"Microsoft takes at most {limit} characters here.",
                code=ErrorCode.INVALID_FIELD,
                field=_SAID_AS.get(name, "employee.full_name"),
            )
    return wished


async def _check_new(ctx: MicrosoftContext) -> None:
    """Whether an account with the person's address can be made.

    Raises:
        Refused: the name is not one for Microsoft, its domain is not verified, or the recycle bin holds it.
    """
    address = ctx.person.work_email
    check_sign_in_name(address)
    async with together() as reads:
        naming = reads.create_task(fetch_all(ctx, requests.get_organization(), Organization))
        searching = reads.create_task(find_deleted(ctx, address))
    organizations, deleted = naming.result(), searching.result()
    domain = address.rpartition("@")[2].lower()
    if not any(domain in one.domains for one in organizations):
        raise Refused(
            f"{domain} is not a verified domain of this Microsoft 365 tenant.",
            code=ErrorCode.DOMAIN_NOT_VERIFIED,
            field="employee.work_email",
        )
    if deleted is not None:
        raise Refused(
            in_recycle_bin(address, deleted), code=ErrorCode.ALREADY_EXISTS, field="employee.work_email"
        )


def _plan_account(
    draft: Draft, ctx: MicrosoftContext, form: Microsoft365Form, properties: Mapping[str, Any]
) -> None:
    address = ctx.person.work_email
    params = {"address": address, "properties": properties, "change_password": form.require_password_change}
    draft.add(
        PlannedAction(
            key="create",
            kind=ActionKind.CREATE,
            target=address,
            title=f"Create the account {address}",
            after={"address": address, **properties, "change_password": form.require_password_change},
            params=params,
        )
    )


def _plan_existing(
    draft: Draft, ctx: MicrosoftContext, found: Found, user: GraphUser, properties: Mapping[str, Any]
) -> None:
    if found.kind == "foreign":
        draft.add(adopt_step(user))
    changed = {name: value for name, value in properties.items() if getattr(user, name) != value}
    if f"{user.given_name} {user.surname}" == properties["display_name"]:
        # Where a name is cut in two is a guess of ours, and none to correct people with.
        changed.pop("given_name", None)
        changed.pop("surname", None)
    if user.on_premises_sync_enabled:
        if changed.keys() - {"usage_location"}:
            draft.note(
                "synchronised",
                "The account is synchronised from an on-premises directory, where its name, job data and "
                "sign-in are kept. OneClick changes its usage location, licences and groups alone.",
            )
        changed = {name: value for name, value in changed.items() if name == "usage_location"}
    if changed:
        draft.add(
            update_step(
                user.user_principal_name,
                {name: getattr(user, name) for name in changed},
                changed,
                title="Let the account sign in again"
                if "account_enabled" in changed
                else "Update the account",
            )
        )
    if user.user_principal_name.lower() != ctx.person.work_email.lower():
        draft.note(
            "other_address",
            f"In Microsoft 365 the account signs in as {user.user_principal_name}. OneClick does not rename accounts.",
        )


def _plan_manager(draft: Draft, user: GraphUser | None, manager: WishedManager) -> None:
    wished = manager.person
    now = user.manager if user else None
    if wished is None or (now is not None and now.id == wished.id):
        return
    if user is not None and user.on_premises_sync_enabled:
        return
    if user is not None and user.id == wished.id:
        draft.note("no_manager", "No manager is set: nobody can be their own manager.")
        return
    draft.add(manager_step(draft.target, now, wished))
