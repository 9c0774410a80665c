"""The people, groups and licences that every start and every reset begin with. Two companies, nothing shared."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass

_SPACE = uuid.UUID("6f1d1c7e-2b7b-5a38-9c7c-0d4f4f1f2a11")


def stable_uuid(*parts: str) -> str:
    """Return the same GUID for the same words on every start."""
    return str(uuid.uuid5(_SPACE, "/".join(parts)))


def stable_number(digits: int, *parts: str) -> str:
    value = int(hashlib.sha256("/".join(parts).encode()).hexdigest(), 16)
    return str(10 ** (digits - 1) + value % (9 * 10 ** (digits - 1)))


@dataclass(frozen=True, slots=True)
class Person:
    local: str
    given: str
    family: str
    title: str = ""
    department: str = ""
    manager: str | None = None
    org_unit: str = "/"
    location: str = "DE"
    is_admin: bool = False
    has_tokens: bool = False
    aliases: tuple[str, ...] = ()
    google_groups: tuple[str, ...] = ()
    google_skus: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoogleSeed:
    id: str
    name: str
    domains: tuple[str, ...]
    org_units: tuple[str, ...]
    groups: tuple[tuple[str, str], ...]
    skus: tuple[tuple[str, str, str, str, int, bool], ...]
    people: tuple[Person, ...]
    unmanaged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlanSeed:
    id: str
    name: str
    needs: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SkuSeed:
    part: str
    id: str
    enabled: int
    plans: tuple[str, ...]
    status: str = "Enabled"


@dataclass(frozen=True, slots=True)
class MicrosoftSeed:
    id: str
    name: str
    country: str
    domains: tuple[str, ...]
    initial_domain: str
    groups: tuple[tuple[str, str, str], ...]
    """Name, mail nickname, kind: security, unified or dynamic."""
    skus: tuple[SkuSeed, ...]
    people: tuple[Person, ...]


STARTER, STANDARD, ENTERPRISE = "1010020027", "1010020028", "1010020020"
VOICE_STARTER, VOICE_STANDARD, IDENTITY = "1010330003", "1010330004", "1010010001"
_WORKSPACE = ("Google-Apps", "Google Workspace")
_VOICE = ("101033", "Google Voice")
_IDENTITY = ("101001", "Cloud Identity")


def _google_skus(
    starter: int, standard: int, enterprise: int, voice: int
) -> tuple[tuple[str, str, str, str, int, bool], ...]:
    return (
        (*_WORKSPACE, STARTER, "Google Workspace Business Starter", starter, False),
        (*_WORKSPACE, STANDARD, "Google Workspace Business Standard", standard, False),
        (*_WORKSPACE, ENTERPRISE, "Google Workspace Enterprise Plus", enterprise, False),
        (*_VOICE, VOICE_STARTER, "Google Voice Starter", voice, False),
        (*_VOICE, VOICE_STANDARD, "Google Voice Standard", voice, False),
        (*_IDENTITY, IDENTITY, "Cloud Identity", 10_000, True),
    )


PLANS = {
    plan.name: plan
    for plan in (
        PlanSeed(
            "efb87545-963c-4e0d-99df-69c6916d9eb0", "EXCHANGE_S_ENTERPRISE", excludes=("EXCHANGE_S_STANDARD",)
        ),
        PlanSeed(
            "9aaf7827-d63c-4b61-89c3-182f06f82e5c", "EXCHANGE_S_STANDARD", excludes=("EXCHANGE_S_ENTERPRISE",)
        ),
        PlanSeed("5dbe027f-2339-4123-9542-606e4d348a72", "SHAREPOINTENTERPRISE"),
        PlanSeed("c7699d2e-19aa-44de-8edf-1736da088ca1", "SHAREPOINTSTANDARD"),
        PlanSeed(
            "e95bec33-7c88-4a70-8e19-b10bd9d0c014",
            "SHAREPOINTWAC",
            needs=("SHAREPOINTENTERPRISE", "SHAREPOINTSTANDARD"),
        ),
        PlanSeed("57ff2da0-773e-42df-b2af-ffb7a2317929", "TEAMS1"),
        PlanSeed("43de0ff5-c92c-492b-9116-175376d08c38", "OFFICESUBSCRIPTION"),
        PlanSeed("c1ec4a95-1f05-45b3-a911-aa3fa01094f5", "INTUNE_A"),
        PlanSeed("41781fb2-bc02-4b7c-bd55-b576c07bb09d", "AAD_PREMIUM"),
        PlanSeed("70d33638-9c74-4d01-bfd3-562de28bd4ba", "BI_AZURE_P2"),
        PlanSeed("663a804f-1c30-4ff0-9915-9db84f0d1cea", "VISIO_CLIENT_SUBSCRIPTION"),
    )
}
_E3_PLANS = (
    "EXCHANGE_S_ENTERPRISE",
    "SHAREPOINTENTERPRISE",
    "SHAREPOINTWAC",
    "TEAMS1",
    "OFFICESUBSCRIPTION",
    "INTUNE_A",
    "AAD_PREMIUM",
)
_BUSINESS_PLANS = (
    "EXCHANGE_S_STANDARD",
    "SHAREPOINTSTANDARD",
    "SHAREPOINTWAC",
    "TEAMS1",
    "OFFICESUBSCRIPTION",
)
E3, E5 = "05e9a617-0261-4cee-bb44-138d3ef5d965", "06ebc4ee-1bb5-47dd-8120-11324bc54e06"
BUSINESS, POWER_BI = "f245ecc8-75af-4f8e-b61f-27d8114de5f3", "f8a1db68-be16-40ed-86d5-cb42ce701560"
VISIO = "c5928f49-12ba-48f7-ada3-0d743a3601d5"


def _microsoft_skus(e3: int, e5: int, business: int) -> tuple[SkuSeed, ...]:
    return (
        SkuSeed("SPE_E3", E3, e3, _E3_PLANS),
        SkuSeed("SPE_E5", E5, e5, (*_E3_PLANS, "BI_AZURE_P2")),
        SkuSeed("O365_BUSINESS_PREMIUM", BUSINESS, business, _BUSINESS_PLANS),
        SkuSeed("POWER_BI_PRO", POWER_BI, 20, ("BI_AZURE_P2",)),
        SkuSeed("VISIOCLIENT", VISIO, 5, ("VISIO_CLIENT_SUBSCRIPTION",), status="Suspended"),
    )


_ACME_PEOPLE = (
    Person("admin", "Ada", "Admin", "IT Director", "IT", org_unit="/IT", is_admin=True,
           google_groups=("all-staff", "it"), google_skus=(STANDARD,), groups=("IT",), skus=(E3,)),
    Person("helpdesk", "Hal", "Helpdesk", "Service Desk Lead", "IT", "admin", "/IT",
           google_groups=("all-staff", "it"), google_skus=(STANDARD,), groups=("IT",), skus=(E3,)),
    Person("auditor", "Audrey", "Auditor", "Internal Auditor", "Finance", "admin", "/Finance",
           google_groups=("all-staff",), google_skus=(STARTER,), groups=("Finance",), skus=(BUSINESS,)),
    Person("priya.raman", "Priya", "Raman", "VP Engineering", "Engineering", None, "/Engineering", "GB",
           aliases=("priya",), google_groups=("all-staff", "engineering"), google_skus=(ENTERPRISE,),
           groups=("Engineering",), skus=(E5,), has_tokens=True),
    Person("marcus.oyelaran", "Marcus", "Oyelaran", "Head of Sales", "Sales", None, "/Sales", "GB",
           google_groups=("all-staff", "sales"), google_skus=(ENTERPRISE,), groups=("Sales",), skus=(E5,)),
    Person("lena.fischer", "Lena", "Fischer", "Software Engineer", "Engineering", "priya.raman",
           "/Engineering/Platform", google_groups=("all-staff", "engineering"), google_skus=(STANDARD,),
           groups=("Engineering",), skus=(E3,), has_tokens=True),
    Person("tomas.novak", "Tomáš", "Novák", "Account Executive", "Sales", "marcus.oyelaran", "/Sales/EMEA", "CZ",
           google_groups=("all-staff", "sales"), google_skus=(STARTER,), groups=("Sales",), skus=(BUSINESS,)),
    Person("taken", "Tanya", "Ken", "Contractor", "Sales", "marcus.oyelaran", "/Sales", "NL",
           google_groups=("all-staff",), groups=("Sales",)),
)  # fmt: skip
_GLOBEX_PEOPLE = (
    Person("admin", "Gil", "Globex", "Head of IT", "IT", location="US", org_unit="/Staff", is_admin=True,
           google_groups=("everyone",), google_skus=(STANDARD,), groups=("Everyone",), skus=(E3,)),
    Person("ines.moreau", "Inès", "Moreau", "Plant Manager", "Operations", "admin", "/Staff", "FR",
           google_groups=("everyone",), google_skus=(STARTER,), groups=("Everyone",), skus=(BUSINESS,)),
    Person("omar.haddad", "Omar", "Haddad", "Buyer", "Operations", "ines.moreau", "/Staff", "FR",
           google_groups=("everyone",), google_skus=(STARTER,), groups=("Everyone",)),
)  # fmt: skip

GOOGLE_CUSTOMERS = (
    GoogleSeed(
        id="C0acme01",
        name="Acme",
        domains=("acme.example", "acme-labs.example"),
        org_units=(
            "/IT",
            "/Finance",
            "/Engineering",
            "/Engineering/Platform",
            "/Engineering/Data",
            "/Sales",
            "/Sales/EMEA",
            "/Contractors",
        ),
        groups=(
            ("all-staff", "All Staff"),
            ("engineering", "Engineering"),
            ("it", "IT"),
            ("sales", "Sales"),
            ("support", "Customer Support"),
        ),
        skus=_google_skus(starter=10, standard=25, enterprise=2, voice=3),
        people=_ACME_PEOPLE,
        unmanaged=("personal@acme.example",),
    ),
    GoogleSeed(
        id="C0globex1",
        name="Globex",
        domains=("globex.example",),
        org_units=("/Staff", "/Staff/Plant"),
        groups=(("everyone", "Everyone"), ("plant", "Plant")),
        skus=_google_skus(starter=5, standard=5, enterprise=1, voice=1),
        people=_GLOBEX_PEOPLE,
    ),
)

MICROSOFT_TENANTS = (
    MicrosoftSeed(
        id="3f1c2a54-8d0e-4b6a-9a57-6c1e0f2d7a10",
        name="Acme",
        country="DE",
        domains=("acme.example", "acme-labs.example"),
        initial_domain="acme.onmicrosoft.example",
        groups=(
            ("Engineering", "engineering", "security"),
            ("Sales", "sales", "unified"),
            ("IT", "it", "security"),
            ("Finance", "finance", "security"),
            ("VPN Users", "vpn-users", "security"),
            ("All Employees", "all-employees", "dynamic"),
        ),
        skus=_microsoft_skus(e3=25, e5=2, business=10),
        people=_ACME_PEOPLE,
    ),
    MicrosoftSeed(
        id="b7e94d02-51c3-4f8a-8c2d-90aa7e1f3b25",
        name="Globex",
        country="US",
        domains=("globex.example",),
        initial_domain="globex.onmicrosoft.example",
        groups=(("Everyone", "everyone", "unified"), ("Plant", "plant", "security")),
        skus=_microsoft_skus(e3=5, e5=1, business=5),
        people=_GLOBEX_PEOPLE,
    ),
)

OPERATORS = (
    ("admin@acme.example", "Ada", "Admin", ("oneclick-admins",)),
    ("helpdesk@acme.example", "Hal", "Helpdesk", ("oneclick-helpdesk",)),
    ("auditor@acme.example", "Audrey", "Auditor", ("oneclick-auditors",)),
    ("admin@globex.example", "Gil", "Globex", ("oneclick-admins",)),
)
"""Who can sign in at the OIDC provider: address (also the subject), given name, family name, groups."""
