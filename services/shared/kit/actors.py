"""Who acts, as audit and events name them."""

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    OPERATOR = "operator"
    API_KEY = "api_key"
    SERVICE = "service"
    SCHEDULE = "schedule"


@dataclass(frozen=True, slots=True)
class Actor:
    """`id` is the operator's or key's id, or the service's name."""

    kind: ActorKind
    id: str
    name: str


def service_actor(name: str) -> Actor:
    """A process acting by itself."""
    return Actor(ActorKind.SERVICE, name, name)
