"""Licences: one SKU per product and account, told apart by 404 and by the message of a 412."""

import asyncio
from collections.abc import Iterable, Mapping

from services.shared.providers.google.answers import NOT_FOUND, GoogleAnswer
from services.shared.providers.google.client import GoogleContext, call
from services.shared.providers.google.skus import SKUS, VOICE, WORKSPACE, Sku, parse_sku, skus_of
from services.shared.sdk.answer import UNREADABLE
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.together import all_of

_BAD_REQUEST = 400
_AT_ONCE = 5
_USUAL = (WORKSPACE, VOICE)


async def holds(ctx: GoogleContext, sku: Sku, address: str) -> bool:
    """Whether the account at this primary address has the licence.

    Raises:
        GoogleAnswer: anything but yes and 404; 400 when Google does not know the SKU or the address.
    """
    try:
        body = await call(
            ctx,
            "licenseAssignments.get",
            productId=sku.product_id,
            skuId=sku.sku_id,
            userId=address,
            fields="skuId,userId",
        )
    except GoogleAnswer as answer:
        if answer.status == NOT_FOUND:
            return False
        raise
    if "skuId" not in body:
        raise GoogleAnswer("licenseAssignments.get", 200, UNREADABLE, str(body)[:500])
    return bool(body["skuId"] == sku.sku_id)


async def must_exist(ctx: GoogleContext, sku: Sku) -> None:
    """Refuse a SKU that Google or this customer does not have, before there is an account to ask with.

    Raises:
        Refused: `license_skus` names it.
    """
    try:
        await call(
            ctx,
            "licenseAssignments.listForProductAndSku",
            productId=sku.product_id,
            skuId=sku.sku_id,
            customerId=ctx.settings.licensing_customer,
            maxResults=1,
            fields="items(skuId)",
        )
    except GoogleAnswer as answer:
        if answer.status in {_BAD_REQUEST, NOT_FOUND} and not answer.says("customer"):
            raise unknown_sku(sku, answer) from answer
        raise


def unknown_sku(sku: Sku, answer: GoogleAnswer) -> Refused:
    """The form's error for a SKU that is not there."""
    return Refused(
        f"Google does not know the licence {sku.label}, or the company does not have it.",
        code=ErrorCode.INVALID_FIELD,
        field="license_skus",
        vendor_message=answer.message,
    )


async def held_licences(
    ctx: GoogleContext, address: str, wished: Iterable[Sku], given: Iterable[Sku], *, everything: bool
) -> Mapping[str, Sku]:
    """What the account has, by product.

    Google has no list by account. What is wished and what we gave is asked for one by one. For the
    products of those, and for Workspace and Voice, the other well-known SKUs are asked too unless one
    was found (an account has one SKU of a product); `everything` asks for all products of the table.
    """
    first = {sku.key: sku for sku in (*wished, *given)}
    needed = frozenset(sku.key for sku in wished)
    held = await _ask(ctx, address, first.values(), needed)
    products = {sku.product_id for sku in first.values()} | set(_USUAL)
    if everything:
        products |= {sku.product_id for sku in SKUS}
    rest = [
        sku for product in sorted(products - held.keys()) for sku in skus_of(product) if sku.key not in first
    ]
    return {**held, **await _ask(ctx, address, rest, frozenset())}


async def find_held(ctx: GoogleContext, address: str, product_id: str) -> Sku | None:
    """The well-known SKU of the product that the account has."""
    return (await _ask(ctx, address, skus_of(product_id), frozenset())).get(product_id)


async def _ask(
    ctx: GoogleContext, address: str, skus: Iterable[Sku], needed: frozenset[str]
) -> dict[str, Sku]:
    gate = asyncio.Semaphore(_AT_ONCE)

    async def one(sku: Sku) -> bool:
        async with gate:
            try:
                return await holds(ctx, sku, address)
            except GoogleAnswer as answer:
                if answer.status != _BAD_REQUEST:
                    raise
                if sku.key in needed:
                    raise unknown_sku(sku, answer) from answer
                return False  # a SKU that this company never had

    asked = list(skus)
    answers = await all_of(one(sku) for sku in asked)
    return {sku.product_id: sku for sku, yes in zip(asked, answers, strict=True) if yes}


def given_skus(ctx: GoogleContext) -> tuple[Sku, ...]:
    """The licences that our books say we gave."""
    return tuple(parse_sku(grant.key) for grant in ctx.known.grants if grant.kind == "license")
