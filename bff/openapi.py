"""Prints the OpenAPI document of the routes that the web app calls: `python -m bff.openapi`."""

import asyncio
import json
import sys
from typing import Any

from pydantic import SecretStr

from bff.app import create_app
from bff.settings import BffSettings
from services.shared.web.problems import PROBLEM


def document() -> dict[str, Any]:
    """The same on every machine: it depends on no variable and no file."""
    settings = BffSettings.model_construct(
        service_token=SecretStr("-"), public_url="http://localhost", api_url="http://localhost"
    )
    described: dict[str, Any] = create_app(settings, asyncio.Event()).openapi()
    described["info"]["version"] = "1"
    for path in described["paths"].values():
        for operation in path.values():
            # FastAPI files a response's model under the route's media type; ours leave as problem details.
            content = operation["responses"]["default"]["content"]
            content[PROBLEM] = content.pop("application/json")
    return described


if __name__ == "__main__":
    sys.stdout.write(json.dumps(document(), indent=2, sort_keys=True) + "\n")
