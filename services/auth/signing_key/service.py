"""Internal tokens: ES256, a minute long, signed with keys that are sealed in the vault and rotate."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import func, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.recorder import write_security_event
from services.auth.signing_key.models import SigningKey
from services.auth.vault.context import Context
from services.auth.vault.secret import Secret
from services.auth.vault.vault import Vault, kek_id_of
from services.shared.kit.db import Sessions
from services.shared.kit.ids import uuid7
from services.shared.kit.logging import get_logger
from services.shared.web.principal import AUDIENCE, ISSUER

log = get_logger(__name__)
TOKEN_SECONDS = 60
KEY_LIFETIME = timedelta(days=30)
PUBLISH_AHEAD = timedelta(hours=1)
"""A new key is published this long before it signs: longer than any verifier keeps what it fetched."""
STAYS_PUBLISHED = timedelta(hours=1)
"""How long a replaced key still verifies; its last token ends after a minute."""
RELOAD_SECONDS = 30.0
ROTATE_AHEAD = timedelta(seconds=60)
"""At an unplanned rotation: until then every replica has published the new key."""
_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7113020260113)")


def context_of(key_id: UUID) -> Context:
    """What the private key of that id is bound to."""
    return Context(None, key_id, "signing_key.private_key")


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """An internal token, which is itself a secret, and when it ends (Unix seconds)."""

    value: Secret
    expires_at: int


class SigningKeys:
    """Signs with the newest active key and publishes every key that may still be met."""

    def __init__(self, sessions: Sessions, vault: Vault) -> None:
        self._sessions = sessions
        self._vault = vault
        self._signing: ECKey | None = None
        self._published: list[dict[str, Any]] = []
        self._loaded = float("-inf")

    async def ensure(self) -> None:
        """Make the first key, make the next one in time, and forget those that nothing can meet."""
        async with self._sessions.begin() as session:
            await session.execute(_ONE_AT_A_TIME)
            now = (await session.scalars(select(func.now()))).one()
            await session.execute(
                SigningKey.__table__.delete().where(SigningKey.expires_at < now)  # type: ignore[attr-defined]  # a Table, typed as FromClause
            )
            newest = await session.scalar(select(SigningKey).order_by(SigningKey.active_at.desc()).limit(1))
            if newest is None:
                await self._make(session, active_at=now)
            elif newest.active_at + KEY_LIFETIME - PUBLISH_AHEAD <= now:
                await self._replace(session, now + PUBLISH_AHEAD)
        self._loaded = float("-inf")

    async def rotate(self) -> None:
        """Replace the signing key within a minute, as after a suspected leak."""
        async with self._sessions.begin() as session:
            await session.execute(_ONE_AT_A_TIME)
            now = (await session.scalars(select(func.now()))).one()
            await self._replace(session, now + ROTATE_AHEAD)
        self._loaded = float("-inf")

    async def published(self) -> dict[str, Any]:
        """The JWK set: public parts alone."""
        await self._load()
        return {"keys": self._published}

    async def issue(self, claims: dict[str, Any]) -> IssuedToken:
        """A token for the API with these claims, good for a minute."""
        await self._load()
        if self._signing is None:
            await self.ensure()
            await self._load()
        assert self._signing is not None  # noqa: S101  # ensure() made one
        now = int(time.time())
        expires_at = now + TOKEN_SECONDS
        value = jwt.encode(
            {"alg": "ES256", "kid": self._signing.kid, "typ": "JWT"},
            {"iss": ISSUER, "aud": AUDIENCE, "iat": now, "exp": expires_at, **claims},
            self._signing,
            algorithms=["ES256"],
        )
        return IssuedToken(Secret(value), expires_at)

    async def _replace(self, session: AsyncSession, active_at: datetime) -> None:
        await session.execute(
            update(SigningKey)
            .where(SigningKey.expires_at.is_(None))
            .values(expires_at=active_at + STAYS_PUBLISHED)
        )
        await self._make(session, active_at=active_at)

    async def _make(self, session: AsyncSession, *, active_at: datetime) -> None:
        key_id = uuid7()
        key = ECKey.generate_key("P-256", {"kid": str(key_id), "use": "sig", "alg": "ES256"}, private=True)
        pem = key.as_pem(private=True).decode()
        envelope = await self._vault.seal(context_of(key_id), Secret(pem))
        session.add(
            SigningKey(
                id=key_id,
                public_jwk=key.as_dict(private=False),
                private_envelope=envelope,
                kek_id=kek_id_of(envelope),
                active_at=active_at,
            )
        )
        await write_security_event(session, "signing_key.created", str(key_id), "success", {})
        log.info("signing_key_created", key_id=str(key_id))

    async def _load(self) -> None:
        if time.monotonic() - self._loaded < RELOAD_SECONDS:
            return
        async with self._sessions() as session:
            now = (await session.scalars(select(func.now()))).one()
            rows = (
                await session.scalars(
                    select(SigningKey)
                    .where(or_(SigningKey.expires_at.is_(None), SigningKey.expires_at > now))
                    .order_by(SigningKey.active_at.desc())
                )
            ).all()
        self._published = [row.public_jwk for row in rows]
        active = next((row for row in rows if row.active_at <= now), None)
        if active is None:
            self._signing = None
        elif self._signing is None or self._signing.kid != str(active.id):
            pem = await self._vault.open(context_of(active.id), active.private_envelope)
            self._signing = ECKey.import_key(pem.reveal(), {"kid": str(active.id)})
        self._loaded = time.monotonic()
