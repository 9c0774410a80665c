"""Which groups give access to which product, as the site tells: Jira's application roles, Confluence's user groups.

A product is given by membership; there is no call that assigns it. Without the site's credential nobody tells
which group gives what.
"""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.atlassian.accounts import Account, Group, Home
from services.shared.providers.atlassian.answers import AtlassianAnswer
from services.shared.providers.atlassian.client import (
    CONFLUENCE,
    JIRA,
    SITE,
    App,
    AtlassianContext,
    has,
    read_list,
    site_pages,
)
from services.shared.providers.atlassian.form import AtlassianForm
from services.shared.sdk.contract import SeatUse
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen
from services.shared.sdk.together import all_of, together

_CONFLUENCE_DEFAULT = "confluence-users"
_TITLES = {
    "jira-software": "Jira",
    "jira-servicedesk": "Jira Service Management",
    "jira-product-discovery": "Jira Product Discovery",
    "jira-core": "Jira Work Management",
    "confluence": "Confluence",
}


class Product(Frozen):
    key: str
    title: str
    groups: tuple[str, ...]
    """Names of the groups that give it."""
    defaults: tuple[str, ...] = ()
    """Those that new people come into."""
    free: int | None = None

    def is_given_by(self, name: str) -> bool:
        """Whether membership of the group gives this product."""
        return _is_in(name, self.groups)

    def is_default(self, name: str) -> bool:
        """Whether the site puts new people into the group."""
        return _is_in(name, self.defaults)


class Landscape(Frozen):
    """What the site tells of both apps' products; None where it does not tell."""

    mine: tuple[Product, ...] | None
    others: tuple[Product, ...] | None

    def gives_mine(self, name: str) -> bool:
        """Whether a group of this name gives a product of this app."""
        return any(product.is_given_by(name) for product in self.mine or ())

    def gives_others(self, name: str) -> bool:
        """Whether a group of this name gives a product of the other app."""
        return any(product.is_given_by(name) for product in self.others or ())


def _is_in(name: str, names: tuple[str, ...]) -> bool:
    return name.lower() in {one.lower() for one in names}


def title_of(product: str) -> str:
    return _TITLES.get(product, product)


async def read_landscape(ctx: AtlassianContext, app: App) -> Landscape:
    """Ask the site about both apps' products.

    Raises:
        AtlassianAnswer: as the site answers, except that it has no such product or does not permit the question.
    """
    if not has(ctx, SITE):
        return Landscape(mine=None, others=None)
    async with together() as group:
        jira_task = group.create_task(_jira_products(ctx))
        confluence_task = group.create_task(_confluence_products(ctx))
    jira, confluence = jira_task.result(), confluence_task.result()
    if app is JIRA:
        return Landscape(mine=jira, others=confluence)
    return Landscape(mine=confluence, others=jira)


async def _jira_products(ctx: AtlassianContext) -> tuple[Product, ...] | None:
    try:
        roles = await read_list(ctx, "rest/api/3/applicationrole")
    except AtlassianAnswer as answer:
        return _untold(answer)
    return tuple(_product(role) for role in roles if role.get("defined") is not False)


def _untold(answer: AtlassianAnswer) -> tuple[Product, ...] | None:
    """404: the product is not on this site. 403: it may be, and we may not know."""
    if answer.is_missing:
        return ()
    if answer.is_not_permitted:
        return None
    raise answer


def _product(role: Mapping[str, Any]) -> Product:
    seats = role.get("remainingSeats")
    is_counted = role.get("hasUnlimitedSeats") is not True and isinstance(seats, int) and seats >= 0
    return Product(
        key=str(role.get("key")),
        title=title_of(str(role.get("key"))),
        groups=_names(role, "groups", "groupDetails"),
        defaults=_names(role, "defaultGroups", "defaultGroupsDetails"),
        free=seats if is_counted else None,
    )


def _names(role: Mapping[str, Any], plain: str, detailed: str) -> tuple[str, ...]:
    listed = [str(name) for name in role.get(plain) or ()]
    listed += [
        str(one["name"]) for one in role.get(detailed) or () if isinstance(one, Mapping) and one.get("name")
    ]
    return tuple(dict.fromkeys(listed))


async def _confluence_products(ctx: AtlassianContext) -> tuple[Product, ...] | None:
    pages = site_pages(
        ctx,
        "wiki/rest/api/group",
        start="start",
        size="limit",
        member="results",
        query={"accessType": "user"},
    )
    try:
        names = [str(one.get("name") or "") async for one in pages]
    except AtlassianAnswer as answer:
        return _untold(answer)
    # Confluence does not tell its default group. Atlassian names it after the site, and older ones without it.
    usual = (f"{_CONFLUENCE_DEFAULT}-{ctx.settings.site_name or ''}".lower(), _CONFLUENCE_DEFAULT)
    defaults = next(
        (found for one in usual if (found := tuple(name for name in names if name.lower() == one))), ()
    )
    key = CONFLUENCE.key
    return (Product(key=key, title=title_of(key), groups=tuple(names), defaults=defaults),)


