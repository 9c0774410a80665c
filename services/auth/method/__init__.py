"""How each vendor is connected: a file for each, as data where it can be."""
