"""Copilot seats: the organisation buys one for each person it names."""

from services.shared.providers.github.answers import GitHubAnswer
from services.shared.providers.github.client import GitHubContext, org_path, read
from services.shared.sdk.contract import Grant

KEY = "copilot"
GRANT = Grant(kind="license", key=KEY, label="GitHub Copilot")
SELECTED, EVERYBODY = "assign_selected", "assign_all"
_UNPROCESSABLE = 422


async def seat_setting(ctx: GitHubContext) -> str | None:
    """How the organisation gives seats: `assign_selected`, `assign_all`, …; None without a subscription."""
    try:
        body = await read(ctx, org_path(ctx, "copilot", "billing"))
    except GitHubAnswer as answer:
        if answer.status == _UNPROCESSABLE:  # a subscription that is not set up yet
            return None
        raise
    setting = (body or {}).get("seat_management_setting")
    return str(setting) if setting and setting not in {"disabled", "unconfigured"} else None


async def has_seat(ctx: GitHubContext, login: str) -> bool:
    """Whether the login has a seat that does not end with this cycle."""
    try:
        body = await read(ctx, org_path(ctx, "members", login, "copilot"))
    except GitHubAnswer as answer:
        if answer.status == _UNPROCESSABLE:
            return False
        raise
    return body is not None and not body.get("pending_cancellation_date")
