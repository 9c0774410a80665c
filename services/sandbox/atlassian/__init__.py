"""Atlassian imitated: SCIM directory, organisation admin, Jira and Confluence of a site; three credentials."""
