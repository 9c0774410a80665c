"""The control surface: what tests and the demo see and do behind the vendors' backs."""
