"""The import contracts of pyproject.toml: they hold, and each of them bites when it is broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

import grimp
import pytest
from importlinter import Contract, configuration
from importlinter.application import use_cases
from importlinter.contracts.acyclic_siblings import AcyclicSiblingsContract
from importlinter.contracts.forbidden import ForbiddenContract
from importlinter.contracts.independence import IndependenceContract
from importlinter.contracts.layers import LayersContract
from importlinter.contracts.protected import ProtectedContract

ROOT = Path(__file__).parents[2]
TYPES: Mapping[str, type[Contract]] = {
    "acyclic_siblings": AcyclicSiblingsContract,
    "forbidden": ForbiddenContract,
    "independence": IndependenceContract,
    "layers": LayersContract,
    "protected": ProtectedContract,
}
SHARED = "Inside shared, web, domain, providers and bell stand on sdk, and sdk on kit; a new folder needs its place here"
NOUNS = "The nouns of the domain stand on each other in this order; a new noun needs its place here"
EDGE = "Below the edge there is no FastAPI, Starlette, arq or APScheduler"
EDGES = "Edges call services, never repositories or SQL"
SQL = "Providers and the sdk talk HTTP, not SQL"
BFF = "The bff reaches the services over HTTP only"
KIT, SDK, WEB = "services.shared.kit.ids", "services.shared.sdk.guard", "services.shared.web.metrics"
DOMAIN, PROVIDERS = "services.shared.domain", "services.shared.providers"

# The contract that must break, the module that begins to import, and what it imports ("" for a new, unplaced folder).
WRONG = [
    (
        "Deployables stand on shared code, never on each other",
        "services.scheduler.ticks",
        "services.api.settings",
    ),
    (
        "Deployables stand on shared code, never on each other",
        "services.worker.runner",
        "services.auth.settings",
    ),
    ("Shared code knows no deployable", WEB, "services.auth.settings"),
    (SHARED, KIT, SDK),
    (SHARED, SDK, WEB),
    (SHARED, WEB, f"{DOMAIN}.audit.service"),
    (SHARED, "services.shared.helpers", ""),
    (NOUNS, f"{DOMAIN}.audit.service", f"{DOMAIN}.account.service"),
    (NOUNS, f"{DOMAIN}.employee.service", f"{DOMAIN}.provisioning.states"),
    (NOUNS, f"{DOMAIN}.employee.service", f"{DOMAIN}.idempotency.service"),
    (NOUNS, f"{DOMAIN}.invoice", ""),
    ("Providers do not know each other", f"{PROVIDERS}.google.form", f"{PROVIDERS}.microsoft.form"),
    ("Nobody imports a provider: the registry finds them", "services.api.app", f"{PROVIDERS}.google"),
    (
        "Nobody imports a provider: the registry finds them",
        "services.shared.sdk.registry",
        f"{PROVIDERS}.google.form",
    ),
    (SQL, SDK, "sqlalchemy"),
    (SQL, f"{PROVIDERS}.google.form", "services.shared.kit.uow"),
    (EDGE, KIT, "fastapi"),
    (EDGE, f"{DOMAIN}.audit.service", "starlette"),
    (EDGE, f"{PROVIDERS}.google.form", "apscheduler"),
    (EDGE, SDK, "arq"),
    ("Only the bell and the worker know arq", "services.api.app", "arq"),
    ("Only the scheduler knows APScheduler", "services.worker.runner", "apscheduler"),
    (EDGES, "services.api.me.endpoints", "sqlalchemy"),
    (EDGES, "services.worker.tasks.result", f"{DOMAIN}.employee.repository"),
    (EDGES, "services.api.me.endpoints", "services.shared.kit.repository"),
    ("Decryption lives in services.auth alone", "services.worker.runner", "cryptography"),
    ("Decryption lives in services.auth alone", KIT, "services.auth.vault.vault"),
    (BFF, "bff.app", "services.api.settings"),
    (BFF, "bff.app", f"{DOMAIN}.audit.service"),
    (BFF, "bff.app", "services.shared.kit.uow"),
    ("The sandbox knows no domain code", "services.sandbox.app", SDK),
    ("There are no cycles between siblings", "bff.metrics", "bff.app"),
    ("There are no cycles between siblings", "services.shared.kit.db", "services.shared.kit.uow"),
]


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", "bff", include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def contracts() -> Mapping[str, Contract]:
    configuration.configure()
    options = use_cases.read_user_options(str(ROOT / "pyproject.toml"))
    return {made["name"]: _contract(made, options.session_options) for made in options.contracts_options}


def _contract(options: dict[str, Any], session: dict[str, Any]) -> Contract:
    return TYPES[options["type"]](name=options["name"], session_options=session, contract_options=options)


def test_every_contract_is_kept(graph: grimp.ImportGraph, contracts: Mapping[str, Contract]) -> None:
    broken = [
        name
        for name, contract in contracts.items()
        if not contract.check(deepcopy(graph), verbose=False).kept
    ]
    assert broken == []


@pytest.mark.parametrize(("sentence", "importer", "imported"), WRONG)
def test_a_contract_bites_when_it_is_broken(
    graph: grimp.ImportGraph, contracts: Mapping[str, Contract], sentence: str, importer: str, imported: str
) -> None:
    wrong = deepcopy(graph)
    if imported:
        assert {importer, imported} <= wrong.modules | {"apscheduler", "arq", "cryptography"}
        wrong.add_import(
            importer=importer, imported=imported, line_number=1, line_contents=f"import {imported}"
        )
    else:
        wrong.add_module(importer)
    assert not contracts[sentence].check(wrong, verbose=False).kept


def test_no_contract_is_without_such_a_proof(contracts: Mapping[str, Contract]) -> None:
    assert {sentence for sentence, _, _ in WRONG} == set(contracts)
