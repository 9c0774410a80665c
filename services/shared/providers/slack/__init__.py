"""Slack: accounts, guests, user groups and channels over SCIM v2 and the Web API."""

from services.shared.providers.slack.provider import Slack

PROVIDERS = (Slack,)
