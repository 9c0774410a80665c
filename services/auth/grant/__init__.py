"""How each vendor gives access tokens: a file for each."""
