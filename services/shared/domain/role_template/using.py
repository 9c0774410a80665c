"""A request names a template: which version that is, and what it lays under the request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.shared.domain.role_template import service
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.uow import UnitOfWork


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """How a request names a template: by id or by key; without a version it is the newest."""

    id: UUID | None = None
    key: str | None = None
    version: int | None = None


@dataclass(frozen=True, slots=True)
class UsedTemplate:
    """One version of a template, for a request to lie upon."""

    id: UUID
    name: str
    version: int
    apps: Mapping[str, Mapping[str, Any]]
    tags: tuple[str, ...]


async def use_template(uow: UnitOfWork, ref: TemplateRef) -> UsedTemplate:
    """The version that a request names, stored so that the request can point at it.

    Raises:
        InvalidInput: this tenant has no such template, or it no longer offers it, or it has no such version.
    """
    found = (
        await service.find_template(uow, ref.id)
        if ref.id is not None
        else await service.find_by_key(uow, ref.key or "")
    )
    if found is None or found.template.deleted_at is not None:
        name = "id" if ref.id is not None else "key"
        raise InvalidInput(
            [FieldError(f"role_template.{name}", "There is no such role template.", "unknown_role_template")]
        )
    template, content = found.template, found.content
    await service.keep_copy(uow, found)
    if ref.version is not None and ref.version != content.version:
        older = await service.find_version(uow, template.id, ref.version)
        if older is None:
            message = f"{content.name} has no version {ref.version}."
            raise InvalidInput([FieldError("role_template.version", message, "unknown_role_template")])
        content = older.content
    return UsedTemplate(template.id, content.name, content.version, content.apps, tuple(content.tags))
