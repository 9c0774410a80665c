"""Taking notifications in: whose they are, whether they are the vendor's, and once.

Nobody signs in at the receiver. A subscription's client state, 256 random bits that only the vendor was told, is the
proof; what is kept of it is its hash, and hashes are compared in constant time.
"""

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY, BYTEA, TEXT

from services.shared.domain.notification.states import NOTIFICATION_PROCESS, EventKind
from services.shared.domain.notification.telling import feed_of
from services.shared.kit.db import Sessions
from services.shared.kit.ids import uuid7

_FIND = text(
    "SELECT tenant_id, id, remote_id, client_state_hash FROM api.find_subscriptions(:ids, :hashes)"
).bindparams(bindparam("ids", type_=ARRAY(TEXT)), bindparam("hashes", type_=ARRAY(BYTEA)))
_TAKE = text("SELECT id, job_id FROM api.take_notifications(CAST(:items AS jsonb))")
_NOBODY = hashlib.sha256(b"compared with where there is no subscription, so that it takes as long").digest()


@dataclass(frozen=True, slots=True)
class Notice:
    """One item as it came, its form checked. `encrypted` holds a rich one's sealed resource."""

    remote_id: str
    client_state: str
    kind: EventKind
    change_type: str
    resource: str
    change_key: str | None
    correlation_id: str
    encrypted: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """Whose a subscription of the vendor's is. `remote_id` is None while it is being made."""

    tenant_id: UUID
    id: UUID
    remote_id: str | None
    client_state_hash: bytes


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a batch: the jobs that were promised, the feeds in which it was told, and how many of what."""

    jobs: tuple[tuple[str, UUID], ...]
    feeds: tuple[UUID, ...]
    stored: int
    repeated: int


def hash_client_state(client_state: str) -> bytes:
    """What is stored of a client state. A fast hash will do: there is nothing to guess in 256 random bits."""
    return hashlib.sha256(client_state.encode("utf-8", "surrogatepass")).digest()


async def find_known(single: Sessions, notices: Sequence[Notice]) -> dict[str, list[Known]]:
    """The subscriptions that these name, by the vendor's ids; those that are being made by their hash in hex."""
    ids = sorted({notice.remote_id for notice in notices})
    hashes = sorted({hash_client_state(notice.client_state) for notice in notices})
    found: dict[str, list[Known]] = defaultdict(list)
    async with single() as session:
        for row in await session.execute(_FIND, {"ids": ids, "hashes": hashes}):
            known = Known(row.tenant_id, row.id, row.remote_id, bytes(row.client_state_hash))
            found[known.remote_id or known.client_state_hash.hex()].append(known)
    return dict(found)


def authentic(notice: Notice, known: Mapping[str, Sequence[Known]]) -> Known | None:
    """Whose notification this is, if its client state is the subscription's."""
    given = hash_client_state(notice.client_state)
    candidates = known.get(notice.remote_id) or known.get(given.hex()) or ()
    found = None
    for one in candidates:
        if hmac.compare_digest(one.client_state_hash, given):
            found = one
    if not candidates:
        hmac.compare_digest(_NOBODY, given)
    return found


async def store_notices(single: Sessions, accepted: Iterable[tuple[Notice, Known]]) -> Taken:
    """Store what is new and promise the work, in one statement and so one transaction. The rest was heard before.

    The database looks itself whether each subscription is still wanted with this hash.
    """
    batch = list(accepted)
    items = [_item(notice, known) for notice, known in batch]
    if not items:
        return Taken((), (), 0, 0)
    document = json.dumps(items, separators=(",", ":"))
    async with single() as session:
        jobs = tuple(
            (NOTIFICATION_PROCESS, row.job_id) for row in await session.execute(_TAKE, {"items": document})
        )
    feeds = {feed_of(known.tenant_id) for _, known in batch} if jobs else ()
    return Taken(jobs, tuple(feeds), len(jobs), len(items) - len(jobs))


def _item(notice: Notice, known: Known) -> dict[str, Any]:
    coalesces = notice.kind is EventKind.LIFECYCLE or notice.change_key is None
    return {
        "id": str(uuid7()),
        "job_id": str(uuid7()),
        "tenant_id": str(known.tenant_id),
        "feed_id": str(feed_of(known.tenant_id)),
        "subscription_id": str(known.id),
        "hash": known.client_state_hash.hex(),
        "kind": notice.kind,
        "change_type": notice.change_type,
        "resource": notice.resource,
        "change_key": notice.change_key,
        "dedupe": digest_of(notice.resource, notice.change_type, notice.change_key).hex(),
        "coalesces": coalesces,
        "encrypted": notice.encrypted,
        "correlation_id": notice.correlation_id,
    }


def digest_of(resource: str, change_type: str, change_key: str | None) -> bytes:
    """What makes a notification of a subscription the same as another. Ids of resources are case-sensitive."""
    parts = json.dumps([resource, change_type, change_key], ensure_ascii=True)
    return hashlib.sha256(parts.encode()).digest()
