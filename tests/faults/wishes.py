"""What the fault tests ask for, and what must have come of it."""

from collections import Counter
from typing import Any

from tests.fixtures.sandbox import Sandbox

E3 = "05e9a617-0261-4cee-bb44-138d3ef5d965"
POWER_BI = "f8a1db68-be16-40ed-86d5-cb42ce701560"
VPN_GROUP = "2577a00f-7e7c-50bf-ab4e-7d26ab0ce522"
STANDARD = "Google-Apps/1010020028"
SALES = "sales@acme.example"

GOOGLE = {"license_skus": [STANDARD], "groups": [SALES], "primary_org_unit": "/Sales"}
MICROSOFT = {"usage_location": "DE", "licenses": [E3], "groups": [VPN_GROUP], "manager": "admin@acme.example"}
BOTH: dict[str, Any] = {"google-workspace": GOOGLE, "microsoft-365": MICROSOFT}


def assert_one_account_each(sandbox: Sandbox, email: str) -> None:
    """Exactly one account per app, with what was wished for, and no effect landed twice."""
    google = sandbox.user("google", email)
    assert google is not None
    assert google["licenses"] == [STANDARD]
    assert google["groups"] == [SALES]
    assert google["org_unit"] == "/Sales"
    microsoft = sandbox.user("microsoft", email)
    assert microsoft is not None
    assert list(microsoft["license_ids"]) == [E3]
    assert microsoft["group_ids"] == [VPN_GROUP]
    assert microsoft["manager"] == "admin@acme.example"
    for vendor in ("google", "microsoft"):
        found = [one for one in sandbox.state(vendor)["users"] if one["address"] == email]
        assert len(found) == 1, f"{len(found)} accounts at {vendor}"
        counted = Counter(effect["kind"] for effect in sandbox.effects(vendor, email))
        twice = {kind: count for kind, count in counted.items() if count > 1}
        assert not twice, f"effects that landed twice at {vendor}: {twice}"
