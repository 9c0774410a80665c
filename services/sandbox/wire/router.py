"""Paths to operations: literal segments win over `{names}`, the rest is one dictionary look-up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

O = TypeVar("O")  # noqa: E741 - an operation of one vendor


@dataclass(slots=True)
class Match(Generic[O]):
    operation: O
    args: dict[str, str]


@dataclass(slots=True)
class _Route(Generic[O]):
    parts: tuple[str, ...]
    operations: dict[str, O] = field(default_factory=dict)

    def bind(self, segments: tuple[str, ...], *, ignores_case: bool) -> dict[str, str] | None:
        args: dict[str, str] = {}
        for part, segment in zip(self.parts, segments, strict=True):
            if part.startswith("{"):
                args[part[1:-1]] = segment
            elif part != segment and not (ignores_case and part.lower() == segment.lower()):
                return None
        return args


class Router(Generic[O]):
    def __init__(self, *, ignores_case: bool = False) -> None:
        self._ignores_case = ignores_case
        self._routes: dict[int, list[_Route[O]]] = {}

    def add(self, method: str, template: str, operation: O) -> None:
        parts = tuple(part for part in template.split("/") if part)
        routes = self._routes.setdefault(len(parts), [])
        route = next((known for known in routes if known.parts == parts), None)
        if route is None:
            route = _Route(parts)
            routes.append(route)
            routes.sort(key=lambda known: [part.startswith("{") for part in known.parts])
        if method in route.operations:
            raise ValueError(f"{method} {template} is registered twice")
        route.operations[method] = operation

    def find(self, method: str, segments: tuple[str, ...]) -> Match[O] | None:
        for route in self._routes.get(len(segments), ()):
            args = route.bind(segments, ignores_case=self._ignores_case)
            if args is not None and method in route.operations:
                return Match(route.operations[method], args)
        return None

    def list_operations(self) -> Iterator[tuple[str, str, O]]:
        """Yield method, template and operation of everything that is registered."""
        for routes in self._routes.values():
            for route in routes:
                for method, operation in route.operations.items():
                    yield method, "/".join(route.parts), operation

    def methods(self, segments: tuple[str, ...]) -> set[str]:
        """Every method that this path answers; empty when the path itself is unknown."""
        found: set[str] = set()
        for route in self._routes.get(len(segments), ()):
            if route.bind(segments, ignores_case=self._ignores_case) is not None:
                found.update(route.operations)
        return found
