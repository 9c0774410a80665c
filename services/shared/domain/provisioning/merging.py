"""A role template under a request, and the tenant's defaults under both: who says more about it wins, field by field."""

from collections.abc import Collection, Mapping
from typing import Any

from services.shared.domain.provisioning.wishes import RawApps, WantedApp, Wish, check_apps
from services.shared.domain.role_template.using import UsedTemplate, use_template
from services.shared.domain.setting.service import get_settings, list_offered_apps
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.partly import field_name
from services.shared.sdk.registry import UnknownApp, get_provider, resolve_app


async def lay_under(uow: UnitOfWork, wish: Wish) -> tuple[list[WantedApp], UsedTemplate | None]:
    """What the wish comes to over its template and the tenant's defaults, and the template's version that was used.

    An app that the template alone names is left out where it is switched off or not connected; whoever
    wants to hear of that names the app.

    Raises:
        InvalidInput: a field is wrong, an app is not offered here, or there is no such template.
    """
    offered = await list_offered_apps(uow)
    defaults = (await get_settings(uow)).app_defaults
    if wish.role_template is None:
        return check_over(wish.apps, defaults, offered), None
    template = await use_template(uow, wish.role_template)
    at_hand = offered if wish.connected is None else offered & frozenset(wish.connected)
    try:
        return check_over(merged(wish.apps, template.apps, at_hand), defaults, offered), template
    except InvalidInput as error:
        raise InvalidInput([_from_template(item, template, wish.apps) for item in error.errors]) from error


def check_over(
    raw: RawApps, defaults: Mapping[str, Mapping[str, Any]], offered: Collection[str]
) -> list[WantedApp]:
    """The apps that are on, each with the tenant's defaults under its fields.

    Raises:
        InvalidInput: a field is wrong, or an app is not offered here.
    """
    try:
        return check_apps(merged(raw, defaults, ()), offered)
    except InvalidInput as error:
        raise InvalidInput([_from_default(item, raw, defaults) for item in error.errors]) from error


def _from_default(error: FieldError, raw: RawApps, defaults: Mapping[str, Mapping[str, Any]]) -> FieldError:
    """The same error, saying so where it is about a default: the caller never sent it."""
    _, name, field = (*error.field.split("."), "", "")[:3]
    app = next((app for app, names in _said(raw).items() if name in names), name)
    sent = raw.get(name)
    if field not in defaults.get(app, {}) or (isinstance(sent, Mapping) and field in _own_names(app, sent)):
        return error
    return FieldError(error.field, f"{error.message} It is a default that is set under Apps.", error.code)


def merged(
    raw: RawApps, under: Mapping[str, Mapping[str, Any]], at_hand: Collection[str]
) -> dict[str, Mapping[str, Any] | bool]:
    """The request's apps over the template's. `false` for an app leaves it out, whatever the template says."""
    apps: dict[str, Mapping[str, Any] | bool] = dict(raw)
    said = _said(raw)
    for app, fields in under.items():
        if app not in said:
            if app in at_hand:
                apps[app] = fields
            continue
        names = [name for name in said[app] if raw[name] is not False]
        if not names:
            continue
        # One app may be named twice, as a switch and with its fields: the fields lie on the template's.
        name = next((name for name in names if isinstance(raw[name], Mapping) and raw[name]), names[0])
        over = raw[name]
        own: Mapping[str, Any] = over if isinstance(over, Mapping) else {}
        filled = _own_names(app, own)
        apps[name] = {**{field: value for field, value in fields.items() if field not in filled}, **own}
    return apps


def _said(raw: RawApps) -> dict[str, list[str]]:
    """How the request spells each app that it names."""
    found: dict[str, list[str]] = {}
    for name in raw:
        try:
            found.setdefault(resolve_app(name), []).append(name)
        except UnknownApp:
            continue  # told by the check that follows
    return found


def _own_names(app: str, fields: Mapping[str, Any]) -> set[str]:
    form = get_provider(app).manifest.form
    return {field_name(form, spelt) for spelt in fields}


def _from_template(error: FieldError, template: UsedTemplate, raw: RawApps) -> FieldError:
    """The same error, saying so where it is about what the template says: the caller never sent it."""
    if error.code == "required" and template.apps:
        message = f"No app of the role template {template.name} is both connected and switched on here."
        return FieldError(error.field, message, error.code)
    _, name, field = (*error.field.split("."), "", "")[:3]
    app = next((app for app, names in _said(raw).items() if name in names), name)
    sent = raw.get(name)
    if field not in template.apps.get(app, {}):
        return error
    if isinstance(sent, Mapping) and field in _own_names(app, sent):
        return error
    return FieldError(error.field, f"{error.message} The role template {template.name} says so.", error.code)
