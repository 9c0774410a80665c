"""Fixtures of the worker's tests."""

from tests.fixtures.yard import only_the_club, yard

__all__ = ["only_the_club", "yard"]
