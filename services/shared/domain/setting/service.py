"""Reading a tenant's rules."""

from services.shared.domain.setting.models import TenantSetting
from services.shared.kit.uow import UnitOfWork


async def get_settings(uow: UnitOfWork) -> TenantSetting:
    """This tenant's rules, or the defaults."""
    found = await uow.session.get(TenantSetting, uow.tenant_id)
    return found or TenantSetting(
        tenant_id=uow.tenant_id, allowed_domains=[], unmanaged="keep", plan_lifetime_seconds=3600
    )
