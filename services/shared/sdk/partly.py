"""Fields that are filled in beforehand, as templates and defaults do, against the providers' forms."""

from collections.abc import Mapping
from copy import copy
from functools import cache
from typing import Any

from pydantic import AliasChoices, ValidationError, create_model

from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.sdk.manifest import Frozen
from services.shared.sdk.registry import UnknownApp, get_provider, resolve_app

RawApps = Mapping[str, Mapping[str, Any] | bool]
Apps = dict[str, dict[str, Any]]


def check_apps_partly(raw: RawApps) -> Apps:
    """Every app that is on, by its key, with the fields that are filled in, under the form's own names.

    A field that the form needs may be left out: whoever uses the template fills it in. What is there is
    checked as a request's fields are; rules across fields wait for the request.

    Raises:
        InvalidInput: no app is on, an app or a field is unknown, or a value is wrong; every fault at once.
    """
    errors: list[FieldError] = []
    chosen: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for name, value in raw.items():
        try:
            app = resolve_app(name)
        except UnknownApp:
            errors.append(FieldError(f"apps.{name}", "There is no such app.", "unknown_app"))
            continue
        if value is False:
            continue
        fields: Mapping[str, Any] = {} if value is True else value
        if app in chosen and chosen[app][1] and fields:
            errors.append(FieldError(f"apps.{name}", f"{app} is given twice.", "duplicate"))
        elif app not in chosen or fields:
            chosen[app] = (name, fields)
    apps = {app: _check_partly(app, name, fields, errors) for app, (name, fields) in chosen.items()}
    if not apps and not errors:
        errors.append(FieldError("apps", "Switch on at least one app.", "required"))
    if errors:
        raise InvalidInput(errors)
    return apps


def _check_partly(app: str, name: str, fields: Mapping[str, Any], errors: list[FieldError]) -> dict[str, Any]:
    form = get_provider(app).manifest.form
    secrets = [spelt for spelt in fields if field_name(form, spelt) in _secrets(form)]
    errors.extend(
        FieldError(
            f"apps.{name}.{spelt}", "A secret is not kept here: whoever makes the request gives it.", "secret"
        )
        for spelt in secrets
    )
    try:
        form.model_validate(fields)
    except ValidationError as error:
        wrong = [
            FieldError(
                ".".join(["apps", name, *(str(part) for part in item["loc"])]),
                str(item["msg"]).removeprefix("Value error, "),
                item["type"],
            )
            for item in error.errors(include_input=False, include_url=False)
            if not _waits_for_the_request(item["loc"], item["type"])
        ]
        errors.extend(wrong)
        if wrong:
            return {}
    return _canonical(form, fields)


def _waits_for_the_request(location: tuple[int | str, ...], kind: str) -> bool:
    """A field of the form that is not filled in, or a rule across fields."""
    return not location or (kind == "missing" and len(location) == 1)


def _canonical(form: type[Frozen], fields: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return _partial(form).model_validate(fields).model_dump(mode="json", exclude_unset=True)
    except (ValidationError, AttributeError, TypeError):
        # A rule across fields met one that is not filled in: the values stay as they were sent.
        return {field_name(form, spelt): value for spelt, value in fields.items()}


@cache
def _partial(form: type[Frozen]) -> type[Frozen]:
    """The same form with no field needed."""
    optional: dict[str, Any] = {}
    for name, field in form.model_fields.items():
        if field.is_required():
            relaxed = copy(field)
            relaxed.default = None
            optional[name] = (field.annotation, relaxed)
    return create_model(f"Partial{form.__name__}", __base__=form, **optional)


@cache
def _spellings(form: type[Frozen]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for name, field in form.model_fields.items():
        accepted = field.validation_alias
        others = accepted.choices if isinstance(accepted, AliasChoices) else [accepted, field.alias]
        found |= {other: name for other in (name, *others) if isinstance(other, str)}
    return found


@cache
def _secrets(form: type[Frozen]) -> frozenset[str]:
    properties = form.model_json_schema(by_alias=False).get("properties", {})
    return frozenset(name for name, field in properties.items() if field.get("writeOnly"))


def field_name(form: type[Frozen], spelt: str) -> str:
    """The form's own name for a field that a client may spell otherwise; an unknown one stays as it is."""
    return _spellings(form).get(spelt, spelt)
