"""The secrets of a local run, made at its first start and kept in files that only their owner can read."""

from __future__ import annotations

import base64
import json
import secrets
import uuid
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from deploy.local.secretfile import SecretFile, write_private

CALLERS = ("api", "worker", "bff", "scheduler")


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the secrets are; `service_token` is what one caller shows to the others."""

    store: SecretFile
    vault_keys_file: Path
    service_tokens_file: Path
    google_service_account_file: Path

    def service_token(self, caller: str) -> str:
        return self.store.ensure(f"service-token.{caller}", _service_token)

    @property
    def oidc_client_secret(self) -> str:
        return self.store.ensure("oidc-client-secret")

    @property
    def microsoft_client_secret(self) -> str:
        return self.store.ensure("microsoft-client-secret")

    def service_tokens(self, *callers: str) -> str:
        """The JSON that a service compares callers' tokens with."""
        return json.dumps({caller: [self.service_token(caller)] for caller in callers})


def ensure_keys(folder: Path) -> Keys:
    """Make what is missing; what exists stays as it is, because data is sealed with it."""
    keys = Keys(
        store=SecretFile(folder / "secrets.json"),
        vault_keys_file=folder / "vault-keys.json",
        service_tokens_file=folder / "service-tokens.json",
        google_service_account_file=folder / "google-service-account.json",
    )
    if not keys.vault_keys_file.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        write_private(keys.vault_keys_file, json.dumps({"primary": "k1", "keys": {"k1": key}}))
    if not keys.google_service_account_file.exists():
        write_private(keys.google_service_account_file, _google_service_account())
    write_private(keys.service_tokens_file, keys.service_tokens(*CALLERS))
    return keys


def _service_token() -> str:
    return f"{secrets.token_hex(4)}.{secrets.token_urlsafe(32)}"


def _google_service_account() -> str:
    """A service account's key file as Google hands them out, with a key of our own making."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    project = "oneclick-sandbox"
    return json.dumps(
        {
            "type": "service_account",
            "project_id": project,
            "private_key_id": uuid.uuid4().hex,
            "private_key": pem,
            "client_email": f"provisioner@{project}.iam.gserviceaccount.com",
            "client_id": str(secrets.randbelow(10**21)),
            "token_uri": "https://oauth2.googleapis.com/token",
        },
        indent=2,
    )
