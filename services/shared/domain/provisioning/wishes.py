"""Turning what a caller wants into validated fields for each app."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.role_template.using import TemplateRef
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.sdk.contract import ExistingAccount
from services.shared.sdk.registry import UnknownApp, get_provider, resolve_app

RawApps = Mapping[str, Mapping[str, Any] | bool]


@dataclass(frozen=True, slots=True)
class Wish:
    """A request as the caller put it. `apps` is keyed by app key or short name; False means not wanted."""

    kind: RequestKind
    person: EmployeeDetails
    apps: RawApps
    existing_account: ExistingAccount = "ask"
    tags: tuple[str, ...] = ()
    dry_run: bool = False
    role_template: TemplateRef | None = None
    """Its apps and fields lie under `apps`, its tags are added."""
    connected: Collection[str] | None = None
    """Apps whose vendors are connected: others come from no template. None: nobody knows."""


@dataclass(frozen=True, slots=True)
class WantedApp:
    """An app that is switched on. `fields` are canonical: they passed the provider's form."""

    app: str
    vendor: str
    fields: dict[str, Any]


def check_apps(raw: RawApps, offered: Collection[str] | None = None) -> list[WantedApp]:
    """Every app that is on, with canonical fields. With `offered`, no other app may be on.

    `{"microsoft": true, "microsoft-365": {...}}` names one app twice, once as a switch and once with its
    fields: that is allowed and means the fields.

    Raises:
        InvalidInput: no app is on, an app is unknown, or a field is wrong; every fault is named at once.
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
        if offered is not None and app not in offered:
            errors.append(_not_offered(name, app))
            continue
        fields: Mapping[str, Any] = {} if value is True else value
        if app in chosen and chosen[app][1] and fields:
            errors.append(FieldError(f"apps.{name}", f"{app} is given twice.", "duplicate"))
        elif app not in chosen or fields:
            chosen[app] = (name, fields)
    wanted = [_check_fields(app, name, fields, errors) for app, (name, fields) in chosen.items()]
    if not wanted and not errors:
        errors.append(FieldError("apps", "Switch on at least one app.", "required"))
    if errors:
        raise InvalidInput(errors)
    return [item for item in wanted if item is not None]


def _not_offered(name: str, app: str) -> FieldError:
    title = get_provider(app).manifest.title
    message = f"{title} is switched off here. An administrator can switch it on under Apps."
    return FieldError(f"apps.{name}", message, "app_not_offered")


def _check_fields(
    app: str, name: str, fields: Mapping[str, Any], errors: list[FieldError]
) -> WantedApp | None:
    manifest = get_provider(app).manifest
    try:
        form = manifest.form.model_validate(fields)
    except ValidationError as error:
        errors.extend(_form_errors(name, error))
        return None
    return WantedApp(app, manifest.vendor, form.model_dump(mode="json"))


def _form_errors(name: str, error: ValidationError) -> Sequence[FieldError]:
    return [
        FieldError(
            ".".join(["apps", name, *(str(part) for part in item["loc"])]),
            str(item["msg"]).removeprefix("Value error, "),
            item["type"],
        )
        for item in error.errors(include_input=False, include_url=False)
    ]
