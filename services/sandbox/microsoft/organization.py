"""Graph: the tenant itself and its domains."""

from __future__ import annotations

from typing import Any

from services.sandbox.microsoft.errors import not_found
from services.sandbox.microsoft.operations import Context, operation
from services.sandbox.microsoft.state import Tenant
from services.sandbox.microsoft.views import stamp
from services.sandbox.wire.call import Reply

_READ_ORGANIZATION = (
    "Organization.Read.All",
    "Organization.ReadWrite.All",
    "Directory.Read.All",
    "Directory.ReadWrite.All",
)
_READ_DOMAINS = ("Domain.Read.All", "Directory.Read.All", "Directory.ReadWrite.All", "Organization.Read.All")
_ORGANIZATION = frozenset(
    {
        "id",
        "createdDateTime",
        "displayName",
        "countryLetterCode",
        "verifiedDomains",
        "tenantType",
        "defaultUsageLocation",
    }
)


@operation("GET", "organization", permissions=_READ_ORGANIZATION, query=("$select",))
def list_organization(context: Context) -> Reply:
    names = context.selected(_ORGANIZATION, sorted(_ORGANIZATION), "organization")
    view = _organization(context.tenant)
    return context.entity({"value": [{name: view[name] for name in names}]}, "organization")


@operation("GET", "organization/{id}", permissions=_READ_ORGANIZATION, query=("$select",))
def get_organization(context: Context) -> Reply:
    if context.args["id"].lower() != context.tenant.id:
        raise not_found(context.args["id"])
    names = context.selected(_ORGANIZATION, sorted(_ORGANIZATION), "organization")
    view = _organization(context.tenant)
    return context.entity({name: view[name] for name in names}, "organization/$entity")


def _organization(tenant: Tenant) -> dict[str, Any]:
    return {
        "id": tenant.id,
        "createdDateTime": stamp(tenant.created_at),
        "displayName": tenant.name,
        "countryLetterCode": tenant.country,
        "defaultUsageLocation": None,
        "tenantType": "AAD",
        "verifiedDomains": [
            {
                "capabilities": "Email, OfficeCommunicationsOnline",
                "isDefault": name == tenant.domains[0],
                "isInitial": name == tenant.initial_domain,
                "name": name,
                "type": "Managed",
            }
            for name in (*tenant.domains, tenant.initial_domain)
        ],
    }


@operation("GET", "domains", permissions=_READ_DOMAINS, query=("$select", "$top"))
def list_domains(context: Context) -> Reply:
    tenant = context.tenant
    names = (*tenant.domains, tenant.initial_domain)
    return context.page(names, "domains", lambda name: _domain(tenant, name))


@operation("GET", "domains/{id}", permissions=_READ_DOMAINS)
def get_domain(context: Context) -> Reply:
    if context.args["id"].lower() not in context.tenant.verified:
        raise not_found(context.args["id"])
    return context.entity(_domain(context.tenant, context.args["id"].lower()), "domains/$entity")


def _domain(tenant: Tenant, name: str) -> dict[str, Any]:
    return {
        "id": name,
        "authenticationType": "Managed",
        "availabilityStatus": None,
        "isAdminManaged": True,
        "isDefault": name == tenant.domains[0],
        "isInitial": name == tenant.initial_domain,
        "isRoot": True,
        "isVerified": True,
        "supportedServices": ["Email", "OfficeCommunicationsOnline"],
        "passwordValidityPeriodInDays": 2147483647,
        "passwordNotificationWindowInDays": 14,
    }
