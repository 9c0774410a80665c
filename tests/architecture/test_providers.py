"""What every provider folder must hold, and what finding providers must not cost."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from services.shared import providers
from services.shared.sdk.contract import Provider
from services.shared.sdk.optional import OffersOptions
from services.shared.sdk.suite.quality import RULES, Level, Quality, Todo, read_quality

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(module.name for module in iter_modules(providers.__path__))
SDKS = (
    "googleapiclient",
    "google.auth",
    "httplib2",
    "msgraph",
    "kiota_abstractions",
    "azure",
    "scim2_models",
)


def load(folder: str) -> list[type[Provider[Any]]]:
    return list(import_module(f"services.shared.providers.{folder}").PROVIDERS)


def quality_of(folder: str) -> Quality:
    return read_quality(ROOT / "services/shared/providers" / folder / "quality.yaml")


def run(code: str) -> Any:
    """Run in a fresh interpreter: what this one has imported does not count."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_exports_its_providers(folder: str) -> None:
    classes = load(folder)
    assert classes
    assert all(issubclass(cls, Provider) for cls in classes)


@pytest.mark.parametrize("folder", FOLDERS)
def test_each_provider_says_how_good_it_is(folder: str) -> None:
    quality = quality_of(folder)
    assert quality.apps == {cls.manifest.key for cls in load(folder)}
    assert quality.level != "none", "bronze is needed to be merged"


@pytest.mark.parametrize("folder", FOLDERS)
def test_rules_that_a_machine_can_see_are_true(folder: str) -> None:
    quality = quality_of(folder)
    for cls in load(folder):
        manifest = cls.manifest
        seen = {
            "contract_suite": (ROOT / "tests/providers" / folder / "harness.py").is_file(),
            "documented": (ROOT / "docs/vendors" / f"{manifest.key}.md").is_file(),
            "live_options": bool(manifest.options) and isinstance(cls(), OffersOptions),
            "own_remedies": bool(manifest.remedies),
            "least_scopes": all(capability.scopes for capability in manifest.capabilities),
            "retry_after_honoured": bool(manifest.limits.source),
        }
        for rule, true in seen.items():
            assert quality.rules[rule] != "done" or true, f"{manifest.key}: {rule} is not done"


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_page_of_a_provider_names_every_scope_and_field(folder: str) -> None:
    for cls in load(folder):
        manifest = cls.manifest
        page = (ROOT / "docs/vendors" / f"{manifest.key}.md").read_text()
        scopes = {scope for capability in manifest.capabilities for scope in capability.scopes}
        missing = [scope for scope in sorted(scopes) if scope not in page]
        fields = manifest.form.model_json_schema(by_alias=False)["properties"]
        missing += [name for name in fields if f"`{name}`" not in page]
        assert not missing


def test_finding_providers_imports_no_vendor_s_sdk() -> None:
    loaded = run(
        "import json, sys; from services.shared.sdk.registry import manifests; found = manifests();"
        "[one.model_dump(mode='json') for one in found];"
        "print(json.dumps(sorted(sys.modules)))"
    )
    assert any(name.startswith("services.shared.providers.") for name in loaded)
    assert [name for name in loaded if name.startswith(SDKS)] == []


def test_each_provider_s_sdk_stays_out_of_the_others_way() -> None:
    for folder in FOLDERS:
        others = [f"services.shared.providers.{other}" for other in FOLDERS if other != folder]
        loaded = run(
            f"import json, sys, services.shared.providers.{folder}; print(json.dumps(sorted(sys.modules)))"
        )
        assert [name for name in loaded if name.startswith(tuple(others) or ("\0",))] == []


def test_a_level_is_earned(tmp_path: Path) -> None:
    rules: dict[str, Any] = {rule: "done" for level in RULES.values() for rule in level}
    quality = Quality.model_validate({"provider": "x", "owner": "us", "level": "gold", "rules": rules})
    assert quality.reached is Level.GOLD
    rules["retry_after_honoured"] = {"missing": "The vendor's page was not read yet."}
    short = quality.model_copy(
        update={"rules": {**quality.rules, "retry_after_honoured": Todo(missing="x" * 10)}}
    )
    assert short.reached is Level.BRONZE
    page = tmp_path / "quality.yaml"
    page.write_text(json.dumps({"provider": "x", "owner": "us", "level": "gold", "rules": rules}))
    with pytest.raises(ValueError, match="the level is bronze"):
        read_quality(page)
    del rules["contract_suite"]
    page.write_text(json.dumps({"provider": "x", "owner": "us", "level": "none", "rules": rules}))
    with pytest.raises(ValueError, match="contract_suite"):
        read_quality(page)
