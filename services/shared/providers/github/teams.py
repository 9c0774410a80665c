"""Teams and who is in them. A team's short name may change; its number is the key."""

from collections.abc import Iterable
from typing import Any

from services.shared.providers.github.client import GitHubContext, org_path, pages, read, strange
from services.shared.sdk.contract import Grant
from services.shared.sdk.errors import ErrorCode, Refused
from services.shared.sdk.manifest import Frozen
from services.shared.sdk.together import all_of


class Team(Frozen):
    id: int
    slug: str
    name: str

    @property
    def grant(self) -> Grant:
        """The membership as something that OneClick gave."""
        return Grant(kind="team", key=str(self.id), label=self.name)


def parse_team(body: Any) -> Team:
    """Raises GitHubAnswer where the object is no team."""
    try:
        return Team(id=int(body["id"]), slug=str(body["slug"]), name=str(body.get("name") or body["slug"]))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise strange("GET teams", body) from error


async def list_teams(ctx: GitHubContext) -> list[Team]:
    """Every team of the organisation."""
    return [parse_team(item) async for item in pages(ctx, org_path(ctx, "teams"))]


async def find_team(ctx: GitHubContext, slug: str) -> Team | None:
    """By short name."""
    body = await read(ctx, org_path(ctx, "teams", slug))
    return None if body is None else parse_team(body)


async def wished_teams(ctx: GitHubContext, slugs: Iterable[str]) -> tuple[Team, ...]:
    """The teams of the wish.

    Raises:
        Refused: `teams` names one that is not there.
    """

    async def one(slug: str) -> Team:
        team = await find_team(ctx, slug)
        if team is None:
            message = f"There is no team {slug} in {ctx.settings.org}."
            raise Refused(message, code=ErrorCode.INVALID_FIELD, field="teams")
        return team

    found = await all_of(one(slug) for slug in slugs)
    return tuple({team.id: team for team in found}.values())


async def is_in_team(ctx: GitHubContext, team: Team, login: str) -> bool:
    """Whether the login is an active member of the team."""
    body = await read(ctx, org_path(ctx, "teams", team.slug, "memberships", login))
    return body is not None and body.get("state") == "active"


async def teams_with(ctx: GitHubContext, teams: Iterable[Team], login: str) -> dict[int, Team]:
    """Those of the teams that the login is in, by number. GitHub has no list of one person's teams."""
    wanted = list(teams)
    found = await all_of(is_in_team(ctx, team, login) for team in wanted)
    return {team.id: team for team, is_in in zip(wanted, found, strict=True) if is_in}
