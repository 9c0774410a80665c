"""What Graph sends, as far as it matters here. Unknown members are ignored, missing ones are None."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator
from pydantic.alias_generators import to_camel

CONSOLE = "https://admin.microsoft.com/Adminportal/Home#/users/:/UserDetails/"
MARK_PREFIX = "oneclick:"
USER_SELECT = (
    "id",
    "accountEnabled",
    "assignedLicenses",
    "department",
    "displayName",
    "givenName",
    "jobTitle",
    "licenseAssignmentStates",
    "mail",
    "onPremisesExtensionAttributes",
    "onPremisesSyncEnabled",
    "proxyAddresses",
    "signInSessionsValidFromDateTime",
    "surname",
    "usageLocation",
    "userPrincipalName",
)
"""Graph leaves most properties out unless they are named (learn.microsoft.com/graph/api/user-get)."""
PERSON_SELECT = ("id", "displayName", "userPrincipalName", "mail", "jobTitle")
GROUP_SELECT = (
    "id",
    "displayName",
    "groupTypes",
    "mailEnabled",
    "onPremisesSyncEnabled",
    "securityEnabled",
    "mail",
)


class Wire(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class HeldLicense(Wire):
    """A licence on an account, given directly or through a group."""

    sku_id: str
    disabled_plans: tuple[str, ...] = ()

    @field_validator("sku_id")
    @classmethod
    def _lower(cls, value: str) -> str:
        return value.lower()

    @field_validator("disabled_plans", mode="before")
    @classmethod
    def _sorted(cls, value: Any) -> Any:
        return tuple(sorted(str(one).lower() for one in value or ()))


class LicenseState(HeldLicense):
    """How a licence came and whether it works. `assigned_by_group` is None for a direct one."""

    assigned_by_group: str | None = None
    state: str | None = None
    error: str | None = None

    @property
    def failed(self) -> bool:
        """Group-based licensing could not give it; the reasons are listed in `licences.py`."""
        return (self.state or "").lower() == "error" or (self.error or "None") != "None"


class GraphPerson(Wire):
    """Somebody as a manager."""

    id: str
    display_name: str | None = None
    user_principal_name: str | None = None
    mail: str | None = None
    job_title: str | None = None

    @property
    def label(self) -> str:
        return self.display_name or self.user_principal_name or self.id


class GraphUser(GraphPerson):
    user_principal_name: str
    given_name: str | None = None
    surname: str | None = None
    department: str | None = None
    usage_location: str | None = None
    account_enabled: bool | None = None
    on_premises_sync_enabled: bool | None = None
    on_premises_extension_attributes: dict[str, Any] | None = None
    proxy_addresses: tuple[str, ...] = ()
    assigned_licenses: tuple[HeldLicense, ...] = ()
    license_assignment_states: tuple[LicenseState, ...] = ()
    sign_in_sessions_valid_from: str | None = Field(None, alias="signInSessionsValidFromDateTime")
    manager: GraphPerson | None = None

    @field_validator("proxy_addresses", "assigned_licenses", "license_assignment_states", mode="before")
    @classmethod
    def _list(cls, value: Any) -> Any:
        return value or ()

    @property
    def mark(self) -> str | None:
        """The employee id that OneClick wrote on the account when it made it."""
        value = (self.on_premises_extension_attributes or {}).get("extensionAttribute15")
        text = str(value or "")
        return text.removeprefix(MARK_PREFIX) if text.startswith(MARK_PREFIX) else None

    @property
    def enabled(self) -> bool:
        return self.account_enabled is not False

    @property
    def url(self) -> str:
        """The account's page in the Microsoft 365 admin center."""
        return f"{CONSOLE}{self.id}/Account"

    @property
    def failing(self) -> tuple[LicenseState, ...]:
        """Licences that a group should give and Microsoft could not."""
        return tuple(one for one in self.license_assignment_states if one.failed)

    @property
    def direct(self) -> dict[str, HeldLicense]:
        """Licences given to the account itself, by SKU id.

        `assignedLicenses` is what the account has; `licenseAssignmentStates` tells how it came, and
        may be empty where it has not been worked out yet: then a licence counts as direct.
        """
        if not self.license_assignment_states:
            return {one.sku_id: one for one in self.assigned_licenses}
        states = [
            one for one in self.license_assignment_states if one.assigned_by_group is None and not one.failed
        ]
        known = {one.sku_id for one in self.license_assignment_states}
        fresh = [one for one in self.assigned_licenses if one.sku_id not in known]
        return {
            one.sku_id: HeldLicense(sku_id=one.sku_id, disabled_plans=one.disabled_plans)
            for one in (*states, *fresh)
        }

    @property
    def through_groups(self) -> dict[str, LicenseState]:
        """Working licences that come through a group, by SKU id."""
        return {
            one.sku_id: one
            for one in self.license_assignment_states
            if one.assigned_by_group is not None and not one.failed
        }


class DeletedUser(Wire):
    id: str
    user_principal_name: str = ""
    mail: str | None = None
    deleted_date_time: str | None = None

    def was(self, address: str) -> bool:
        """Whether it had this address. A deleted user's name is prefixed with its id without hyphens."""
        wanted, name = address.lower(), self.user_principal_name.lower()
        plain = name.replace("-", "").removeprefix(self.id.lower().replace("-", ""))
        return wanted in {name, (self.mail or "").lower()} or plain == wanted.replace("-", "")


class Units(Wire):
    enabled: int = 0
    suspended: int = 0
    warning: int = 0


class ServicePlan(Wire):
    service_plan_id: str
    service_plan_name: str = ""
    applies_to: str | None = "User"


class SubscribedSku(Wire):
    sku_id: str
    sku_part_number: str
    capability_status: str = "Enabled"
    applies_to: str | None = "User"
    consumed_units: int = 0
    prepaid_units: Units = Units()
    service_plans: tuple[ServicePlan, ...] = ()

    @field_validator("sku_id")
    @classmethod
    def _lower(cls, value: str) -> str:
        return value.lower()

    @property
    def usable(self) -> bool:
        return self.capability_status == "Enabled"

    @property
    def free(self) -> int:
        """Seats that nobody has; none while the subscription is not enabled."""
        return max(self.prepaid_units.enabled - self.consumed_units, 0) if self.usable else 0


class GraphGroup(Wire):
    id: str
    type: str | None = Field(None, alias="@odata.type")
    """Told in lists of mixed objects, such as `#microsoft.graph.group`."""
    display_name: str | None = None
    mail: str | None = None
    group_types: tuple[str, ...] = ()
    mail_enabled: bool | None = None
    security_enabled: bool | None = None
    on_premises_sync_enabled: bool | None = None

    @property
    def label(self) -> str:
        return self.display_name or self.id

    @property
    def kept_by(self) -> Literal["rule", "exchange", "on-premises"] | None:
        """Who keeps the members where Graph may not: source learn.microsoft.com/graph/api/group-post-members."""
        if "DynamicMembership" in self.group_types:
            return "rule"
        if self.on_premises_sync_enabled:
            return "on-premises"
        if self.mail_enabled and "Unified" not in self.group_types:
            return "exchange"
        return None


class VerifiedDomain(Wire):
    name: str


class Organization(Wire):
    id: str
    display_name: str | None = None
    verified_domains: tuple[VerifiedDomain, ...] = ()

    @property
    def domains(self) -> frozenset[str]:
        return frozenset(one.name.lower() for one in self.verified_domains)
