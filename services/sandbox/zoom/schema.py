"""Members of Zoom's request bodies: the API specification, and the current types where it is older than they."""

from __future__ import annotations

from services.sandbox.wire.shape import Shape

_LICENSE: Shape = {"license_type": str, "license_option": int, "subscription_id": str}
_PLANS: Shape = {
    "feature": {"zoom_phone": bool, "zoom_one_type": int},
    "plan_united_type": str,
    "license_info_list": [_LICENSE],
}
_NAMES: Shape = {"first_name": str, "last_name": str, "display_name": str, "type": int}
_PHONE: Shape = {"code": str, "country": str, "number": str, "label": str}

CREATE: Shape = {"action": str, "user_info": {"email": str, "password": str, **_NAMES, **_PLANS}}
PROFILE_FIELDS = (
    "cms_user_id", "company", "dept", "group_id", "host_key", "job_title", "language", "location", "manager",
    "phone_country", "phone_number", "timezone", "vanity_name",
)  # fmt: skip
PATCH: Shape = {
    **_NAMES,
    **_PLANS,
    **dict.fromkeys(PROFILE_FIELDS, str),
    "custom_attributes": object,
    "phone_numbers": object,
    "pmi": int,
    "use_pmi": bool,
    "zoom_one_type": int,
}
STATUS: Shape = {"action": str}
SETTINGS: Shape = {
    "feature": {
        "large_meeting": bool,
        "large_meeting_capacity": int,
        "meeting_capacity": int,
        "webinar": bool,
        "webinar_capacity": int,
        "zoom_phone": bool,
    }
}
GROUP: Shape = {"name": str}
MEMBERS: Shape = {"members": [{"id": str, "email": str}]}
MOVE: Shape = {"action": str, "target_group_id": str}

LIMITS = {"first_name": 64, "last_name": 64, "email": 128, "job_title": 128, "company": 255, "location": 256}
