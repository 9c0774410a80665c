"""Role templates on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, StringConstraints

from services.api.requests.schemas import MAX_APPS, MAX_VERSION, ActorRead, AppFields
from services.api.wire import Body, Incoming, OptionalText, PageRead, Read, Tags, Text

MAX_PATTERNS = 50
MAX_DESCRIPTION = 1000


def _few(patterns: list[str]) -> list[str]:
    if len(patterns) > MAX_PATTERNS:
        raise ValueError(f"must be at most {MAX_PATTERNS}")
    return patterns


TemplateName = Annotated[Text, StringConstraints(max_length=100)]
Description = Annotated[str, StringConstraints(strip_whitespace=True, max_length=MAX_DESCRIPTION)]
Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=60)]
Version = Annotated[int, Field(ge=1, le=MAX_VERSION)]
Patterns = Annotated[list[Text], AfterValidator(_few)]
"""Any of these fits, without regard to case; `*` stands for any text."""


class Conditions(Incoming):
    """For whom a template is suggested: all lists that are not empty must be met."""

    department: Patterns = Field(default=[])
    location: Patterns = Field(default=[])
    job_title: Patterns = Field(default=[])


class RoleTemplateContent(Body):
    name: TemplateName
    description: Description = ""
    apps: dict[str, AppFields] = Field(max_length=MAX_APPS)
    """Fields by app; what is left out is filled in by whoever uses the template."""
    tags: Tags = Field(default=[])
    conditions: Conditions = Field(default_factory=Conditions)


class RoleTemplateCreate(RoleTemplateContent):
    key: Key | None = None
    """What requests name it by. Made of the name when it is left out; it never changes."""


class RoleTemplateUpdate(RoleTemplateContent):
    version: Version
    """The version that was read. With a newer one there the answer is 409 `role_template_changed`."""


class SuggestionQuery(Body):
    department: OptionalText = None
    location: OptionalText = None
    job_title: OptionalText = None


class ConditionsRead(Read):
    department: list[str]
    location: list[str]
    job_title: list[str]


class RoleTemplateVersionRead(Read):
    """`changed_at` and `changed_by` are null for what came with OneClick."""

    version: int
    name: str
    description: str
    apps: dict[str, dict[str, Any]]
    tags: list[str]
    conditions: ConditionsRead
    changed_at: datetime | None
    changed_by: ActorRead | None


class RoleTemplateRead(RoleTemplateVersionRead):
    """The newest version. `shipped`: it came with OneClick, changed since or not."""

    id: UUID
    key: str
    shipped: bool


class RoleTemplatePage(PageRead[RoleTemplateRead]):
    pass


class RoleTemplateVersionPage(PageRead[RoleTemplateVersionRead]):
    pass


class SuggestionRead(Read):
    template: RoleTemplateRead
    met: list[str]


class SuggestionPage(Read):
    """The closest first; `met` names the conditions that the person meets."""

    items: list[SuggestionRead]
