"""Google's products and SKUs.

Source: https://developers.google.com/workspace/admin/licensing/v1/how-tos/products (read 2026). Google
has no API that lists them; an id that is not in this table is passed on as `productId/skuId`.
"""

from functools import cached_property

from services.shared.sdk.contract import Grant
from services.shared.sdk.manifest import Frozen

WORKSPACE, VOICE = "Google-Apps", "101033"

_PRODUCTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    WORKSPACE: (
        "Google Workspace",
        (
            ("1010020027", "Google Workspace Business Starter"),
            ("1010020028", "Google Workspace Business Standard"),
            ("1010020025", "Google Workspace Business Plus"),
            ("1010020029", "Google Workspace Enterprise Starter"),
            ("1010020026", "Google Workspace Enterprise Standard"),
            ("1010020020", "Google Workspace Enterprise Plus"),
            ("1010060001", "Google Workspace Essentials"),
            ("1010060003", "Google Workspace Enterprise Essentials"),
            ("1010060005", "Google Workspace Enterprise Essentials Plus"),
            ("1010020030", "Google Workspace Frontline Starter"),
            ("1010020031", "Google Workspace Frontline Standard"),
            ("1010020034", "Google Workspace Frontline Plus"),
            ("1010020035", "Google Workspace Business Continuity"),
            ("1010020036", "Google Workspace Business Continuity Plus"),
            ("Google-Apps-Unlimited", "G Suite Business"),
            ("Google-Apps-For-Business", "G Suite Basic"),
            ("Google-Apps-Lite", "G Suite Lite"),
            ("Google-Apps-For-Postini", "Google Apps Message Security"),
            ("Google-Apps-For-Education", "Google Workspace for Education Fundamentals"),
        ),
    ),
    VOICE: (
        "Google Voice",
        (
            ("1010330003", "Google Voice Starter"),
            ("1010330004", "Google Voice Standard"),
            ("1010330002", "Google Voice Premier"),
        ),
    ),
    "101047": (
        "Gemini",
        (
            ("1010470001", "Gemini Enterprise"),
            ("1010470003", "Gemini Business"),
            ("1010470006", "AI Security"),
            ("1010470007", "AI Meetings and Messaging"),
            ("1010470009", "AI Expanded Access"),
        ),
    ),
    "101001": ("Cloud Identity", (("1010010001", "Cloud Identity"),)),
    "101005": ("Cloud Identity Premium", (("1010050001", "Cloud Identity Premium"),)),
    "Google-Vault": (
        "Google Vault",
        (
            ("Google-Vault", "Google Vault"),
            ("Google-Vault-Former-Employee", "Google Vault - Former Employee"),
        ),
    ),
    "101031": (
        "Google Workspace for Education",
        (
            ("1010310005", "Google Workspace for Education Standard"),
            ("1010310006", "Google Workspace for Education Standard (Staff)"),
            ("1010310008", "Google Workspace for Education Plus"),
            ("1010310009", "Google Workspace for Education Plus (Staff)"),
        ),
    ),
    "101037": (
        "Google Workspace for Education",
        (("1010370001", "Google Workspace for Education: Teaching and Learning Upgrade"),),
    ),
    "101034": (
        "Google Workspace Archived User",
        (
            ("1010340001", "Google Workspace Enterprise Plus - Archived User"),
            ("1010340002", "G Suite Business - Archived User"),
            ("1010340003", "Google Workspace Business Plus - Archived User"),
            ("1010340004", "Google Workspace Enterprise Standard - Archived User"),
            ("1010340005", "Google Workspace Business Starter - Archived User"),
            ("1010340006", "Google Workspace Business Standard - Archived User"),
        ),
    ),
    "101038": (
        "AppSheet",
        (
            ("1010380001", "AppSheet Core"),
            ("1010380002", "AppSheet Enterprise Standard"),
            ("1010380003", "AppSheet Enterprise Plus"),
        ),
    ),
    "101039": (
        "Assured Controls",
        (("1010390001", "Assured Controls"), ("1010390002", "Assured Controls Plus")),
    ),
    "101040": ("Chrome Enterprise", (("1010400001", "Chrome Enterprise Premium"),)),
    "101043": (
        "Google Workspace Additional Storage",
        (("1010430001", "Google Workspace Additional Storage"),),
    ),
}


class SkuNotUnderstood(ValueError):
    """The text names no SKU."""


class Sku(Frozen):
    """One edition of one product. An account has at most one SKU of a product."""

    product_id: str
    sku_id: str
    label: str
    product_label: str

    @property
    def key(self) -> str:
        """The stable key: `productId/skuId`."""
        return f"{self.product_id}/{self.sku_id}"

    @cached_property
    def grant(self) -> Grant:
        """This licence as something that OneClick gave."""
        return Grant(kind="license", key=self.key, label=self.label)


SKUS: tuple[Sku, ...] = tuple(
    Sku(product_id=product_id, sku_id=sku_id, label=label, product_label=product)
    for product_id, (product, skus) in _PRODUCTS.items()
    for sku_id, label in skus
)
_BY_KEY = {sku.key.lower(): sku for sku in SKUS}
_BY_ID = {sku.sku_id.lower(): sku for sku in SKUS}


def parse_sku(text: str) -> Sku:
    """`productId/skuId`, or the bare id of a well-known SKU.

    Raises:
        SkuNotUnderstood: neither.
    """
    text = text.strip()
    if known := _BY_KEY.get(text.lower()) or _BY_ID.get(text.lower()):
        return known
    product_id, slash, sku_id = text.partition("/")
    if not (slash and product_id and sku_id) or "/" in sku_id:
        raise SkuNotUnderstood(f"{text!r} is not a licence: write productId/skuId.")
    return Sku(product_id=product_id, sku_id=sku_id, label=f"{product_id}/{sku_id}", product_label=product_id)


def skus_of(product_id: str) -> tuple[Sku, ...]:
    """The well-known SKUs of a product."""
    return tuple(sku for sku in SKUS if sku.product_id == product_id)
