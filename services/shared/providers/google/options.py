"""Live choices of the form."""

from collections import Counter
from collections.abc import Sequence

from services.shared.providers.google.answers import GoogleAnswer
from services.shared.providers.google.client import GoogleContext, call, pages
from services.shared.providers.google.skus import SKUS, VOICE, WORKSPACE
from services.shared.sdk.contract import Option
from services.shared.sdk.together import all_of

_MOST = 200
_PAGE = 1000
_COUNTED = (WORKSPACE, VOICE, "101047")
_NOT_THERE = frozenset({400, 404, 412})


def _matches(query: str, *texts: str) -> bool:
    return not query or any(query.lower() in text.lower() for text in texts)


async def org_units(ctx: GoogleContext, query: str) -> Sequence[Option]:
    """Every organisational unit, the root first."""
    body = await call(
        ctx,
        "orgunits.list",
        customerId=ctx.settings.customer_id,
        type="all",
        fields="organizationUnits(orgUnitPath,name,description)",
    )
    units = sorted(body.get("organizationUnits") or (), key=lambda one: str(one["orgUnitPath"]).lower())
    options = [Option(value="/", label="/", detail="The whole company")]
    options += [
        Option(
            value=str(unit["orgUnitPath"]),
            label=str(unit["orgUnitPath"]),
            detail=str(unit.get("description") or "") or None,
        )
        for unit in units
    ]
    return [one for one in options if _matches(query, one.label, one.detail or "")][:_MOST]


async def license_skus(ctx: GoogleContext, query: str) -> Sequence[Option]:
    """The well-known SKUs, those in use first. Free seats stay unknown: Google has no API for them."""
    counts = await all_of(_in_use(ctx, product) for product in _COUNTED)
    used: Counter[str] = sum(counts, Counter())
    options = [
        Option(value=sku.key, label=sku.label, detail=_detail(sku.product_label, used.get(sku.key, 0)))
        for sku in sorted(SKUS, key=lambda sku: not used.get(sku.key))
        if _matches(query, sku.label, sku.key)
    ]
    return options[:_MOST]


def _detail(product: str, used: int) -> str:
    if not used:
        return product
    return f"{product}, in use" if used >= _PAGE else f"{product}, {used} in use"


async def _in_use(ctx: GoogleContext, product_id: str) -> Counter[str]:
    """How often each SKU of the product is assigned, as far as one page tells."""
    try:
        body = await call(
            ctx,
            "licenseAssignments.listForProduct",
            productId=product_id,
            customerId=ctx.settings.licensing_customer,
            maxResults=_PAGE,
            fields="items(skuId)",
        )
    except GoogleAnswer as answer:
        if answer.status in _NOT_THERE:
            return Counter()
        raise
    return Counter(f"{product_id}/{item['skuId']}" for item in body.get("items") or ())


async def groups(ctx: GoogleContext, query: str) -> Sequence[Option]:
    """Groups whose name or address begins with the query; without one the first page."""
    # An apostrophe or backslash would end the quoted value: search for what is before it.
    start = query.strip().replace("\\", "'").partition("'")[0].strip()
    searches = [f"name:'{start}*'", f"email:'{start}*'"] if start else [None]
    found: dict[str, Option] = {}
    for search in searches:
        items = pages(
            ctx,
            "groups.list",
            "groups",
            limit=1,
            customer=ctx.settings.customer_id,
            query=search,
            maxResults=_MOST,
            fields="nextPageToken,groups(email,name,description)",
        )
        async for item in items:
            address = str(item["email"])
            option = Option(value=address, label=str(item.get("name") or address), detail=address)
            found.setdefault(address.lower(), option)
    options = [one for one in found.values() if _matches(query.strip(), one.label, one.value)]
    return sorted(options, key=lambda one: one.label.lower())[:_MOST]
