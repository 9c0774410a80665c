"""How OneClick is run: locally from wheels, and in production from images."""
