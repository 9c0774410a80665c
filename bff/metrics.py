"""What the bff counts besides its requests. No session, person or tenant is ever a label."""

from prometheus_client import Counter, Gauge

SIGN_INS = Counter("oneclick_bff_sign_ins", "Sign-ins by how they ended", ["outcome"])
SESSION_LOOKUPS = Counter("oneclick_bff_session_lookups", "Sessions looked up, by where", ["outcome"])
UPSTREAM_FAILURES = Counter(
    "oneclick_bff_upstream_failures", "Calls that an upstream did not answer", ["upstream"]
)
REFUSED = Counter("oneclick_bff_refused", "Calls refused before they reached anything", ["reason"])
OPEN_STREAMS = Gauge("oneclick_bff_open_streams", "Live streams that are open now")
STREAMS_ENDED = Counter("oneclick_bff_streams_ended", "Live streams by why they ended", ["reason"])
CONNECTS = Counter("oneclick_bff_connects_total", "Ways to vendors and back, by outcome", ["outcome"])