class Access(Frozen):
    """What the wish comes to: the groups that give the products, and the others."""

    groups: tuple[Group, ...]
    access: frozenset[str]
    """Ids of those that give a product."""
    seats: tuple[SeatUse, ...] = ()


async def wished_access(
    home: Home, form: AtlassianForm, landscape: Landscape, held: Mapping[str, Group]
) -> Access:
    """The groups of the wish.

    Raises:
        Refused: a group is not there, gives no access, or none can be chosen.
    """
    by_name = {group.name.lower(): group for group in held.values()}

    async def named(name: str, field: str) -> Group:
        group = by_name.get(name.lower()) or await home.find_group(name)
        if group is None:
            where = "the directory" if home.keeps_marks else "the site"
            raise Refused(f"There is no group {name} in {where}.", code=ErrorCode.INVALID_FIELD, field=field)
        return group

    chosen = await all_of(named(name, "access_groups") for name in form.access_groups)
    further = await all_of(named(name, "groups") for name in form.groups)
    if not chosen and landscape.mine is None:
        raise Refused(
            f"The site does not tell which group gives access to {home.app.title}: name it.",
            code=ErrorCode.INVALID_FIELD,
            field="access_groups",
        )
    access: dict[str, Group] = {group.id: group for group in chosen}
    seats = []
    for product in _wished_products(form, landscape, home.app):
        given = [one for one in (*chosen, *further) if product.is_given_by(one.name)]
        if not given:
            given = [await _group_of(home, product, form, by_name)]
        access |= {group.id: group for group in given}
        if not any(product.is_given_by(group.name) for group in held.values()):
            seats.append(SeatUse(key=product.key, name=product.title, free=product.free, needed=1))
    every = {**access, **{group.id: group for group in further}}
    return Access(groups=tuple(every.values()), access=frozenset(access), seats=tuple(seats))


def _wished_products(form: AtlassianForm, landscape: Landscape, app: App) -> list[Product]:
    if landscape.mine is None:
        return []
    known = {product.key: product for product in landscape.mine}
    missing = [key for key in form.wished_products if key not in known]
    if missing:
        raise Refused(
            f"The site has no {title_of(missing[0])}.",
            code=ErrorCode.INVALID_FIELD if app is JIRA else ErrorCode.NOT_ENTITLED,
            field="products" if app is JIRA else None,
        )
    return [known[key] for key in form.wished_products]


async def _group_of(home: Home, product: Product, form: AtlassianForm, by_name: Mapping[str, Group]) -> Group:
    """The group through which nobody in particular was asked for: one that is held, the default, or the only one."""
    if form.access_groups:
        raise Refused(
            f"{form.access_groups[0]} gives no access to {product.title}.",
            code=ErrorCode.INVALID_FIELD,
            field="access_groups",
        )
    ordered = sorted(product.groups, key=lambda name: not product.is_default(name))
    for name in ordered:
        if name.lower() in by_name:
            return by_name[name.lower()]
    found = [group for group in await all_of(home.find_group(name) for name in ordered) if group is not None]
    defaults = [group for group in found if product.is_default(group.name)]
    if len(defaults or found) == 1:
        return (defaults or found)[0]
    if not found:
        where = "synced group" if home.keeps_marks else "group"
        message = (
            f"No {where} gives access to {product.title}. Give one access in Atlassian's administration."
        )
    else:
        names = ", ".join(sorted(group.name for group in found))
        message = f"Several groups give access to {product.title}: {names}. Choose one."
    raise Refused(message, code=ErrorCode.INVALID_FIELD, field="access_groups")


async def elsewhere(home: Home, landscape: Landscape, account: Account) -> list[str]:
    """Names of the groups by which the account is in use outside this app; what this app gave does not count.

    Known: the groups that give a product of the other app. Unknown: every group that does not give one of ours,
    so that nothing is closed that somebody may still need.
    """
    known, member_of = home.ctx.known, await home.groups_of(account)
    names = {group.name for group in member_of.values() if not known.gave("group", group.id)}
    names |= await _names_on_site(home, account)
    if landscape.others is not None:
        return sorted(name for name in names if landscape.gives_others(name))
    return sorted(name for name in names if not landscape.gives_mine(name))


async def _names_on_site(home: Home, account: Account) -> set[str]:
    """Groups that the directory does not hold, and that the site therefore shows alone."""
    ctx = home.ctx
    if not home.keeps_marks or not account.account_id or not has(ctx, SITE):
        return set()
    try:
        listed = await read_list(ctx, "rest/api/3/user/groups", query={"accountId": account.account_id})
    except AtlassianAnswer as answer:
        if answer.is_not_permitted:
            return set()
        raise
    synced = {group.name for group in (await home.groups_of(account)).values()}
    mine = {grant.label for grant in ctx.known.grants if grant.kind == "group"}
    return {str(one.get("name")) for one in listed} - synced - mine
