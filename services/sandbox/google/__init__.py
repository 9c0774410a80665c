"""Google Workspace imitated: OAuth for service accounts, Directory API v1, Enterprise License Manager v1."""
