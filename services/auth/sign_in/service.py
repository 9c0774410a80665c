"""The sign-in exchange: begin with a state, finish with a session."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import write_security_event
from services.auth.derived import hash_of, nonce_of, verifier_of
from services.auth.identity_provider.errors import SignInRefused
from services.auth.identity_provider.provider import Identity, IdentityProvider
from services.auth.metrics import SIGN_INS
from services.auth.operator import service as operators
from services.auth.operator.models import Operator
from services.auth.session.service import Lifetimes, begin_session
from services.auth.sign_in.errors import NoRole
from services.auth.sign_in.models import SignInState
from services.auth.vault.secret import Secret
from services.shared.kit.db import Sessions
from services.shared.kit.errors import DomainError
from services.shared.kit.logging import get_logger

log = get_logger(__name__)
STATE_LIFETIME = timedelta(minutes=10)
STATE_BYTES = 32


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A new session's token, and where the person wanted to go."""

    session_token: Secret
    return_to: str


async def start_sign_in(
    sessions: Sessions, provider: IdentityProvider, *, return_to: str, binding: str
) -> str:
    """The address to send the browser to. `binding` is a value that only this browser can repeat.

    Raises:
        IdentityProviderUnavailable: it does not answer.
    """
    state = secrets.token_urlsafe(STATE_BYTES)
    salt = secrets.token_bytes(STATE_BYTES)
    url = await provider.authorize_url(
        state=state, nonce=nonce_of(salt, state), verifier=verifier_of(salt, state)
    )
    async with sessions.begin() as session:
        now = (await session.scalars(select(func.now()))).one()
        session.add(
            SignInState(
                state_hash=hash_of(state),
                binding_hash=hash_of(binding),
                salt=salt,
                return_to=return_to,
                expires_at=now + STATE_LIFETIME,
            )
        )
    return url


async def finish_sign_in(
    sessions: Sessions,
    provider: IdentityProvider,
    lifetimes: Lifetimes,
    *,
    code: Secret,
    state: str,
    issuer: str | None,
    binding: str,
) -> SignedIn:
    """Turn the identity provider's answer into a session. The state is used up, whatever comes of it.

    Raises:
        SignInRefused: the state is unknown, used, too old or another browser's, or the answer is not sound.
        NoRole: nobody gave this person a role.
        IdentityProviderUnavailable: it does not answer.
    """
    try:
        stored = await _use_up(sessions, state, binding)
        identity = await provider.identify(
            code=code,
            issuer=issuer,
            nonce=nonce_of(stored.salt, state),
            verifier=verifier_of(stored.salt, state),
        )
        token = await _admit(sessions, identity, lifetimes)
    except DomainError as error:
        SIGN_INS.labels(error.code).inc()
        log.warning("sign_in_refused", code=error.code, detail=str(error))
        raise
    SIGN_INS.labels("success").inc()
    return SignedIn(token, stored.return_to)


async def sweep_states(session: AsyncSession) -> int:
    """Forget sign-ins that never came back; how many there were."""
    gone = await session.scalars(
        delete(SignInState).where(SignInState.expires_at < func.now()).returning(SignInState.state_hash)
    )
    return len(gone.all())


async def _use_up(sessions: Sessions, state: str, binding: str) -> SignInState:
    async with sessions.begin() as session:
        stored = (
            await session.scalars(
                delete(SignInState)
                .where(SignInState.state_hash == hash_of(state))
                .returning(SignInState)
                .execution_options(synchronize_session=False)
            )
        ).one_or_none()
        now = (await session.scalars(select(func.now()))).one()
    if stored is None:
        raise SignInRefused("This sign-in is unknown or was already used. Begin again.")
    if stored.expires_at <= now:
        raise SignInRefused("This sign-in took longer than ten minutes. Begin again.")
    if not hmac.compare_digest(stored.binding_hash, hash_of(binding)):
        raise SignInRefused("This sign-in was begun in another browser. Begin again.")
    return stored


async def _admit(sessions: Sessions, identity: Identity, lifetimes: Lifetimes) -> Secret:
    refused: DomainError | None = None
    async with sessions.begin() as session:
        try:
            async with session.begin_nested():
                return await _begin(session, identity, lifetimes)
        except (NoRole, SignInRefused) as error:
            refused = error
        # What was tried is kept, though nothing else of it is.
        await write_security_event(
            session,
            "sign_in",
            identity.email or identity.subject,
            refused.code,
            {"issuer": identity.issuer, "subject": identity.subject, "groups": len(identity.groups)},
        )
    raise refused


async def _begin(session: AsyncSession, identity: Identity, lifetimes: Lifetimes) -> Secret:
    granted = await operators.roles_of_groups(session, identity.groups) if identity.groups else {}
    operator = await _recognise(session, identity, may_be_new=bool(granted))
    if operator is None:
        raise NoRole(
            f"You are signed in as {identity.email or identity.name}, but nobody gave you a role in OneClick. "
            "Ask your administrator to add your address or one of your groups."
        )
    now = (await session.scalars(select(func.now()))).one()
    operator.name = identity.name
    operator.last_sign_in_at = now
    await session.flush()
    await operators.replace_group_members(session, operator.id, granted)
    tenants = await operators.list_tenant_roles(session, operator)
    if not tenants:
        raise NoRole(
            f"You are signed in as {operator.email}, but you have no role in OneClick. "
            "Ask your administrator to add your address or one of your groups."
        )
    await write_security_event(
        session, "sign_in", operator.email, "success", {"operator_id": str(operator.id)}
    )
    return await begin_session(session, operator, tenants, lifetimes, issuer_session=identity.session)


async def _recognise(session: AsyncSession, identity: Identity, *, may_be_new: bool) -> Operator | None:
    """By issuer and subject; by a verified address only the first time; as a new operator by a group."""
    known = await operators.find_by_subject(session, identity.issuer, identity.subject)
    if known is not None:
        return known
    if identity.email is None:
        if may_be_new:
            raise NoRole(
                "Your identity provider does not tell us your e-mail address. Ask your administrator."
            )
        return None
    listed = await operators.find_by_email(session, identity.email)
    if listed is not None:
        if not identity.email_verified:
            raise NoRole(
                f"Your identity provider does not say that {identity.email} is verified, so you cannot be "
                "matched with the operator of that address. Ask your administrator."
            )
        if listed.subject is not None:
            raise NoRole(
                f"{identity.email} belongs to another identity that has signed in before. "
                "Ask your administrator to release the address."
            )
    elif may_be_new:
        listed = await operators.ensure_operator(session, email=identity.email, name=identity.name)
    if listed is not None:
        listed.issuer, listed.subject = identity.issuer, identity.subject
    return listed
