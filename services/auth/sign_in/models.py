"""Sign-ins that have begun and not come back."""

from datetime import datetime

from sqlalchemy import LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.shared.kit.db import Base


class SignInState(Base):
    """One sign-in on its way. Neither the state nor the PKCE verifier is stored.

    Both nonce and verifier are derived from `salt` and the state together: whoever sees only this table,
    or only the redirect's address, has neither.
    """

    __tablename__ = "sign_in_states"
    __table_args__ = {"schema": "auth"}  # noqa: RUF012  # SQLAlchemy reads it from the class

    state_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    binding_hash: Mapped[bytes] = mapped_column(LargeBinary)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    return_to: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime]
