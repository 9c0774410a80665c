"""Writes audit entries before the answer leaves, many in one commit.

A release of a token waits until its entry is stored, so none is missing after a crash. Entries that
arrive while a commit is running go together with the next one, and equal ones become one with a count:
a thousand releases a second cost a few hundred short commits.
"""

import asyncio
import json
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession

from services.auth.audit.models import AuditEntry, SecurityEvent
from services.shared.kit.actors import Actor
from services.shared.kit.direct import Direct, run
from services.shared.kit.ids import uuid7
from services.shared.kit.prepared import Prepared
from services.shared.kit.uow import SET_TENANT
from services.shared.web.correlation import current_correlation_id


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened. `details` is kept as text so that equal entries are found."""

    tenant_id: UUID
    actor: Actor
    action: str
    target_kind: str
    target_id: str
    outcome: str = "success"
    details: str = "{}"
    correlation_id: str = field(default_factory=current_correlation_id)


def entry(
    tenant_id: UUID,
    actor: Actor,
    action: str,
    target: tuple[str, str],
    *,
    outcome: str = "success",
    **details: Any,
) -> Entry:
    """An entry about `target` (kind, id)."""
    return Entry(
        tenant_id,
        actor,
        action,
        target[0],
        target[1],
        outcome,
        json.dumps(details, sort_keys=True, default=str),
    )


_SET_TENANT = Prepared(SET_TENANT)
_APPEND = Prepared(
    text(
        "INSERT INTO auth.audit_entries (id, tenant_id, actor_kind, actor_id, action, target_kind, target_id, outcome,"
        " details, correlation_id, count) SELECT id, tenant_id, actor_kind, actor_id, action, target_kind, target_id,"
        " outcome, details, correlation_id, count FROM jsonb_to_recordset(:rows) AS entry (id uuid, tenant_id uuid,"
        " actor_kind text, actor_id text, action text, target_kind text, target_id text, outcome text, details jsonb,"
        " correlation_id text, count integer)"
    ).bindparams(bindparam("rows", type_=JSONB))
)
"""A batch in one statement: cheaper by half than mapped inserts."""


def _row(item: Entry, count: int = 1) -> dict[str, Any]:
    return {
        "id": uuid7(),
        "tenant_id": item.tenant_id,
        "actor_kind": item.actor.kind.value,
        "actor_id": item.actor.id,
        "action": item.action,
        "target_kind": item.target_kind,
        "target_id": item.target_id,
        "outcome": item.outcome,
        "details": json.loads(item.details),
        "correlation_id": item.correlation_id,
        "count": count,
    }


async def write(session: AsyncSession, item: Entry) -> None:
    """Store an entry in the caller's transaction, which is in the entry's tenant."""
    await session.execute(insert(AuditEntry), _row(item))


async def write_security_event(
    session: AsyncSession, action: str, subject: str, outcome: str, details: Mapping[str, Any]
) -> None:
    """Store what belongs to no tenant in the caller's transaction."""
    await session.execute(
        insert(SecurityEvent),
        {
            "id": uuid7(),
            "action": action,
            "subject": subject,
            "outcome": outcome,
            "details": dict(details),
            "correlation_id": current_correlation_id(),
        },
    )


class Recorder:
    """Stores entries in batches; `record` returns when its entry is durable."""

    def __init__(self, direct: Direct) -> None:
        self._direct = direct
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def record(self, item: Entry) -> None:
        """Store one entry.

        Raises:
            SQLAlchemyError: it could not be stored; whatever was to be released must not be.
        """
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((item, done))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write_all(), name="audit-writer")
        await done

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                await self._store(Tally(item for item, _ in batch))
            except Exception as error:  # noqa: BLE001  # each waiter raises it as its own
                for _, done in batch:
                    if not done.done():
                        done.set_exception(error)
            else:
                for _, done in batch:
                    if not done.done():
                        done.set_result(None)

    async def _store(self, tally: Tally[Entry]) -> None:
        by_tenant: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for item, count in tally.items():
            row = _row(item, count)
            by_tenant[item.tenant_id].append({**row, "id": str(row["id"]), "tenant_id": str(item.tenant_id)})
        async with self._direct.begin() as transaction:
            for tenant_id, rows in by_tenant.items():
                await run(transaction, _SET_TENANT, tenant_id=str(tenant_id))
                await run(transaction, _APPEND, rows=rows)
