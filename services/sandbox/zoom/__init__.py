"""Zoom imitated: server-to-server OAuth, users, groups, roles, seats and the events it posts."""
