"""Is the connection usable? One cheap read for each thing that is needed."""

from collections.abc import Sequence

from services.shared.providers.clickup.answers import ClickUpAnswer
from services.shared.providers.clickup.client import ClickUpContext
from services.shared.providers.clickup.groups import list_groups
from services.shared.providers.clickup.people import free_seats, is_enterprise, list_people
from services.shared.sdk.contract import Issue
from services.shared.sdk.errors import ConsentLost

_FORBIDDEN = 403


async def find_issues(ctx: ClickUpContext) -> Sequence[Issue]:
    """Name what is missing. A plan below Enterprise is no issue: people then do what programs may not.

    Raises:
        ClickUpAnswer: an expired token, throttling, a broken ClickUp.
    """
    try:
        await list_people(ctx)
    except ConsentLost as error:
        return (Issue(field="team_id", message=str(error)),)
    await is_enterprise(ctx)
    await free_seats(ctx)
    try:
        await list_groups(ctx)
    except ClickUpAnswer as answer:
        if answer.status != _FORBIDDEN:
            raise
        return (Issue(field="token", message="The token may not read the Workspace's Teams."),)
    return ()
