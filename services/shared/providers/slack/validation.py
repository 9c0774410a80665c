"""Is the connection usable? One look at the token, one at the people."""

from collections.abc import Sequence

from services.shared.providers.slack.answers import SlackAnswer
from services.shared.providers.slack.client import SlackContext, scim, web
from services.shared.sdk.contract import Issue


async def find_issues(ctx: SlackContext) -> Sequence[Issue]:
    """Name what is missing. The Web API's scopes are extras: without them tasks for people are planned.

    Raises:
        SlackAnswer: what is not about permission: a dead token, throttling, a broken vendor.
    """
    issues = list(await _another_workspace(ctx))
    try:
        await scim(ctx, "GET", "Users", query={"count": "1"})
    except SlackAnswer as answer:
        if answer.has_no_scim:
            message = "This Slack plan has no SCIM (Business+ and Enterprise have it): OneClick plans tasks for people."
            issues.append(Issue(field="plan", message=message))
        elif answer.word == "non_org_teams_only":
            message = (
                "The workspace belongs to an Enterprise organisation: install the app on the organisation."
            )
            issues.append(Issue(field="scopes", message=message))
        elif answer.is_forbidden:
            issues.append(
                Issue(field="scopes", message="The scope admin is missing, or the token is no owner's.")
            )
        else:
            raise
    return tuple(issues)


async def _another_workspace(ctx: SlackContext) -> Sequence[Issue]:
    """The token must be of the workspace that the connection names, or of the organisation that holds it."""
    try:
        body = (await web(ctx, "auth.test")).body
    except SlackAnswer as answer:
        if answer.is_final:
            return ()
        raise
    team, ours = str(body.get("team_id") or ""), ctx.settings.team_id
    if not team.startswith("T") or ours in {team, body.get("enterprise_id")}:
        return ()
    return (Issue(field="team_id", message=f"The token is of the workspace {team}, not of {ours}."),)
