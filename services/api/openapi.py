"""Print the api's OpenAPI document: `python -m services.api.openapi`. The same code prints the same bytes."""

import json
import sys

from services.api.app import create_app
from services.api.problems import name_media_type


def document() -> str:
    """The document as JSON that does not depend on the machine."""
    return (
        json.dumps(name_media_type(create_app().openapi()), indent=2, sort_keys=True, ensure_ascii=False)
        + "\n"
    )


if __name__ == "__main__":
    sys.stdout.write(document())
