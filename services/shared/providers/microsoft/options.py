"""Live choices of the form's fields."""

import re
from collections.abc import Sequence

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all
from services.shared.providers.microsoft.countries import COUNTRIES, STATES
from services.shared.providers.microsoft.licences import load_catalogue
from services.shared.providers.microsoft.products import product_name
from services.shared.providers.microsoft.wire import GraphGroup, GraphPerson, SubscribedSku
from services.shared.sdk.contract import Option, OptionPart

MOST = requests.MOST_OPTIONS
_SEARCHABLE = re.compile(r"[\"\\]")
_KEPT_BY = {
    "rule": "Dynamic: chooses its members by a rule",
    "exchange": "Kept in Exchange",
    "on-premises": "Synchronised from on-premises",
}


class _Candidate(GraphPerson):
    account_enabled: bool | None = None


async def license_skus(ctx: MicrosoftContext, query: str) -> Sequence[Option]:
    """What the tenant bought for people, by name, with free and total seats."""
    catalogue = await load_catalogue(ctx)
    options = [_license_option(sku) for sku in catalogue.skus if (sku.applies_to or "User") == "User"]
    words = query.strip().lower()
    matching = [one for one in options if words in f"{one.label} {one.detail} {one.value}".lower()]
    return sorted(matching, key=lambda one: (one.disabled, one.label))[:MOST]


def _license_option(sku: SubscribedSku) -> Option:
    state = "" if sku.usable else f" · {sku.capability_status}"
    return Option(
        value=sku.sku_id,
        label=product_name(sku.sku_part_number),
        detail=f"{sku.sku_part_number}{state}",
        disabled=not sku.usable,
        free=sku.free,
        total=sku.prepaid_units.enabled,
        parts=tuple(
            OptionPart(
                value=plan.service_plan_id.lower(), label=plan.service_plan_name or plan.service_plan_id
            )
            for plan in sorted(sku.service_plans, key=lambda one: one.service_plan_name)
            # A service of the company (`Company`) is nobody's to switch off.
            if (plan.applies_to or "User") == "User"
        ),
    )


async def groups(ctx: MicrosoftContext, query: str) -> Sequence[Option]:
    """Groups by name; those whose members are kept elsewhere are shown and cannot be chosen."""
    found = await fetch_all(ctx, requests.search_groups(_words(query)), GraphGroup, pages=1)
    return [
        Option(
            value=group.id.lower(),
            label=group.label,
            detail=_KEPT_BY[group.kept_by] if group.kept_by else group.mail,
            disabled=group.kept_by is not None,
        )
        for group in found
    ][:MOST]


async def managers(ctx: MicrosoftContext, query: str) -> Sequence[Option]:
    """People by name or address. The value is the id: it stays when somebody is renamed."""
    found = await fetch_all(ctx, requests.search_users(_words(query)), _Candidate, pages=1)
    return [
        Option(
            value=person.id,
            label=person.label,
            detail=" · ".join(
                one for one in (person.job_title, person.mail or person.user_principal_name) if one
            ),
            disabled=person.account_enabled is False,
        )
        for person in found
    ][:MOST]


async def usage_locations(ctx: MicrosoftContext, query: str) -> Sequence[Option]:  # noqa: ARG001  # one signature for every list
    """Countries, from a checked-in list; territories show when somebody types their name or code."""
    words = query.strip().lower()
    places = COUNTRIES if words else STATES
    matching = [
        Option(value=code, label=name, detail=code)
        for code, name in places.items()
        if words in name.lower() or words == code.lower()
    ]
    return sorted(matching, key=lambda one: (one.value.lower() != words, one.label))[:MOST]


def _words(query: str) -> str:
    """What may stand inside the quotes of `$search`."""
    return _SEARCHABLE.sub(" ", query).strip()
