"""How each vendor signs what it posts to us. Signatures cover the raw body and are compared in constant time."""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.auth.connection.models import Vendor
from services.auth.vault.secret import Secret

WINDOW_SECONDS = 300
"""Zoom's deliveries are refused when their time is further than this from ours, in either direction."""
_GITHUB_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_SECONDS = re.compile(r"[0-9]{1,12}")
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,128}")
"""No colon: what is answered to a challenge must never be a signature of something else."""


@dataclass(frozen=True, slots=True)
class Proof:
    """An authentic delivery. `answer` is what the vendor wants to hear back, where it asks for something."""

    delivery_id: str
    answer: Mapping[str, str] | None = None


Check = Callable[[Secret, Mapping[str, str], bytes, float], Proof | None]
"""Secret, headers by lower-case name, raw body and the present time; None when it is not authentic."""


def check_github(secret: Secret, headers: Mapping[str, str], body: bytes, now: float) -> Proof | None:
    """`X-Hub-Signature-256: sha256=…` over the body. GitHub signs no time; the delivery's id is remembered.

    https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    """
    del now
    if not _same(headers.get("x-hub-signature-256", ""), "sha256=" + _hmac(secret, body)):
        return None
    given = headers.get("x-github-delivery", "")
    return Proof(given if _GITHUB_ID.fullmatch(given) else _digest(body))


def check_zoom(secret: Secret, headers: Mapping[str, str], body: bytes, now: float) -> Proof | None:
    """`x-zm-signature: v0=…` over `v0:{x-zm-request-timestamp}:{body}`. Zoom names no id: the body is one.

    https://developers.zoom.us/docs/api/webhooks/
    """
    moment = headers.get("x-zm-request-timestamp", "")
    signed = _hmac(secret, f"v0:{moment}:".encode() + body)
    if not _same(headers.get("x-zm-signature", ""), f"v0={signed}"):
        return None
    if not _SECONDS.fullmatch(moment) or abs(now - int(moment)) > WINDOW_SECONDS:
        return None
    return Proof(_digest(body), _answer_to_challenge(secret, body))


def _answer_to_challenge(secret: Secret, body: bytes) -> Mapping[str, str] | None:
    try:
        said = json.loads(body)
        plain = said["payload"]["plainToken"] if said["event"] == "endpoint.url_validation" else None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not isinstance(plain, str) or not _PLAIN.fullmatch(plain):
        return None
    return {"plainToken": plain, "encryptedToken": _hmac(secret, plain.encode())}


def _hmac(secret: Secret, message: bytes) -> str:
    return hmac.new(secret.reveal().encode(), message, hashlib.sha256).hexdigest()


def _same(given: str, expected: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


CHECKS: Mapping[Vendor, Check] = {Vendor.GITHUB: check_github, Vendor.ZOOM: check_zoom}
