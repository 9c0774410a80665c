"""HubSpot imitated: user provisioning in its path families, owners, account details, OAuth."""
