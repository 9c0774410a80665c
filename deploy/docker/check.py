"""`python -m deploy.docker.check`: what can be known of the composition without an engine to run it.

It follows the Compose Specification's own schema (schema/compose-spec.json, from that project, under the licence
beside it), and keeps the promises that the schema cannot know: no default for a secret, one published service,
a health check and a restart policy for each, and no mounted file that is missing here.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
PUBLISHED = frozenset({"proxy"})
_SECRET = re.compile(r"PASSWORD|SECRET(?!S\b)|TOKEN|_KEY\b|CREDENTIAL")
_VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_][A-Z0-9_]*)(?P<rest>[^}]*)\}")
# A connection to a vendor is optional, and so is Transit: an empty value means there is none, and is no password either.
_OPTIONAL = frozenset(
    {
        "MS_GRAPH_CLIENT_SECRET",
        "SLACK_SCIM_TOKEN",
        "ATLASSIAN_SCIM_KEY",
        "ATLASSIAN_ADMIN_KEY",
        "ATLASSIAN_API_TOKEN",
        "GITHUB_APP_PRIVATE_KEY",
        "GITHUB_SCIM_TOKEN",
        "GITHUB_WEBHOOK_SECRET",
        "CLICKUP_API_TOKEN",
        "ZOOM_CLIENT_SECRET",
        "ZOOM_WEBHOOK_SECRET",
        "HUBSPOT_ACCESS_TOKEN",
        "SCIM_TOKEN",
        "SCIM_TOKEN_URL",
        "SCIM_CLIENT_SECRET",
        "MS_OAUTH_CLIENT_SECRET",
        "GOOGLE_OAUTH_CLIENT_SECRET",
        "SLACK_OAUTH_CLIENT_SECRET",
        "ATLASSIAN_OAUTH_CLIENT_SECRET",
        "GITHUB_OAUTH_CLIENT_SECRET",
        "GITHUB_OAUTH_APP_PRIVATE_KEY",
        "HUBSPOT_OAUTH_CLIENT_SECRET",
        "CLICKUP_OAUTH_CLIENT_SECRET",
        "VAULT_TRANSIT_KEY",
        "VAULT_TRANSIT_TOKEN",
        "VAULT_TRANSIT_TOKEN_FILE",
    }
)


def problems(text: str) -> Iterator[str]:
    """Every broken rule of that composition, in words."""
    composition = yaml.safe_load(text)
    yield from _against_schema(composition)
    yield from _defaults_for_secrets(text)
    for name, service in composition.get("services", {}).items():
        yield from (f"{name}: {problem}" for problem in _service(name, service, composition))


def _against_schema(composition: Any) -> Iterator[str]:
    schema = json.loads((Path(__file__).parent / "schema" / "compose-spec.json").read_text())
    for error in jsonschema.Draft202012Validator(schema).iter_errors(composition):
        yield f"{'.'.join(str(part) for part in error.absolute_path) or 'the file'}: {error.message}"


def _defaults_for_secrets(text: str) -> Iterator[str]:
    for variable in _VARIABLE.finditer(text):
        name, rest = variable["name"], variable["rest"]
        if not _SECRET.search(name) or rest.startswith(":?"):
            continue
        if not (name in _OPTIONAL and rest == ":-"):
            yield f"${{{name}{rest}}}: a secret must be demanded with `:?` and have no default"


def _service(name: str, service: Mapping[str, Any], composition: Mapping[str, Any]) -> Iterator[str]:
    yield from _health(service)
    yield from _networks(name, service)
    for variable, value in (service.get("environment") or {}).items():
        if (
            _SECRET.search(variable)
            and value
            and "${" not in str(value)
            and not str(value).startswith("/run/secrets/")
        ):
            yield f"{variable} is written in the file"
    yield from _mounts(service, composition)


def _health(service: Mapping[str, Any]) -> Iterator[str]:
    runs_once = str(service.get("restart", "")).startswith("on-failure")
    if "restart" not in service:
        yield "it has no restart policy"
    if "healthcheck" not in service and not runs_once:
        yield "it has no health check"


def _networks(name: str, service: Mapping[str, Any]) -> Iterator[str]:
    if name in PUBLISHED:
        return
    if "ports" in service:
        yield "it is published, and only the proxy may be"
    if not service.get("networks"):
        yield "it is on the default network"
    elif "public" in service["networks"]:
        yield "it is on the public network"


def _mounts(service: Mapping[str, Any], composition: Mapping[str, Any]) -> Iterator[str]:
    for mount in service.get("volumes", []):
        source = str(mount).split(":", maxsplit=1)[0]
        if source.startswith(".") and not (ROOT / source).exists():
            yield f"it mounts {source}, which does not exist"
        elif not source.startswith(".") and source not in composition.get("volumes", {}):
            yield f"it mounts the unknown volume {source}"
    for secret in service.get("secrets", []):
        if secret not in composition.get("secrets", {}):
            yield f"it asks for the unknown secret {secret}"


def main() -> int:
    found = list(problems(COMPOSE.read_text()))
    for problem in found:
        sys.stderr.write(f"{COMPOSE.name}: {problem}\n")
    if not found:
        sys.stdout.write(
            f"{COMPOSE.name}: follows the Compose schema and the rules for secrets and networks\n"
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
