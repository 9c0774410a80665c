"""What the vendors' authorization servers have in common: pages that a person clicks, codes, grants, tokens. No vendor's words."""
