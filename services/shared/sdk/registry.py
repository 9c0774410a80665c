"""Finds providers by folder and by entry point. Imports no vendor SDK."""

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from typing import Any

from services.shared.sdk.contract import Provider
from services.shared.sdk.manifest import Manifest

FOLDER = "services.shared.providers"
ENTRY_POINTS = "oneclick.providers"


class UnknownApp(LookupError):
    """No provider has this key."""


def _classes() -> Iterator[type[Provider[Any]]]:
    for module in iter_modules(import_module(FOLDER).__path__):
        yield from import_module(f"{FOLDER}.{module.name}").PROVIDERS
    for entry in entry_points(group=ENTRY_POINTS):
        yield entry.load()


@cache
def providers() -> Mapping[str, Provider[Any]]:
    """Every provider by its app key, in a stable order.

    Raises:
        ValueError: two providers claim one key or alias.
    """
    found: dict[str, Provider[Any]] = {}
    names: set[str] = set()
    for cls in _classes():
        claimed = {cls.manifest.key, *cls.manifest.aliases}
        if taken := claimed & names:
            raise ValueError(f"Two providers claim {', '.join(sorted(taken))}.")
        names |= claimed
        found[cls.manifest.key] = cls()
    return found


def resolve_app(name: str) -> str:
    """The app key for a key or alias (`google` means `google-workspace`).

    Raises:
        UnknownApp: nobody claims it.
    """
    for key, provider in providers().items():
        if name == key or name in provider.manifest.aliases:
            return key
    raise UnknownApp(name)


def get_provider(app: str) -> Provider[Any]:
    """The provider for an app key or alias.

    Raises:
        UnknownApp: nobody claims it.
    """
    return providers()[resolve_app(app)]


@cache
def siblings_of(app: str) -> tuple[str, ...]:
    """The vendor's other apps, in the registry's order; those before `app` itself come first."""
    vendor = get_provider(app).manifest.vendor
    return tuple(one.key for one in manifests() if one.vendor == vendor and one.key != app)


@cache
def elder_siblings_of(app: str) -> tuple[str, ...]:
    """Those of the vendor's other apps that the registry has before this one."""
    order = list(providers())
    return tuple(key for key in siblings_of(app) if order.index(key) < order.index(app))


def manifests() -> tuple[Manifest, ...]:
    """Every manifest, in the registry's order."""
    return tuple(provider.manifest for provider in providers().values())
