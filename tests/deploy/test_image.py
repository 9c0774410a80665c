"""The image without an engine: what the Dockerfile copies, with the packages of the production lock alone, can run."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures.postgres import ROOT

DOCKERFILE = (ROOT / "deploy" / "docker" / "python.Dockerfile").read_text()
# Runs inside the copied tree: refuses to import any package that only the development lock names.
_IMPORT_LIKE_PRODUCTION = """
import importlib, importlib.abc, importlib.metadata, re, sys
from pathlib import Path
lock = {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([A-Za-z0-9_.-]+)==", Path(sys.argv[1]).read_text(), re.M)}
owners = importlib.metadata.packages_distributions()
forbidden = {top for top, dists in owners.items()
             if not any(re.sub(r"[-_.]+", "-", dist).lower() in lock for dist in dists)}
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in forbidden - {"_distutils_hack"}:
            raise ModuleNotFoundError(f"{name} is not in requirements.lock", name=name)
sys.meta_path.insert(0, Refuse())
sys.path.insert(0, ".")
for module in sys.argv[2:]:
    importlib.import_module(module)
"""


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tree that the image would hold."""
    tree = tmp_path_factory.mktemp("image")
    for source, target in re.findall(r"^COPY (?!--from)(\S+) \./(\S*)$", DOCKERFILE, re.MULTILINE):
        if source.startswith("webui"):
            continue
        into = tree / (target or Path(source).name)
        if (ROOT / source).is_dir():
            shutil.copytree(ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            into.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / source, into)
    return tree


@pytest.mark.parametrize(
    "module",
    ["services.auth", "services.api", "services.worker", "services.scheduler", "bff", "alembic"],
)
def test_each_command_of_the_image_finds_everything_it_imports(image: Path, module: str) -> None:
    entry = "migrations.isolation" if module == "alembic" else f"{module}.__main__"
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_LIKE_PRODUCTION, str(ROOT / "requirements.lock"), entry],
        cwd=image,
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_image_holds_no_sandbox_no_tests_and_no_local_stack(image: Path) -> None:
    assert sorted(path.name for path in (image / "services").iterdir() if (path / "__init__.py").exists()) == [
        "api", "auth", "scheduler", "shared", "worker",
    ]  # fmt: skip
    assert not (image / "tests").exists()
    assert not (image / "deploy").exists()
