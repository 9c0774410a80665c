"""From manifests, connections and option lists to what goes out."""

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import Any

from services.api.apps.schemas import (
    AppRead,
    CapabilityRead,
    ConnectionRead,
    LimitsRead,
    OptionPage,
    OptionRead,
)
from services.api.auth_client import Connection
from services.api.connecting import connection_of, is_connected
from services.api.requests.mapping import error_read
from services.shared.domain.option.models import OptionList
from services.shared.sdk.contract import Option
from services.shared.sdk.manifest import Frozen, Manifest

UNKNOWN = ConnectionRead(
    status="unknown", reason="The state of the connection cannot be read now.", display_name=None
)


@cache
def _schema(form: type[Frozen]) -> dict[str, Any]:
    return form.model_json_schema(by_alias=False)


def app_read(
    manifest: Manifest,
    connections: Sequence[Connection] | None,
    offered: Collection[str],
    defaults: Mapping[str, Mapping[str, Any]],
) -> AppRead:
    """An app. It is enabled where it is offered and its vendor is connected, or may be (`connections` is None)."""
    return AppRead(
        key=manifest.key,
        title=manifest.title,
        vendor=manifest.vendor,
        glyph=manifest.key,
        summary=manifest.summary,
        aliases=list(manifest.aliases),
        form=_schema(manifest.form),
        options=list(manifest.options),
        offered=manifest.key in offered,
        offered_by_default=manifest.offered,
        defaults=dict(defaults.get(manifest.key, {})),
        enabled=manifest.key in offered and is_connected(manifest, connections),
        connection=_connection(manifest, connections),
        capabilities=[
            CapabilityRead(
                key=item.key, title=item.title, scopes=list(item.scopes), destructive=item.destructive
            )
            for item in manifest.capabilities
        ],
        actions=list(manifest.actions),
        limits=LimitsRead(
            calls_per_second=manifest.limits.calls_per_second,
            concurrency=manifest.limits.concurrency,
            settle_seconds=manifest.limits.settle_seconds,
            source=manifest.limits.source,
        ),
    )


def _connection(manifest: Manifest, connections: Sequence[Connection] | None) -> ConnectionRead | None:
    if connections is None:
        return UNKNOWN
    found = connection_of(manifest, connections)
    if found is None:
        return None
    return ConnectionRead(status=found.status, reason=found.reason, display_name=found.display_name)


def option_page(known: OptionList, *, stale: bool) -> OptionPage:
    """A list of choices. `error` says why the vendor did not tell."""
    items = [Option.model_validate(item) for item in known.items]
    return OptionPage(
        items=[OptionRead(**item.model_dump()) for item in items],
        fetched_at=known.fetched_at,
        stale=stale,
        error=error_read(known.error),
    )
