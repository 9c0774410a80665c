"""What people must do at GitHub, because its API does not."""

from services.shared.providers.github.client import GitHubContext
from services.shared.providers.github.people import Member
from services.shared.providers.github.steps import account
from services.shared.sdk.contract import PlannedAction
from services.shared.sdk.manual import manual_task


def copilot_task(ctx: GitHubContext, member: Member | None) -> PlannedAction:
    """No Copilot subscription, or one that does not give seats to selected people."""
    org = ctx.settings.org
    return manual_task(
        "copilot_task",
        target="GitHub Copilot",
        title="Give access to GitHub Copilot",
        instructions=(
            f"Open the Copilot settings of {org}, and subscribe if there is no subscription.",
            "Let Copilot be enabled for selected members.",
            f"Give {member.login if member else ctx.person.full_name} a seat.",
        ),
        link=f"https://github.com/organizations/{org}/settings/copilot/seat_management",
        params=account(member),
    )


def billing_manager_task(ctx: GitHubContext, member: Member) -> PlannedAction:
    """A member cannot be made a billing manager by the API: only an invitation can say so."""
    org = ctx.settings.org
    return manual_task(
        "role_task",
        target=member.login,
        title=f"Make {member.login} a billing manager",
        instructions=(
            f"Open Billing and licensing in the settings of {org}.",
            f"Under Billing management, invite {member.login} as a billing manager.",
        ),
        link=f"https://github.com/organizations/{org}/settings/billing",
        params={**account(member), "role": "billing_manager"},
    )


def removal_task(ctx: GitHubContext) -> PlannedAction:
    """An invitation of ours was accepted or declined, and GitHub does not tell by whom."""
    org = ctx.settings.org
    return manual_task(
        "delete_task",
        target=ctx.person.work_email,
        title=f"See that {ctx.person.full_name} is not in {org}",
        instructions=(
            f"OneClick invited {ctx.person.work_email}; GitHub does not tell which login accepted, if any.",
            f"Look for {ctx.person.full_name} among the members of {org} and remove that login if it is there.",
        ),
        link=f"https://github.com/orgs/{org}/people",
    )
