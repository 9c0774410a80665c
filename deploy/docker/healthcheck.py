"""Inside a container: exit code 0 when the process beside us answers `/ready` with success."""

from __future__ import annotations

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    url = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/ready"
    try:
        with urllib.request.urlopen(url, timeout=4):
            return 0
    except (urllib.error.URLError, TimeoutError) as failure:
        sys.stderr.write(f"{url}: {failure}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
