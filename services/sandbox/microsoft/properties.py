"""Which properties Graph objects have, which a client may write, and what each may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from services.sandbox.microsoft.errors import GraphError, bad_request

Kind = Literal["string", "boolean", "strings", "object", "objects", "date"]

USER_WRITABLE: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            "ageGroup",
            "city",
            "companyName",
            "consentProvidedForMinor",
            "country",
            "department",
            "displayName",
            "employeeId",
            "employeeType",
            "faxNumber",
            "givenName",
            "jobTitle",
            "mail",
            "mailNickname",
            "mobilePhone",
            "officeLocation",
            "onPremisesImmutableId",
            "passwordPolicies",
            "postalCode",
            "preferredDataLocation",
            "preferredLanguage",
            "state",
            "streetAddress",
            "surname",
            "usageLocation",
            "userPrincipalName",
            "userType",
        ),
        "string",
    ),
    "accountEnabled": "boolean",
    "showInAddressList": "boolean",
    "isResourceAccount": "boolean",
    "businessPhones": "strings",
    "otherMails": "strings",
    "passwordProfile": "object",
    "onPremisesExtensionAttributes": "object",
    "employeeOrgData": "object",
    "identities": "objects",
    "employeeHireDate": "date",
    "employeeLeaveDateTime": "date",
}
USER_READ_ONLY = frozenset(
    {
        "assignedLicenses",
        "assignedPlans",
        "createdDateTime",
        "creationType",
        "deletedDateTime",
        "externalUserState",
        "externalUserStateChangeDateTime",
        "id",
        "imAddresses",
        "lastPasswordChangeDateTime",
        "licenseAssignmentStates",
        "onPremisesDistinguishedName",
        "onPremisesDomainName",
        "onPremisesLastSyncDateTime",
        "onPremisesProvisioningErrors",
        "onPremisesSamAccountName",
        "onPremisesSecurityIdentifier",
        "onPremisesSyncEnabled",
        "onPremisesUserPrincipalName",
        "provisionedPlans",
        "proxyAddresses",
        "securityIdentifier",
        "serviceProvisioningErrors",
        "signInSessionsValidFromDateTime",
    }
)
USER_PROPERTIES = frozenset(USER_WRITABLE) | USER_READ_ONLY
USER_DEFAULT = (
    "businessPhones",
    "displayName",
    "givenName",
    "jobTitle",
    "mail",
    "mobilePhone",
    "officeLocation",
    "preferredLanguage",
    "surname",
    "userPrincipalName",
    "id",
)
"""What a reply holds when the request does not `$select`."""

EXTENSION_ATTRIBUTES = frozenset(f"extensionAttribute{number}" for number in range(1, 16))
_MEMBERS: Mapping[str, frozenset[str]] = {
    "passwordProfile": frozenset(
        {"password", "forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"}
    ),
    "onPremisesExtensionAttributes": EXTENSION_ATTRIBUTES,
    "employeeOrgData": frozenset({"costCenter", "division"}),
}
_BOOLEAN_MEMBERS = frozenset({"forceChangePasswordNextSignIn", "forceChangePasswordNextSignInWithMfa"})

GROUP_PROPERTIES = frozenset(
    {
        "classification",
        "createdDateTime",
        "deletedDateTime",
        "description",
        "displayName",
        "expirationDateTime",
        "groupTypes",
        "id",
        "isAssignableToRole",
        "mail",
        "mailEnabled",
        "mailNickname",
        "membershipRule",
        "membershipRuleProcessingState",
        "onPremisesSyncEnabled",
        "preferredDataLocation",
        "preferredLanguage",
        "proxyAddresses",
        "renewedDateTime",
        "resourceBehaviorOptions",
        "resourceProvisioningOptions",
        "securityEnabled",
        "securityIdentifier",
        "theme",
        "visibility",
    }
)
SKU_PROPERTIES = frozenset(
    {
        "accountId",
        "accountName",
        "appliesTo",
        "capabilityStatus",
        "consumedUnits",
        "id",
        "prepaidUnits",
        "servicePlans",
        "skuId",
        "skuPartNumber",
        "subscriptionIds",
    }
)


def check_user_body(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return the writable properties of a user payload; 400 on an unknown or read-only one, or a wrong type."""
    kept: dict[str, Any] = {}
    for name, value in body.items():
        if name == "@odata.type":
            if value != "#microsoft.graph.user":
                raise bad_request("A type mismatch was found.", code="BadRequest")
            continue
        kind = USER_WRITABLE.get(name)
        if kind is None and name in USER_READ_ONLY:
            raise bad_request(f"Property '{name}' is read-only and cannot be set.", target=name)
        if kind is None:
            raise bad_request(f"Invalid property '{name}'.", target=name)
        _check_value(name, kind, value)
        kept[name] = value
    return kept


def _check_value(name: str, kind: Kind, value: Any) -> None:
    if value is None:
        if name in {"accountEnabled", "userPrincipalName", "displayName"} or kind in {"strings", "objects"}:
            raise _invalid(name)
        return
    if kind in {"string", "date"}:
        fits = isinstance(value, str)
    elif kind == "boolean":
        fits = isinstance(value, bool)
    elif kind == "strings":
        fits = isinstance(value, list) and all(isinstance(item, str) for item in value)
    elif kind == "objects":
        fits = isinstance(value, list) and all(isinstance(item, dict) for item in value)
    else:
        fits = isinstance(value, dict)
    if not fits:
        raise _mismatch(name)
    if value == "":
        raise _invalid(name)
    if kind == "object":
        _check_members(name, value)


def _check_members(name: str, value: dict[str, Any]) -> None:
    for member, inner in value.items():
        if member == "@odata.type":
            continue
        if member not in _MEMBERS[name]:
            raise bad_request(f"Invalid property '{member}'.", target=member)
        expected = bool if member in _BOOLEAN_MEMBERS else str
        if inner is not None and not isinstance(inner, expected):
            raise _mismatch(member)


def _invalid(name: str) -> GraphError:
    return bad_request(f"Invalid value specified for property '{name}' of resource 'User'.", target=name)


def _mismatch(name: str) -> GraphError:
    return bad_request(
        f"Property {name} in payload has a value that does not match schema.", code="BadRequest"
    )
