"""Figures of the auth service. No tenant, person or connection is ever a label."""

from prometheus_client import Counter, Gauge, Histogram

TOKEN_RELEASES = Counter(
    "oneclick_token_releases_total", "Access tokens given out, by where they came from", ["vendor", "origin"]
)
TOKEN_MINTS = Counter(
    "oneclick_token_mints_total", "Tokens asked for at vendors, by outcome", ["vendor", "outcome"]
)
TOKEN_MINT_SECONDS = Histogram(
    "oneclick_token_mint_seconds",
    "Time a vendor's token endpoint took",
    ["vendor"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
SIGN_INS = Counter("oneclick_sign_ins_total", "Sign-ins by outcome", ["outcome"])
SESSION_TOKENS = Counter(
    "oneclick_session_tokens_total", "Internal tokens asked for, by outcome", ["outcome"]
)
FIRST_PASSWORDS = Counter("oneclick_first_passwords_total", "First passwords by what happened", ["event"])
API_KEY_CHECKS = Counter(
    "oneclick_api_key_checks_total", "API keys that were checked, by outcome", ["outcome"]
)
WEBHOOK_CHECKS = Counter(
    "oneclick_webhook_checks_total",
    "Vendors' deliveries whose signature was checked, by what came of it",
    ["vendor", "outcome"],
)
CONNECTS = Counter("oneclick_connects_total", "Vendor accounts connected, by outcome", ["vendor", "outcome"])
DISCONNECTS = Counter(
    "oneclick_disconnects_total",
    "Vendor accounts disconnected, by what became of the consent",
    ["vendor", "revoked"],
)
OAUTH_STATES_REFUSED = Counter(
    "oneclick_oauth_states_refused_total",
    "Answers of vendors that belong to no way that was begun",
    ["reason"],
)
REFRESHES_IN_DOUBT = Counter(
    "oneclick_refreshes_in_doubt_total",
    "Refreshes after one that a crash cut off, by what became of the consent",
    ["outcome"],
)
REFRESHED_AHEAD = Counter(
    "oneclick_refreshed_ahead_total", "Connections renewed before they were needed", ["outcome"]
)
OUTDATED = Gauge(
    "oneclick_vault_outdated_keys",
    "Data keys that were not under the ring's primary key after the newest run of the rotation",
)
NOTIFICATIONS_OPENED = Counter(
    "oneclick_auth_notifications_opened_total",
    "Rich notifications, by whether they could be opened",
    ["outcome"],
)
