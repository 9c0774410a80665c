"""Text that can be stored, logged and shown."""


def printable(value: str) -> str:
    """The text, if it has no control characters and no halves of characters.

    Raises:
        ValueError: it has.
    """
    if not value.isprintable():
        raise ValueError("must not hold control characters")
    return value
