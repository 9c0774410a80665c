"""Licences: what is wished, what is held, and how each came."""

from dataclasses import dataclass

from services.shared.providers.microsoft import requests
from services.shared.providers.microsoft.client import MicrosoftContext, fetch_all
from services.shared.providers.microsoft.form import LicenseChoice
from services.shared.providers.microsoft.products import product_name
from services.shared.providers.microsoft.wire import GraphUser, ServicePlan, SubscribedSku
from services.shared.sdk.contract import Grant, Notice
from services.shared.sdk.errors import ErrorCode, Refused

_WHY = {
    "CountViolation": "no seat is free",
    "MutuallyExclusiveViolation": "it excludes another licence of the account",
    "DependencyViolation": "a service that it needs is missing",
    "ProhibitedInUsageLocationViolation": "it is not offered in the account's usage location",
    "UniquenessViolation": "another account has the same address",
}
"""`licenseAssignmentState.error` (learn.microsoft.com/graph/api/resources/licenseassignmentstate)."""


@dataclass(frozen=True, slots=True)
class WishedLicense:
    """A licence of the wish, found among the tenant's subscriptions."""

    sku: SubscribedSku
    disabled: tuple[str, ...]
    """Ids of services that shall be off, sorted."""

    @property
    def name(self) -> str:
        return product_name(self.sku.sku_part_number)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The tenant's subscriptions."""

    skus: tuple[SubscribedSku, ...]

    def find(self, sku_id: str) -> SubscribedSku | None:
        return next((sku for sku in self.skus if sku.sku_id == sku_id.lower()), None)

    def name(self, sku_id: str) -> str:
        """What people call it; the id for a subscription that the tenant no longer has."""
        sku = self.find(sku_id)
        return product_name(sku.sku_part_number) if sku else sku_id

    def services(self, sku_id: str, plan_ids: tuple[str, ...]) -> list[str]:
        """The names of services, for people."""
        sku = self.find(sku_id)
        names = {
            one.service_plan_id.lower(): one.service_plan_name for one in (sku.service_plans if sku else ())
        }
        return sorted(names.get(one, one) for one in plan_ids)

    def resolve(self, choices: tuple[LicenseChoice, ...]) -> tuple[WishedLicense, ...]:
        """The wish in Microsoft's ids.

        Raises:
            Refused: the tenant does not have such a licence, or the licence has no such service.
        """
        wished: dict[str, WishedLicense] = {}
        for choice in choices:
            sku = self._resolve(choice.sku_id)
            found = WishedLicense(sku, tuple(sorted(_plan_id(sku, one) for one in choice.disabled_plans)))
            if wished.setdefault(sku.sku_id, found) != found:
                raise Refused(
                    f"{found.name} is given twice, with different services switched off.",
                    code=ErrorCode.INVALID_FIELD,
                    field="licenses",
                )
        return tuple(wished.values())

    def _resolve(self, name: str) -> SubscribedSku:
        wanted = name.lower()
        for sku in self.skus:
            if wanted in {sku.sku_id, sku.sku_part_number.lower()}:
                if (sku.applies_to or "User") != "User":
                    break
                return sku
        raise Refused(
            f"This tenant has no licence {name} that a person could get.",
            code=ErrorCode.INVALID_FIELD,
            field="licenses",
        )


def _plan_id(sku: SubscribedSku, name: str) -> str:
    wanted = name.lower()
    for plan in sku.service_plans:
        if wanted in _names_of(plan):
            return plan.service_plan_id.lower()
    raise Refused(
        f"{product_name(sku.sku_part_number)} has no service {name}.",
        code=ErrorCode.INVALID_FIELD,
        field="licenses",
    )


def _names_of(plan: ServicePlan) -> set[str]:
    return {plan.service_plan_id.lower(), plan.service_plan_name.lower()}


async def load_catalogue(ctx: MicrosoftContext) -> Catalogue:
    """Everything that the tenant has bought."""
    return Catalogue(await fetch_all(ctx, requests.list_skus(), SubscribedSku))


def license_grant(sku_id: str, name: str) -> Grant:
    return Grant(kind="license", key=sku_id, label=name)


def tell_failures(user: GraphUser, catalogue: Catalogue) -> tuple[Notice, ...]:
    """Licences that a group should give and Microsoft could not: they show nowhere else."""
    return tuple(
        Notice(
            code="license_error",
            message=f"Microsoft could not give {catalogue.name(one.sku_id)} through a group: "
            f"{_WHY.get(one.error or '', one.error or 'no reason told')}.",
        )
        for one in user.failing
        if one.assigned_by_group is not None
    )
