"""`/api/apps`: what can be provisioned, as the providers' manifests say, and its live choices."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.api.apps.mapping import app_read, option_page
from services.api.apps.schemas import AppChange, AppPage, AppRead, OptionPage
from services.api.dependencies import CurrentCaller, allowed
from services.api.requests.mapping import app_key
from services.api.waiting import wait_for
from services.api.wire import Search
from services.shared.domain.option import service as options
from services.shared.domain.option.models import OptionList
from services.shared.domain.setting import service as settings
from services.shared.domain.tag_rule.following import set_app_defaults
from services.shared.kit.errors import FieldError, InvalidInput
from services.shared.sdk.registry import get_provider, manifests
from services.shared.web.principal import Permission

router = APIRouter(prefix="/api/apps", tags=["apps"])
READ = [allowed(Permission.APPS_READ)]
REFRESH_SECONDS = 3.0
"""How long somebody waits who could have been shown an older list."""


@router.get("", dependencies=READ)
async def list_apps(caller: CurrentCaller) -> AppPage:
    """Every app with its form, whether this tenant offers it, and whether its vendor is connected."""
    connections = await caller.backends.auth.connections(caller.principal.tenant_id)
    async with caller.unit() as uow:
        offered = await settings.list_offered_apps(uow)
        defaults = (await settings.get_settings(uow)).app_defaults
    return AppPage(items=[app_read(manifest, connections, offered, defaults) for manifest in manifests()])


@router.put("/{app}", dependencies=[allowed(Permission.SETTINGS_WRITE)])
async def change_app(app: str, body: AppChange, caller: CurrentCaller) -> AppRead:
    """Offer an app to this tenant's people or stop it, and say what its form is filled in with.

    Accounts that are there stay as they are. What is left out stays as it is; `defaults` replaces all that were set.
    """
    key = app_key(app)
    if body.offered is None and body.defaults is None:
        raise InvalidInput(
            [FieldError("offered", "Say whether the app is offered, or its defaults.", "required")]
        )
    async with caller.unit() as uow:
        if body.offered is not None:
            await settings.switch_app(uow, key, offered=body.offered)
        if body.defaults is not None:
            await set_app_defaults(uow, key, body.defaults)
    connections = await caller.backends.auth.connections(caller.principal.tenant_id)
    async with caller.unit() as uow:
        offered = await settings.list_offered_apps(uow)
        defaults = (await settings.get_settings(uow)).app_defaults
    return app_read(get_provider(key).manifest, connections, offered, defaults)


@router.get("/{app}/options/{name}", dependencies=READ)
async def list_options(
    app: str,
    name: str,
    caller: CurrentCaller,
    q: Annotated[Search, Query(max_length=options.MAX_QUERY)] = "",
) -> OptionPage:
    """The choices of a form field as the vendor has them now; older ones, said so, while it does not answer."""
    key = app_key(app)
    options.check_options(key, name)
    async with caller.unit() as uow:
        known, fresh = await options.ensure_options(uow, key, name, q)
    if fresh:
        return option_page(known, stale=False)

    async def look() -> OptionList | None:
        async with caller.unit() as uow:
            return await options.find_refreshed(uow, known.id, known.fetched_at)

    patience = caller.backends.wait_seconds
    if known.fetched_at is not None:
        patience = min(patience, REFRESH_SECONDS)
    refreshed = await wait_for(caller.backends.news, known.id, look, seconds=patience, what="options")
    return option_page(refreshed or known, stale=refreshed is None or refreshed.error is not None)
