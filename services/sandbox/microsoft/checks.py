"""What Graph demands of a user's values."""

from __future__ import annotations

import re
from typing import Any

from services.sandbox.microsoft.errors import GraphError, bad_request
from services.sandbox.microsoft.state import Tenant

_UPN = re.compile(r"[A-Za-z0-9.'\-_!#^~]{1,64}@[A-Za-z0-9.\-]+")
_NICKNAME = re.compile(r"[^@()\\\[\]\";:<>, ]{1,64}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_CLASSES = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"), re.compile(r"[^A-Za-z0-9]"))
# ISO 3166-1 alpha-2, as the standard lists it.
_COUNTRIES = frozenset(
    re.findall(
        "[A-Z]{2}",
        """AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
    CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO
    JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR
    MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO
    RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV
    TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW""",
    )
)


def _invalid(name: str) -> GraphError:
    return bad_request(
        f"Invalid value specified for property '{name}' of resource 'User'.",
        target=name,
        detail="InvalidValue",
    )


def check_upn(tenant: Tenant, upn: str) -> None:
    if not _UPN.fullmatch(upn):
        raise _invalid("userPrincipalName")
    if upn.rpartition("@")[2].lower() not in tenant.verified:
        raise bad_request(
            "The domain portion of the userPrincipalName property is invalid. You must use one of the verified"
            " domain names in your organization.",
            target="userPrincipalName",
            detail="InvalidValue",
        )


def check_values(tenant: Tenant, fields: dict[str, Any]) -> None:
    """Raise 400 for the first value that Graph would refuse; only the members present are looked at."""
    if fields.get("userPrincipalName") is not None:
        check_upn(tenant, fields["userPrincipalName"])
    nickname = fields.get("mailNickname")
    if nickname is not None and not _NICKNAME.fullmatch(nickname):
        raise _invalid("mailNickname")
    mail = fields.get("mail")
    if mail is not None and not _MAIL.fullmatch(mail):
        raise _invalid("mail")
    location = fields.get("usageLocation")
    if location is not None and location not in _COUNTRIES:
        raise _invalid("usageLocation")
    if fields.get("userType") not in {None, "Member", "Guest"}:
        raise _invalid("userType")
    if len(fields.get("businessPhones") or []) > 1:
        raise _invalid("businessPhones")
    limit = 256
    for name in ("displayName", "jobTitle", "department", "companyName"):
        if len(fields.get(name) or "") > limit:
            raise _invalid(name)


def check_password(profile: dict[str, Any] | None, fields: dict[str, Any]) -> str | None:
    """Return the new password, if any; 400 when it is too simple for the directory's policy."""
    password = (profile or {}).get("password")
    if password is None:
        return None
    kinds = sum(1 for pattern in _CLASSES if pattern.search(password))
    owner = str(fields.get("userPrincipalName", "")).partition("@")[0].lower()
    is_long_enough = 8 <= len(password) <= 256  # noqa: PLR2004 - the directory's bounds
    if not is_long_enough or kinds < 3 or (owner and owner in password.lower()):  # noqa: PLR2004 - three of four kinds
        raise bad_request(
            "The specified password does not comply with password complexity requirements. Please provide a"
            " different password.",
            target="password",
            detail="InvalidValue",
        )
    return str(password)


def is_country(value: Any) -> bool:
    return value in _COUNTRIES
