"""GitHub imitated: organisations, invitations, teams, Copilot, SCIM, webhooks."""
