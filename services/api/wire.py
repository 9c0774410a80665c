"""The base of what comes in and of what goes out."""

import math
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Annotated, Any, Generic, Self, TypeVar

from email_validator import validate_email
from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    model_validator,
)
from pydantic.alias_generators import to_camel

from services.shared.kit.errors import FieldError, InvalidInput

T = TypeVar("T")
MAX_DEPTH = 24
MAX_TAGS = 50
MAX_TAG = 50


class Read(BaseModel):
    """What goes out. No member has a default, so the document says that each is always there."""

    model_config = ConfigDict(frozen=True)


class PageRead(Read, Generic[T]):
    items: list[T]
    total: int
    limit: int
    offset: int


def _spellings(name: str) -> AliasChoices:
    return AliasChoices(name, to_camel(name))


class Incoming(BaseModel):
    """What comes in: snake_case or camelCase, nothing that is not known. Remembers how names were spelt."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=AliasGenerator(validation_alias=_spellings)
    )
    _spelt: dict[str, str] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _remember_spelling(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(value)
        if isinstance(value, dict):
            made._note_spelling(value)  # noqa: SLF001  # our own class
        return made

    def _note_spelling(self, value: dict[str, Any]) -> None:
        for name, info in type(self).model_fields.items():
            if isinstance(info.validation_alias, AliasChoices):
                choices = [str(choice) for choice in info.validation_alias.choices]
                self._spelt[name] = next((choice for choice in choices if choice in value), name)

    def as_sent(self, path: str) -> str:
        """A dotted path in our names, in the client's spelling."""
        head, dot, rest = path.partition(".")
        below = getattr(self, head, None) if head in type(self).model_fields else None
        if isinstance(below, Incoming):
            rest = below.as_sent(rest)
        return f"{self._spelt.get(head, head)}{dot}{rest}"


class Body(Incoming):
    """A whole body. What no database could store is refused first, wherever it is."""

    @model_validator(mode="before")
    @classmethod
    def _storable(cls, value: Any) -> Any:
        if errors := list(unstorable(value)):
            raise InvalidInput(errors)
        return value


@contextmanager
def named_as_sent(body: Incoming) -> Iterator[None]:
    """Errors about fields name them as this body spelt them.

    Raises:
        InvalidInput: passed on, with the client's names.
    """
    try:
        yield
    except InvalidInput as error:
        raise InvalidInput(
            [FieldError(body.as_sent(e.field), e.message, e.code) for e in error.errors]
        ) from error


def unstorable(value: Any) -> Iterator[FieldError]:
    """Every part of a JSON value that PostgreSQL could not keep, or that is nested too deeply."""
    waiting: list[tuple[str, Any, int]] = [("", value, 0)]
    while waiting:
        path, item, depth = waiting.pop()
        if depth > MAX_DEPTH:
            yield FieldError(path, f"Nested deeper than {MAX_DEPTH} levels.", "too_deep")
        elif isinstance(item, Mapping):
            for key, below in item.items():
                inner = f"{path}.{key}" if path else str(key)
                if not _storable_text(str(key)):
                    yield FieldError(
                        inner, "The name holds a character that cannot be stored.", "unstorable_text"
                    )
                waiting.append((inner, below, depth + 1))
        elif isinstance(item, list):
            waiting.extend((f"{path}.{index}", below, depth + 1) for index, below in enumerate(item))
        else:
            yield from _unstorable_leaf(path, item)


def _unstorable_leaf(path: str, item: Any) -> Iterator[FieldError]:
    if isinstance(item, str) and not _storable_text(item):
        yield FieldError(path, "Holds a character that cannot be stored.", "unstorable_text")
    if isinstance(item, float) and not math.isfinite(item):
        yield FieldError(path, "Is not a finite number.", "not_finite")


def _storable_text(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _printable(text: str) -> str:
    if any(unicodedata.category(char) in {"Cc", "Cs", "Zl", "Zp"} for char in text):
        raise ValueError("must not hold control characters")
    return text


def address(text: str) -> str:
    """An e-mail address in its usual spelling.

    Raises:
        ValueError: it is none.
    """
    return validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False).normalized


def _text_only(value: Any) -> Any:
    if not isinstance(value, str):
        raise ValueError("must be text, as YYYY-MM-DD")  # noqa: TRY004  # pydantic reports a ValueError
    return value


def _near_day(day: date) -> date:
    if not 1900 <= day.year <= 2200:  # noqa: PLR2004  # years, said in the message
        raise ValueError("must be between 1900 and 2200")
    return day


def _moment(moment: datetime) -> datetime:
    if not 1970 <= moment.year <= 9000:  # noqa: PLR2004  # years, said in the message
        raise ValueError("must be between the years 1970 and 9000")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _empty_is_none(value: Any) -> Any:
    return None if isinstance(value, str) and not value.strip() else value


def _tags(tags: list[str]) -> list[str]:
    kept = list(dict.fromkeys(tags))
    if len(kept) > MAX_TAGS:
        raise ValueError(f"must be at most {MAX_TAGS}")
    return kept


Text = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
OptionalText = Annotated[Text | None, BeforeValidator(_empty_is_none)]
PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=2, max_length=200), AfterValidator(_printable)
]
Email = Annotated[str, StringConstraints(max_length=320), AfterValidator(address)]
OptionalEmail = Annotated[Email | None, BeforeValidator(_empty_is_none)]
Day = Annotated[date, BeforeValidator(_text_only), AfterValidator(_near_day)]
OptionalDay = Annotated[Day | None, BeforeValidator(_empty_is_none)]
Tag = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=MAX_TAG),
    AfterValidator(_printable),
]
Tags = Annotated[list[Tag], AfterValidator(_tags)]
Search = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200), AfterValidator(_printable)]
"""Free text in a query string."""
Moment = Annotated[datetime, AfterValidator(_moment)]
"""A time in a query string; without a zone it is UTC."""
