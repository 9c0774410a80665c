"""`make gen`: the OpenAPI documents of the public services, and what the web app makes of them and of the providers.

Its types come from the documents; its development backend gets the providers' forms as the api tells them. They are
committed, so that a change of the interface is seen in review; with `--check` a stale file fails the build.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

from deploy.local.state import ROOT

_WEBUI = ROOT / "webui"
DOCUMENTS = {
    "services.api.openapi": _WEBUI / "openapi" / "api.json",
    "bff.openapi": _WEBUI / "openapi" / "bff.json",
    "services.api.apps.printing": _WEBUI / "dev" / "generated" / "apps.json",
}
_TYPES = _WEBUI / "src" / "api" / "generated"


class CannotGenerate(Exception):
    """A generator failed; the message has its words."""


def _run(command: list[str], cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CannotGenerate(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
    return done.stdout


def _fingerprints() -> dict[str, str]:
    files = [*DOCUMENTS.values(), *(path for path in _TYPES.rglob("*") if path.is_file())]
    return {
        str(path.relative_to(ROOT)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
        if path.exists()
    }


def generate() -> list[str]:
    """Make every generated file again; the paths of those that changed. Raises CannotGenerate."""
    before = _fingerprints()
    for module, path in DOCUMENTS.items():
        text = _run([sys.executable, "-m", module], ROOT)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    _run(["npm", "run", "--silent", "gen"], _WEBUI)
    after = _fingerprints()
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def main() -> int:
    try:
        changed = generate()
    except CannotGenerate as failure:
        print(failure, file=sys.stderr)
        return 1
    for path in changed:
        print(f"made again: {path}")
    if "--check" not in sys.argv[1:]:
        print(f"{len(changed)} generated files changed")
        return 0
    if changed:
        print("These were stale. They are fresh now: look at the difference and commit it.", file=sys.stderr)
        return 1
    print("generated files: fresh")
    return 0


if __name__ == "__main__":
    sys.exit(main())
