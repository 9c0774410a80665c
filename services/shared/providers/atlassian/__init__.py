"""Jira and Confluence: one Atlassian account, managed by a SCIM directory or by the site's own API."""

from services.shared.providers.atlassian.provider import Confluence, Jira

PROVIDERS = (Jira, Confluence)
