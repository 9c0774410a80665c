"""Whether a connection is usable, what can be chosen, and how a wrong form is refused."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.shared.providers.slack.form import SlackForm, SlackSettings
from services.shared.providers.slack.manifest import MANIFEST
from services.shared.providers.slack.provider import Slack
from services.shared.sdk.contract import Known
from services.shared.sdk.errors import ConsentLost
from tests.providers.slack.harness import SlackHarness


async def test_a_token_with_the_least_scopes_is_valid(slack: SlackHarness) -> None:
    slack.sandbox.configure("slack", modes={"scopes": "admin"})
    assert not await slack.provider.validate(slack.context(Known(), reading=True))


async def test_the_token_of_another_workspace_is_named(slack: SlackHarness) -> None:
    slack.settings = SlackSettings(team_id="T0GLOBEX01", team_domain="globex")
    issues = await slack.provider.validate(slack.context(Known(), reading=True))
    assert [issue.field for issue in issues] == ["team_id"]
    assert "T0ACME0001" in issues[0].message


async def test_a_dead_token_is_lost_consent(slack: SlackHarness) -> None:
    slack.sandbox.arm("slack", "expired_token", times=None)
    with pytest.raises(ConsentLost):
        await slack.provider.validate(slack.context(Known(), reading=True))


async def test_choices_are_live_and_searchable(slack: SlackHarness) -> None:
    async def labels(name: str, query: str) -> list[str]:
        found = await Slack().options(slack.context(Known(), reading=True), name, query)
        return [one.label for one in found]

    assert await labels("groups", "eng") == ["Engineering"]
    assert await labels("channels", "#eng") == ["#engineering"]
    assert "#it-private" in await labels("channels", "")
    assert await labels("timezones", "new york") == ["America/New_York"]
    slack.sandbox.configure("slack", modes={"scopes": "admin"})
    assert await labels("channels", "") == []


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"role": "guest", "groups": ["IT"]}, "Guests cannot be members"),
        ({"guest_expires_on": "2027-01-31"}, "Only a guest's access"),
        ({"timezone": "Mars/Olympus"}, "no time zone"),
        ({"channels": ["#"]}, "empty"),
        ({"role": "owner"}, "Input should be"),
    ],
)
def test_what_cannot_be_meant_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        SlackForm.model_validate(fields)


def test_what_people_write_is_understood() -> None:
    form = SlackForm.model_validate(
        {"role": "guest", "guestExpiresOn": "2027-01-31", "channels": "#general", "timezone": " "}
    )
    assert (form.channels, form.timezone, form.expiration) == (("general",), None, "2027-01-31T23:59:59Z")


def test_slack_waits_until_a_tenant_switches_it_on() -> None:
    assert not MANIFEST.offered


@pytest.mark.parametrize(
    ("method", "path", "budgets"),
    [
        ("POST", "/scim/v2/Users", {"scim_writes", "user_writes"}),
        ("PATCH", "/scim/v2/Groups/S123", {"scim_writes"}),
        ("GET", "/scim/v2/Users/U123", {"scim_reads", "user_reads"}),
        ("GET", "/scim/v2/Users", {"scim_reads"}),
        ("POST", "/api/admin.conversations.invite", {"web_tier_2"}),
        ("POST", "/api/admin.users.session.reset", {"web_tier_2"}),
        ("POST", "/api/conversations.invite", {"web_tier_3"}),
        ("GET", "/api/conversations.list", {"web_tier_2"}),
        ("GET", "/api/auth.test", set()),
    ],
)
def test_each_call_draws_from_its_budgets(method: str, path: str, budgets: set[str]) -> None:
    assert {one.key for one in MANIFEST.limits.budgets if one.fits(method, path)} == budgets
