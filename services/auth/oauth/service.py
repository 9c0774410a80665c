"""To the vendor and back: begin with a state, finish with a connection."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from services.auth.audit.recorder import entry, write
from services.auth.connect.storing import Owner, Wish, company_of, keep
from services.auth.connection.models import Method, Vendor
from services.auth.connection.service import ConnectionNotFound, get_connection
from services.auth.derived import nonce_of, verifier_of
from services.auth.method.base import ConnectFailed, Draft, Kind, NotConfigured, StateInvalid
from services.auth.method.desk import Desk
from services.auth.method.flow import Back, Going, Onward
from services.auth.method.registry import authorize_url, find_way, finish, first_redirect, why_unavailable
from services.auth.metrics import CONNECTS
from services.auth.oauth.models import OAuthState
from services.auth.oauth.states import Leg, begin_state, use_up
from services.auth.session.service import Lifetimes, LiveSession, live_session
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault
from services.shared.kit.db import Sessions
from services.shared.kit.errors import Forbidden
from services.shared.kit.logging import get_logger
from services.shared.kit.uow import enter_tenant
from services.shared.web.principal import GRANTED, Permission

log = get_logger(__name__)
_LONGEST_STATE = 200


class MayNotConnect(Forbidden):
    code: ClassVar[str] = "may_not_connect"


@dataclass(frozen=True, slots=True)
class Outcome:
    """Connected (`connection_id`), failed (`failure`), or another leg to go (`authorize_url`)."""

    connection_id: UUID | None = None
    failure: ConnectFailed | None = None
    authorize_url: str | None = None
    return_to: str = ""


class OAuth:
    """One for the whole service."""

    def __init__(self, sessions: Sessions, vault: Vault, desk: Desk, lifetimes: Lifetimes) -> None:
        self._sessions = sessions
        self._vault = vault
        self._desk = desk
        self._lifetimes = lifetimes

    async def start(
        self,
        session_token: Secret,
        vendor: Vendor,
        *,
        method: str | None,
        connection_id: UUID | None,
        return_to: str,
    ) -> Outcome:
        """The vendor's page for this person.

        Raises:
            SessionEnded: sign in first.
            MayNotConnect: the role may not connect accounts.
            ConnectionNotFound: the tenant has no such connection to reconnect.
        """
        live = await self._connector(session_token)
        way = first_redirect(vendor) if method is None else find_way(vendor, method)
        if way is None or way.kind is not Kind.REDIRECT:
            return Outcome(failure=NotConfigured("This vendor is not connected by signing in there."))
        unavailable = why_unavailable(way, self._desk.known)
        if unavailable is not None:
            return Outcome(failure=NotConfigured(unavailable))
        company = await self._company(live, vendor, connection_id)
        leg = Leg(vendor, way.key, connection_id, return_to)
        return Outcome(authorize_url=await self._leave(live, leg, company))

    async def finish(self, session_token: Secret, vendor: Vendor, query: Mapping[str, Secret]) -> Outcome:
        """What the vendor's answer is worth. Refusals are audited.

        Raises:
            SessionEnded: sign in first.
            MayNotConnect: the role may not connect accounts.
        """
        live = await self._connector(session_token)
        state: OAuthState | None = None
        try:
            said = query.get("state")
            text = said.reveal() if said is not None else ""
            if not text or len(text) > _LONGEST_STATE:
                raise StateInvalid("The answer has no state. Begin again.")
            state = await use_up(self._sessions, live, vendor, text)
            company = await self._company(live, vendor, state.connection_id)
            found = await finish(self._desk, vendor, self._back(state, text, query, company))
            if isinstance(found, Onward):
                return await self._onward(live, state, found, company)
            return await self._keep(live, vendor, state, found)
        except ConnectFailed as failure:
            await self._refused(live, vendor, failure)
            return Outcome(failure=failure, return_to=state.return_to if state is not None else "")

    async def _connector(self, session_token: Secret) -> LiveSession:
        live = await live_session(self._sessions, session_token, self._lifetimes)
        if Permission.CONNECTIONS_WRITE not in GRANTED[live.here.role]:
            raise MayNotConnect(f"Your role ({live.here.role}) may not connect accounts.")
        return live

    async def _company(self, live: LiveSession, vendor: Vendor, connection_id: UUID | None) -> str | None:
        """The company that the connection to reconnect belongs to."""
        if connection_id is None:
            return None
        tenant_id = live.here.tenant_id
        async with self._sessions.begin() as session:
            await enter_tenant(session, tenant_id)
            connection = await get_connection(session, tenant_id, connection_id)
            if connection.vendor != vendor:
                raise ConnectionNotFound("This connection is another vendor's.")
            return company_of(connection)

    async def _leave(self, live: LiveSession, leg: Leg, company: str | None) -> str:
        begun = await begin_state(self._sessions, live, leg)
        return authorize_url(
            self._desk,
            leg.vendor,
            Going(
                method=leg.method,
                state=begun.text,
                nonce=nonce_of(begun.salt, begun.text),
                verifier=verifier_of(begun.salt, begun.text),
                redirect_uri=self._desk.known.redirect_uri(leg.vendor),
                external_id=leg.external_id or company,
                second_leg=leg.external_id is not None,
            ),
        )

    def _back(self, state: OAuthState, text: str, query: Mapping[str, Secret], company: str | None) -> Back:
        vendor = Vendor(state.vendor)
        return Back(
            method=Method(state.method),
            query={name: value.reveal() for name, value in query.items()},
            nonce=nonce_of(state.salt, text),
            verifier=verifier_of(state.salt, text),
            redirect_uri=self._desk.known.redirect_uri(vendor),
            external_id=state.external_id or company,
            second_leg=state.external_id is not None,
        )

    async def _onward(
        self, live: LiveSession, state: OAuthState, found: Onward, company: str | None
    ) -> Outcome:
        leg = Leg(
            Vendor(state.vendor),
            Method(state.method),
            state.connection_id,
            state.return_to,
            found.external_id,
        )
        return Outcome(authorize_url=await self._leave(live, leg, company), return_to=state.return_to)

    async def _keep(self, live: LiveSession, vendor: Vendor, state: OAuthState, draft: Draft) -> Outcome:
        owner = Owner(live.operator.id, live.operator.email)
        wish = Wish(live.here.tenant_id, vendor, owner, state.connection_id)
        connection_id = await keep(self._sessions, self._vault, wish, draft)
        return Outcome(connection_id=connection_id, return_to=state.return_to)

    async def _refused(self, live: LiveSession, vendor: Vendor, failure: ConnectFailed) -> None:
        CONNECTS.labels(vendor.value, failure.code).inc()
        log.warning("connection_refused", vendor=vendor.value, code=failure.code)
        owner = Owner(live.operator.id, live.operator.email)
        async with self._sessions.begin() as session:
            await enter_tenant(session, live.here.tenant_id)
            await write(
                session,
                entry(
                    live.here.tenant_id,
                    owner.actor,
                    "connection.refused",
                    ("vendor", vendor.value),
                    outcome=failure.code,
                ),
            )
