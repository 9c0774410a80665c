"""Microsoft 365 imitated: the token endpoint for apps, and Microsoft Graph v1.0."""
