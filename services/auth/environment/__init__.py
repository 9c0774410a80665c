"""One tenant's credentials for a fresh installation, as the environment names them: a file for each vendor."""
