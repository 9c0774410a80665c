"""Failures on order: what may go wrong, which requests it hits, how often."""
