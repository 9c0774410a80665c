"""A tenant's rules: read by everybody, changed by its administrators."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.audit import service as audit
from services.shared.domain.setting.models import TenantSetting
from services.shared.kit.errors import FieldError, InvalidInput, NotFound
from services.shared.kit.uow import UnitOfWork
from services.shared.kit.wallclock import UnknownZone, get_zone
from services.shared.sdk.partly import check_apps_partly
from services.shared.sdk.registry import UnknownApp, get_provider, manifests

UNMANAGED = "keep"
PLAN_LIFETIME_SECONDS = 3600
"""What holds where a tenant has said nothing."""


class AppNotFound(NotFound):
    code = "app_not_found"


async def get_settings(uow: UnitOfWork) -> TenantSetting:
    """This tenant's rules, or the defaults."""
    found = await uow.session.get(TenantSetting, uow.tenant_id)
    return found or TenantSetting(
        tenant_id=uow.tenant_id,
        allowed_domains=[],
        unmanaged=UNMANAGED,
        plan_lifetime_seconds=PLAN_LIFETIME_SECONDS,
        app_switches={},
        app_defaults={},
    )


async def list_offered_apps(uow: UnitOfWork) -> frozenset[str]:
    """Keys of the apps that this tenant offers: its own switch, or else what the provider says."""
    switches: Mapping[str, Any] = (await get_settings(uow)).app_switches
    return frozenset(one.key for one in manifests() if switches.get(one.key, one.offered))


async def switch_app(uow: UnitOfWork, app: str, *, offered: bool) -> None:
    """Offer an app (key or short name) to this tenant's people, or stop it. Accounts that are there stay.

    Two administrators who switch different apps at once do not undo each other.

    Raises:
        AppNotFound: there is no such app.
    """
    try:
        manifest = get_provider(app).manifest
    except UnknownApp:
        raise AppNotFound("There is no such app.") from None
    before = manifest.key in await list_offered_apps(uow)
    values = insert(TenantSetting).values(tenant_id=uow.tenant_id, app_switches={manifest.key: offered})
    merged = TenantSetting.app_switches.op("||")(values.excluded.app_switches)
    await uow.session.execute(
        values.on_conflict_do_update(index_elements=[TenantSetting.tenant_id], set_={"app_switches": merged})
    )
    if before is not offered:
        audit.write_down(
            uow,
            "app.switched_on" if offered else "app.switched_off",
            target_kind="app",
            target_id=manifest.key,
            target_label=manifest.title,
            before={"offered": before},
            after={"offered": offered},
        )


async def set_app_defaults(uow: UnitOfWork, app: str, fields: Mapping[str, Any]) -> None:
    """Say what an app's form is filled in with where a request says nothing. What was asked for before stays.

    Raises:
        AppNotFound: there is no such app.
        InvalidInput: a field is unknown or wrong; each is named under `defaults`.
    """
    try:
        manifest = get_provider(app).manifest
    except UnknownApp:
        raise AppNotFound("There is no such app.") from None
    try:
        checked = check_apps_partly({manifest.key: fields})[manifest.key]
    except InvalidInput as error:
        path = f"apps.{manifest.key}"
        raise InvalidInput(
            [
                FieldError(f"defaults{one.field.removeprefix(path)}", one.message, one.code)
                for one in error.errors
            ]
        ) from error
    before = (await get_settings(uow)).app_defaults.get(manifest.key, {})
    values = insert(TenantSetting).values(tenant_id=uow.tenant_id, app_defaults={manifest.key: checked})
    merged = TenantSetting.app_defaults.op("||")(values.excluded.app_defaults)
    await uow.session.execute(
        values.on_conflict_do_update(index_elements=[TenantSetting.tenant_id], set_={"app_defaults": merged})
    )
    if before != checked:
        audit.write_down(
            uow,
            "app.defaults",
            target_kind="app",
            target_id=manifest.key,
            target_label=manifest.title,
            before={"defaults": before},
            after={"defaults": checked},
        )


async def set_time_zone(uow: UnitOfWork, time_zone: str) -> None:
    """Say which clocks this tenant's times mean. What is scheduled already keeps its own zone.

    Raises:
        InvalidInput: there is no such zone.
    """
    try:
        get_zone(time_zone)
    except UnknownZone:
        message = "There is no such time zone. Use an IANA name such as Europe/Berlin."
        raise InvalidInput([FieldError("time_zone", message, "unknown_time_zone")]) from None
    before = (await get_settings(uow)).time_zone
    await uow.session.execute(
        insert(TenantSetting)
        .values(tenant_id=uow.tenant_id, time_zone=time_zone)
        .on_conflict_do_update(index_elements=[TenantSetting.tenant_id], set_={"time_zone": time_zone})
    )
    audit.write_down(
        uow,
        "settings.time_zone",
        target_kind="settings",
        target_id=uow.tenant_id,
        target_label="Time zone",
        before={"time_zone": before},
        after={"time_zone": time_zone},
    )
