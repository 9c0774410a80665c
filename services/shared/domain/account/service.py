"""Our books: which remote account belongs to whom, and what we gave it."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from services.shared.domain.account.models import Account, AccountState
from services.shared.domain.employee.models import Employee
from services.shared.kit.ids import uuid7
from services.shared.kit.repository import TenantRepository
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.contract import Grant, Known, Outcome
from services.shared.sdk.manifest import ActionKind
from services.shared.sdk.registry import siblings_of


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


def known_of(account: Account | None, *, siblings: tuple[str, ...] = ()) -> Known:
    """What our books say, as a provider sees it. A deleted account is not known any more."""
    if account is None or account.state == AccountState.DELETED:
        return Known(siblings=siblings)
    return Known(
        remote_id=account.remote_id,
        login=account.login,
        adopted=account.adopted,
        grants=grants_of(account),
        siblings=siblings,
    )


async def find_known(uow: UnitOfWork, employee_id: UUID, app: str) -> Known:
    """What our books say about a person in an app, and about their accounts in the vendor's other apps."""
    accounts = AccountRepository(uow)
    others = siblings_of(app)
    if not others:
        return known_of(await accounts.find_for(employee_id, app))
    held = {one.app: one for one in await accounts.of_employee(employee_id)}
    ids = (held[key].remote_id for key in others if key in held and held[key].state != AccountState.DELETED)
    return known_of(held.get(app), siblings=tuple(id_ for id_ in ids if id_ is not None))


async def find_other_owner(uow: UnitOfWork, employee_id: UUID, app: str, remote_id: str) -> str | None:
    """The work address of somebody else whom our books give this remote account; None when nobody else has it."""
    return (
        await uow.session.scalars(
            select(Employee.work_email)
            .join(Account, (Account.tenant_id == Employee.tenant_id) & (Account.employee_id == Employee.id))
            .where(
                Account.tenant_id == uow.tenant_id,
                Account.app == app,
                Account.remote_id == remote_id,
                Account.state != AccountState.DELETED,
                Account.employee_id != employee_id,
            )
        )
    ).one_or_none()


async def note_outcome(
    uow: UnitOfWork, employee_id: UUID, app: str, kind: ActionKind, outcome: Outcome
) -> Account | None:
    """Bring our books in line with what an action did. None while no remote account is known.

    What a person says to have done is kept even where the vendor shows no account.
    """
    accounts = AccountRepository(uow)
    account = await accounts.find_for(employee_id, app)
    if account is None:
        if outcome.remote_id is None and not any(grant.kind == "manual" for grant in outcome.given):
            return None
        account = accounts.add(
            Account(
                id=uuid7(),
                tenant_id=uow.tenant_id,
                employee_id=employee_id,
                app=app,
                remote_id=outcome.remote_id,
                adopted=outcome.adopted,
                state=AccountState.ACTIVE,
                grants=[],
            )
        )
    if outcome.remote_id is not None and outcome.remote_id != account.remote_id:
        if account.remote_id is not None:
            account.grants = []
        account.remote_id = outcome.remote_id
        account.adopted = outcome.adopted
        account.state = AccountState.ACTIVE
    if kind in {ActionKind.CREATE, ActionKind.ADOPT}:
        account.state = AccountState.ACTIVE
        account.adopted = outcome.adopted or kind is ActionKind.ADOPT
    account.login = outcome.login or account.login
    account.url = outcome.url or account.url
    _note_grants(account, outcome)
    if outcome.gone:
        account.state = AccountState.DELETED
        account.grants = []
    elif kind is ActionKind.SUSPEND:
        account.state = AccountState.SUSPENDED
    return account


def _note_grants(account: Account, outcome: Outcome) -> None:
    held = {(item["kind"], item["key"]): item for item in account.grants}
    for grant in outcome.taken:
        held.pop((grant.kind, grant.key), None)
    for grant in outcome.given:
        held[grant.kind, grant.key] = grant.model_dump()
    if list(held.values()) != account.grants:
        account.grants = list(held.values())
