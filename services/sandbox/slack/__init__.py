"""Slack imitated: SCIM v2 and the part of the Web API that provisioning needs."""
