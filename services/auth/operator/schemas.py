"""Operators on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field

from services.auth.printable import printable
from services.shared.kit.actors import Actor, ActorKind
from services.shared.web.principal import Role


class MemberRead(BaseModel):
    """An operator of one tenant, as what."""

    operator_id: UUID
    name: str
    email: str
    role: Role


class ActorGiven(BaseModel):
    """The operator in whose name the api asks."""

    id: UUID
    name: Annotated[str, Field(min_length=1, max_length=320), AfterValidator(printable)]

    def as_actor(self) -> Actor:
        """As audit names them."""
        return Actor(ActorKind.OPERATOR, str(self.id), self.name)
