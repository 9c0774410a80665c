"""Print what `GET /api/apps` says where everything is connected: `python -m services.api.apps.printing`.

The web app's development backend and its tests draw the providers' forms from exactly this. Only the providers that
come with OneClick are in it, so that the same code prints the same bytes on each machine.
"""

import json
import sys

from services.api.apps.mapping import app_read
from services.api.apps.schemas import AppPage
from services.api.auth_client import Connection
from services.shared.sdk.registry import FOLDER, providers


def document() -> str:
    """The apps as JSON, each offered and connected."""
    shipped = [item.manifest for item in providers().values() if type(item).__module__.startswith(FOLDER)]
    connected = [Connection(vendor=item.vendor, providers=[item.key], status="active") for item in shipped]
    page = AppPage(items=[app_read(item, connected, [item.key], {}) for item in shipped])
    # The order of a form's fields is the provider's: keys are not sorted.
    return json.dumps(page.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(document())
