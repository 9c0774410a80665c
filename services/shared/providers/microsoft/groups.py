"""Groups: which are wished, which the account is in, and which nobody can change here."""

from collections.abc import Mapping, Sequence

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.accounts import explain_missing
from services.shared.providers.microsoft.answers import GraphAnswer
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all
from services.shared.providers.microsoft.wire import GraphGroup
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused

_GROUP = "#microsoft.graph.group"
KEPT_BY = {
    "rule": "is dynamic: Microsoft keeps its members by a rule, nobody adds or removes them",
    "exchange": "is kept in Exchange (a distribution list or mail-enabled security group): change it there",
    "on-premises": "is synchronised from an on-premises directory: change it there",
}


async def wished_groups(ctx: MicrosoftContext, ids: Sequence[str]) -> tuple[GraphGroup, ...]:
    """The groups of the wish, in its order.

    Raises:
        Refused: one does not exist, or its members cannot be changed through Graph.
    """
    found: dict[str, GraphGroup] = {}
    for start in range(0, len(ids), requests.MAX_IN):
        chunk = requests.find_groups(ids[start : start + requests.MAX_IN])
        found |= {group.id.lower(): group for group in await fetch_all(ctx, chunk, GraphGroup)}
    return tuple(_usable(found.get(one), one) for one in ids)


def _usable(group: GraphGroup | None, group_id: str) -> GraphGroup:
    if group is None:
        raise Refused(
            f"There is no group {group_id} in Microsoft 365.", code=ErrorCode.INVALID_FIELD, field="groups"
        )
    if group.kept_by is not None:
        raise Refused(
            f"The group {group.label} {KEPT_BY[group.kept_by]}. Leave it out.",
            code=ErrorCode.INVALID_FIELD,
            field="groups",
        )
    return group


async def groups_of(ctx: MicrosoftContext, user_id: str) -> Mapping[str, GraphGroup]:
    """The groups that the account is a direct member of, by id.

    Raises:
        Transient: `settling`, Microsoft does not show the account yet.
        Refused: `not_found`, the account is in the recycle bin.
    """
    try:
        objects = await fetch_all(ctx, requests.list_member_of(user_id), GraphGroup)
    except GraphAnswer as answer:
        if answer.is_missing:
            raise await explain_missing(ctx, user_id) from answer
        raise
    return {one.id.lower(): one for one in objects if one.type == _GROUP}


def group_grant(group_id: str, name: str) -> Grant:
    return Grant(kind="group", key=group_id, label=name)
