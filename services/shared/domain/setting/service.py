"""A tenant's rules: read by everybody, changed by its administrators."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from services.shared.domain.audit import service as audit
from services.shared.domain.setting.models import TenantSetting
from services.shared.kit.errors import NotFound
from services.shared.kit.uow import UnitOfWork
from services.shared.sdk.registry import UnknownApp, get_provider, manifests


class AppNotFound(NotFound):
    code = "app_not_found"


async def get_settings(uow: UnitOfWork) -> TenantSetting:
    """This tenant's rules, or the defaults."""
    found = await uow.session.get(TenantSetting, uow.tenant_id)
    return found or TenantSetting(
        tenant_id=uow.tenant_id,
        allowed_domains=[],
        unmanaged="keep",
        plan_lifetime_seconds=3600,
        app_switches={},
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
