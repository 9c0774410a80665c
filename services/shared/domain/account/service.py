"""Our books: which remote account belongs to whom, and what we gave it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from services.shared.domain.account.models import Account, AccountState
from services.shared.domain.employee.models import Employee
from services.shared.kit.ids import uuid7
from services.shared.kit.prepared import Prepared, table_of
from services.shared.kit.repository import TenantRepository
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.contract import Grant, Known, Outcome
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.registry import siblings_of

_ACCOUNTS = table_of(Account)
_SAID = ("remote_id", "login", "url", "adopted", "state", "grants")
_FIND = Prepared(
    select(Account.id, *(getattr(Account, name) for name in _SAID)).where(
        Account.tenant_id == bindparam("tenant_id"),
        Account.employee_id == bindparam("employee_id"),
        Account.app == bindparam("app"),
    )
)
_ADD = Prepared(
    insert(_ACCOUNTS)
    .values({name: bindparam(name) for name in ("id", "tenant_id", "employee_id", "app", *_SAID)})
    .inline()
)
_CHANGE = Prepared(
    update(_ACCOUNTS)
    .where(_ACCOUNTS.c.tenant_id == bindparam("tenant_id"), _ACCOUNTS.c.id == bindparam("id"))
    .values({name: bindparam(name) for name in _SAID})
)
_OTHER_OWNER = Prepared(
    select(Employee.work_email)
    .join(Account, (Account.tenant_id == Employee.tenant_id) & (Account.employee_id == Employee.id))
    .where(
        Account.tenant_id == bindparam("tenant_id"),
        Account.app == bindparam("app"),
        Account.remote_id == bindparam("remote_id"),
        Account.state != AccountState.DELETED,
        Account.employee_id != bindparam("employee_id"),
    )
)


@dataclass(slots=True)
class Link:
    """What an account's row says."""

    id: UUID
    remote_id: str | None = None
    login: str | None = None
    url: str | None = None
    adopted: bool = False
    state: str = AccountState.ACTIVE
    grants: list[dict[str, Any]] = field(default_factory=list)


class AccountRepository(TenantRepository[Account]):
    model = Account

    async def find_for(self, employee_id: UUID, app: str) -> Account | None:
        """The link of a person in an app, whatever its state."""
        statement = self.select().where(Account.employee_id == employee_id, Account.app == app)
        return (await self.session.scalars(statement)).one_or_none()

    async def of_employee(self, employee_id: UUID) -> Sequence[Account]:
        """Every link of a person."""
        return (
            await self.session.scalars(
                select(Account)
                .where(Account.tenant_id == self.uow.tenant_id, Account.employee_id == employee_id)
                .order_by(Account.app)
            )
        ).all()


def grants_of(account: Account) -> tuple[Grant, ...]:
    """What OneClick gave this account."""
    return tuple(Grant.model_validate(item) for item in account.grants)


async def find_account(uow: UnitOfWork, employee_id: UUID, app: str) -> Account | None:
    """The link of a person in an app."""
    return await AccountRepository(uow).find_for(employee_id, app)


async def list_accounts(uow: UnitOfWork, employee_id: UUID) -> Sequence[Account]:
    """Every link of a person."""
    return await AccountRepository(uow).of_employee(employee_id)


def known_of(account: Account | Link | None, *, siblings: tuple[str, ...] = ()) -> Known:
    """What our books say, as a provider sees it. A deleted account is not known any more."""
    if account is None or account.state == AccountState.DELETED:
        return Known(siblings=siblings)
    return Known(
        remote_id=account.remote_id,
        login=account.login,
        adopted=account.adopted,
        grants=tuple(Grant.model_validate(item) for item in account.grants),
        siblings=siblings,
    )


async def find_known(uow: UnitOfWork, employee_id: UUID, app: str) -> Known:
    """What our books say about a person in an app, and about their accounts in the vendor's other apps."""
    others = siblings_of(app)
    if not others:
        return known_of(await find_link(uow, employee_id, app))
    held = {one.app: one for one in await list_accounts(uow, employee_id)}
    ids = (held[key].remote_id for key in others if key in held and held[key].state != AccountState.DELETED)
    return known_of(held.get(app), siblings=tuple(id_ for id_ in ids if id_ is not None))


async def find_other_owner(uow: UnitOfWork, employee_id: UUID, app: str, remote_id: str) -> str | None:
    """The work address of somebody else whom our books give this remote account; None when nobody else has it."""
    found = await uow.run(_OTHER_OWNER, employee_id=employee_id, app=app, remote_id=remote_id)
    return found[0].work_email if found else None


async def find_link(uow: UnitOfWork, employee_id: UUID, app: str) -> Link | None:
    """The link of a person in an app, to read and to note outcomes in."""
    found = await uow.run(_FIND, employee_id=employee_id, app=app)
    return Link(**found[0]._asdict()) if found else None


async def note_outcome(
    uow: UnitOfWork, employee_id: UUID, app: str, kind: ActionKind, outcome: Outcome
) -> Link | None:
    """Bring our books in line with what an action did; what they say now. None while no remote account is known.

    What a person says to have done is kept even where the vendor shows no account.
    """
    before = await find_link(uow, employee_id, app)
    if before is None:
        if outcome.remote_id is None and not any(grant.kind == "manual" for grant in outcome.given):
            return None
        link = Link(id=uuid7(), remote_id=outcome.remote_id, adopted=outcome.adopted)
    else:
        link = replace(before)
    if outcome.remote_id is not None and outcome.remote_id != link.remote_id:
        if link.remote_id is not None:
            link.grants = []
        link.remote_id = outcome.remote_id
        link.adopted = outcome.adopted
        link.state = AccountState.ACTIVE
    if kind in {ActionKind.CREATE, ActionKind.ADOPT}:
        link.state = AccountState.ACTIVE
        link.adopted = outcome.adopted or kind is ActionKind.ADOPT
    link.login = outcome.login or link.login
    link.url = outcome.url or link.url
    _note_grants(link, outcome)
    if outcome.gone:
        link.state = AccountState.DELETED
        link.grants = []
    elif kind is ActionKind.SUSPEND:
        link.state = AccountState.SUSPENDED
    if before is None:
        await uow.run(_ADD, employee_id=employee_id, app=app, **asdict(link))
    elif link != before:
        await uow.run(_CHANGE, **asdict(link))
    return link


def _note_grants(link: Link, outcome: Outcome) -> None:
    if not outcome.taken and not outcome.given:
        return
    held = {(item["kind"], item["key"]): item for item in link.grants}
    for grant in outcome.taken:
        held.pop((grant.kind, grant.key), None)
    for grant in outcome.given:
        held[grant.kind, grant.key] = grant.model_dump()
    link.grants = list(held.values())
