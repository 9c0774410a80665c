"""ClickUp imitated: members, guests, user groups, seats and plan of a Workspace, API version 2."""
