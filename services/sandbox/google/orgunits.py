"""Directory v1 organisational units, read only."""

from __future__ import annotations

from typing import Any

from services.sandbox.google.errors import GoogleError, forbidden
from services.sandbox.google.operations import DIRECTORY, Context, operation
from services.sandbox.google.state import OrgUnit
from services.sandbox.google.user_lists import is_own_customer
from services.sandbox.google.views import etag, org_unit_view
from services.sandbox.wire.call import Reply

_SCOPES = ("admin.directory.orgunit", "admin.directory.orgunit.readonly")
_UNITS = DIRECTORY + "customer/{customerId}/orgunits"
_DEPTH = 6


@operation("GET", _UNITS, scopes=_SCOPES, query=("orgUnitPath", "type"))
def list_org_units(context: Context) -> Reply:
    customer = context.customer
    _check_customer(context)
    reach = context.choice("type", ("all", "children", "allIncludingParent")) or "children"
    base = "/" + context.query.get("orgUnitPath", "/").strip("/")
    if base != "/" and customer.find_org_unit(base) is None:
        raise _not_found()
    units = [unit for unit in customer.org_units.values() if _is_within(unit, base, reach)]
    body: dict[str, Any] = {"kind": "admin#directory#orgUnits", "etag": etag(customer.id, base, len(units))}
    if units:
        body["organizationUnits"] = [org_unit_view(customer, unit) for unit in units]
    return context.ok(body)


def _is_within(unit: OrgUnit, base: str, reach: str) -> bool:
    if reach == "children":
        return unit.parent.lower() == base.lower()
    if reach == "allIncludingParent" and unit.path.lower() == base.lower():
        return True
    return base == "/" or unit.path.lower().startswith(base.lower() + "/")


def get_org_unit(context: Context) -> Reply:
    """Answer by full path (without the leading slash) or by id; a path's slashes may be encoded or not."""
    _check_customer(context)
    wanted = context.args["orgUnitPath"]
    customer = context.customer
    if wanted.startswith("id:"):
        unit = next((unit for unit in customer.org_units.values() if unit.id == wanted), None)
    else:
        unit = customer.find_org_unit("/" + wanted.strip("/"))
    if unit is None:
        raise _not_found()
    return context.ok(org_unit_view(customer, unit))


for _depth in range(1, _DEPTH + 1):
    # `{+orgUnitPath}` in the vendor's template takes any number of segments.
    _parts = [f"p{number}" for number in range(_depth)]

    def _get(context: Context, parts: tuple[str, ...] = tuple(_parts)) -> Reply:
        context.args["orgUnitPath"] = "/".join(context.args[part] for part in parts)
        return get_org_unit(context)

    operation("GET", _UNITS + "".join(f"/{{{part}}}" for part in _parts), scopes=_SCOPES)(_get)


def _check_customer(context: Context) -> None:
    if not is_own_customer(context.customer, context.args["customerId"]):
        raise forbidden()


def _not_found() -> GoogleError:
    return GoogleError(404, "notFound", "Org unit not found")
