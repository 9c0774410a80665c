"""Why a known person is not let in."""

from typing import ClassVar

from services.shared.kit.errors import Forbidden


class NoRole(Forbidden):
    """A known person whom nobody gave a role."""

    code: ClassVar[str] = "no_role"
