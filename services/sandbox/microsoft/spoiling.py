"""Sealed notifications that somebody has tampered with on the way, or that are not Graph's at all."""

from __future__ import annotations

import base64
import json
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from services.sandbox.consent.signing import SigningKey
from services.sandbox.microsoft.mishaps import Post

SPOILS = frozenset({"data", "data_key", "signature", "certificate", "token", "audience"})
"""Parts of the sealed content; or the token's key or its audience."""
_MEMBERS = {"data": "data", "signature": "dataSignature"}


def spoilt(post: Post, what: str, sign: Callable[[dict[str, Any]], str]) -> Post:
    """The post with that spoilt; one that is not sealed stays as it is."""
    content = post.item.get("encryptedContent")
    if content is None:
        return post
    if what == "token":
        forger = SigningKey()
        return replace(post, tokens=tuple(forger.sign(_claims(token)) for token in post.tokens))
    if what == "audience":
        named = {"aud": "00000000-0000-0000-0000-00000000beef"}
        return replace(post, tokens=tuple(sign({**_claims(token), **named}) for token in post.tokens))
    changed = dict(content)
    if what == "certificate":
        changed["encryptionCertificateId"] = "somebody-elses"
    elif what == "data_key":
        # As long as before: sealed, so to speak, for another certificate.
        size = len(base64.b64decode(content["dataKey"]))
        changed["dataKey"] = base64.b64encode(secrets.token_bytes(size)).decode()
    else:
        raw = bytearray(base64.b64decode(content[_MEMBERS[what]]))
        raw[-1] ^= 1
        changed[_MEMBERS[what]] = base64.b64encode(raw).decode()
    return replace(post, item={**post.item, "encryptedContent": changed})


def _claims(token: str) -> dict[str, Any]:
    payload = token.split(".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return found
