"""Delta queries over users, groups and the messages of a folder.

learn.microsoft.com/graph/delta-query-overview, /graph/api/user-delta, /graph/api/message-delta. Links are opaque and
carry the options of the first call. A place that is forgotten answers 410 with the address of a fresh round.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.sandbox.microsoft import groups, users
from services.sandbox.microsoft.errors import JSON_TYPE, GraphError, bad_request, unsupported_query
from services.sandbox.microsoft.messages import (
    MESSAGE_DEFAULT,
    MESSAGE_PROPERTIES,
    READ,
    message_view,
    need_folder,
    need_mailbox,
)
from services.sandbox.microsoft.operations import METADATA, Context, operation
from services.sandbox.microsoft.properties import GROUP_PROPERTIES, USER_DEFAULT, USER_PROPERTIES
from services.sandbox.microsoft.rounds import Round, Rounds, Sight, changes
from services.sandbox.microsoft.views import GROUP_DEFAULT, group_view, user_view
from services.sandbox.wire.call import Reply, json_bytes

_OPTIONS = ("$select", "$filter", "$deltatoken", "$skiptoken")
_SIZE = re.compile(r"odata\.maxpagesize=(\d+)", re.IGNORECASE)
_SINCE = re.compile(r"receivedDateTime (ge|gt) (\S+)")
_LATEST = "latest"
_LONGEST_PAGE = 1000

Look = Callable[[str | None], Mapping[str, Sight]]
"""Everything there is now; the filter of the first call narrows it down."""
Show = Callable[[str, str | None], dict[str, Any] | None]
"""An object with the selected properties, or None when it is gone."""


@dataclass(frozen=True, slots=True)
class Source:
    """A collection that a round goes over. `gone` says why an object is no longer in it."""

    place: str
    suffix: str
    look: Look
    show: Show
    gone: Callable[[str], str]
    lost: tuple[str, str]
    page: int


def answer(context: Context, source: Source) -> Reply:
    """One page of a round, with the link that goes on."""
    held = context.tenant.rounds
    size = _page_size(context, source.page)
    one = _continued(context, source, held)
    some, rest = one.pending[:size], one.pending[size:]
    left = Round(one.place, one.select, one.filter, one.known, rest)
    option = "$skiptoken" if rest else "$deltatoken"
    name = "@odata.nextLink" if rest else "@odata.deltaLink"
    body = {
        "@odata.context": f"{METADATA}#{source.suffix}",
        name: f"{context.call.base_url}{context.call.path}?{option}={held.keep(left)}",
        "value": [_item(source, key, sight, one.select) for key, sight in some],
    }
    reply = Reply(200, json_bytes(body), (JSON_TYPE,))
    if _SIZE.search(context.call.headers.get("prefer", "")):
        reply.headers += (("preference-applied", f"odata.maxpagesize={size}"),)
    return reply


def _item(source: Source, key: str, sight: Sight, select: str | None) -> dict[str, Any]:
    shown = source.show(key, select)
    return shown or {"id": sight.shown_id, "@removed": {"reason": source.gone(key)}}


def _continued(context: Context, source: Source, held: Rounds) -> Round:
    query = context.query
    options = {name: query[name] for name in ("$select", "$filter") if name in query}
    token = query.get("$skiptoken") or query.get("$deltatoken")
    if not token or token == _LATEST:
        now = source.look(options.get("$filter"))
        source.show("", options.get("$select"))  # refuses properties that do not exist
        pending = () if token else tuple(now.items())
        return Round(source.place, options.get("$select"), options.get("$filter"), now, pending)
    if options:
        raise bad_request("A delta link must be used unchanged: it carries its options.", code="BadRequest")
    if not Rounds.is_token(token):
        raise bad_request("Badly formed token.", code="Directory_InvalidDeltaToken")
    found = held.by_token.get(token)
    if found is None:
        code, message = source.lost
        fresh = f"{context.call.base_url}{context.call.path}?$deltatoken="
        raise GraphError(410, code, message, headers=(("location", fresh),))
    if found.place != source.place:
        raise bad_request("The token belongs to another resource.", code="BadRequest")
    if "$skiptoken" in query:
        return found
    now = source.look(found.filter)
    return Round(found.place, found.select, found.filter, now, tuple(changes(found.known, now)))


def _page_size(context: Context, default: int) -> int:
    """What `Prefer` asks for; mode `delta_page` has the last word."""
    forced = context.behaviour.modes.get("delta_page")
    asked = _SIZE.search(context.call.headers.get("prefer", ""))
    size = int(forced or (asked[1] if asked else default))
    return min(max(size, 1), _LONGEST_PAGE)


def _mark(view: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(view, sort_keys=True, default=str).encode()).hexdigest()


_DIRECTORY_LOST = (
    "resyncRequired",
    "Resync required. Replace any local items with the server's version.",
)


@operation("GET", "users/delta", permissions=users.READ, query=_OPTIONS)
@operation("GET", "users/microsoft.graph.delta()", permissions=users.READ, query=_OPTIONS)
def users_delta(context: Context) -> Reply:
    """Who is in the recycle bin has `changed`, who is gone for good is `deleted`."""
    tenant = context.tenant

    def look(text: str | None) -> Mapping[str, Sight]:
        _no_filter(text)
        names = sorted(USER_PROPERTIES)
        return {key: Sight(_mark(user_view(tenant, user, names)), key) for key, user in tenant.users.items()}

    def show(key: str, select: str | None) -> dict[str, Any] | None:
        names = context.chosen(select, USER_PROPERTIES, USER_DEFAULT, "user")
        user = tenant.users.get(key)
        return user_view(tenant, user, names) if user else None

    def gone(key: str) -> str:
        return "changed" if key in tenant.deleted else "deleted"

    return answer(context, Source("users", "users", look, show, gone, _DIRECTORY_LOST, 100))


@operation("GET", "groups/delta", permissions=groups.READ, query=_OPTIONS)
@operation("GET", "groups/microsoft.graph.delta()", permissions=groups.READ, query=_OPTIONS)
def groups_delta(context: Context) -> Reply:
    tenant = context.tenant

    def look(text: str | None) -> Mapping[str, Sight]:
        _no_filter(text)
        return {
            key: Sight(_mark({**group_view(one), "members": list(one.members)}), key)
            for key, one in tenant.groups.items()
        }

    def show(key: str, select: str | None) -> dict[str, Any] | None:
        names = context.chosen(select, GROUP_PROPERTIES, GROUP_DEFAULT, "group")
        group = tenant.groups.get(key)
        return group_view(group, names) if group else None

    return answer(
        context, Source("groups", "groups", look, show, lambda _key: "deleted", _DIRECTORY_LOST, 100)
    )


def _no_filter(text: str | None) -> None:
    if text is not None:
        raise unsupported_query("This filter is not supported with a delta query.")


@operation("GET", "users/{user}/mailFolders/{folder}/messages/delta", permissions=READ, query=_OPTIONS)
def messages_delta(context: Context) -> Reply:
    """A message that moved away is `deleted` here; the only filter is by the moment that it was received."""
    user_id, mailbox = need_mailbox(context)
    folder = need_folder(context, mailbox)
    immutable = context.wants_immutable_ids

    def look(text: str | None) -> Mapping[str, Sight]:
        fits = _received(text)
        return {
            key: Sight(one.change_key, one.shown_id(immutable=immutable))
            for key, one in mailbox.messages.items()
            if one.folder == folder.id and fits(one.fields["receivedDateTime"])
        }

    def show(key: str, select: str | None) -> dict[str, Any] | None:
        names = context.chosen(select, MESSAGE_PROPERTIES, MESSAGE_DEFAULT, "message")
        one = mailbox.messages.get(key)
        if one is None or one.folder != folder.id:
            return None
        return {"@odata.type": "#microsoft.graph.message", **message_view(one, names, immutable=immutable)}

    lost = ("SyncStateNotFound", "The sync state generation is not found; continue with a full sync.")
    place, suffix = f"{user_id}/{folder.id}/{immutable}", "Collection(message)"
    return answer(context, Source(place, suffix, look, show, lambda _key: "deleted", lost, 10))


def _received(text: str | None) -> Callable[[str], bool]:
    if text is None:
        return lambda _moment: True
    match = _SINCE.fullmatch(text)
    try:
        bound = datetime.fromisoformat(match[2]) if match else None
    except ValueError:
        bound = None
    if match is None or bound is None or bound.tzinfo is None:
        raise bad_request(f"The filter '{text}' is not supported for a delta query.", code="ErrorInvalidUrlQueryFilter")  # fmt: skip
    is_open = match[1] == "gt"

    def fits(moment: str) -> bool:
        at = datetime.fromisoformat(moment)
        return at > bound or (at == bound and not is_open)

    return fits
