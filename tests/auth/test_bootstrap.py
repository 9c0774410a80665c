"""The bootstrap file: what it may say, and that applying it twice changes nothing."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from services.auth.app import prepare
from services.auth.bootstrap.file import BadBootstrapFile, read_bootstrap
from services.auth.environment.seeding import UnknownTenant
from services.auth.settings import AuthSettings
from services.auth.vault.errors import VaultError
from tests.auth.conftest import BOOTSTRAP, Running, WriteBootstrap
from tests.fixtures.postgres import Database

ROOT = Path(__file__).parents[2]
FIXED = "01936f3e-0000-7000-8000-000000000001"


def everything(database: Database) -> str:
    return "\n".join(
        database.psql(f"SELECT t::text FROM auth.{table} t ORDER BY 1")
        for table in (
            "tenants",
            "operators",
            "memberships",
            "group_roles",
            "connections",
            "connection_secrets",
        )
    )


async def test_starting_again_changes_nothing(running: Running, database: Database) -> None:
    async with running():
        before = everything(database)
    async with running():
        assert everything(database) == before


async def test_replicas_that_start_together_take_turns(
    make_settings: Callable[..., AuthSettings], clean_database: Database
) -> None:
    settings = make_settings()
    await asyncio.gather(*(prepare(settings) for _ in range(4)))
    counts = "SELECT (SELECT count(*) FROM auth.{}), (SELECT count(*) FROM auth.{})"
    assert clean_database.psql(counts.format("connections", "signing_keys")) == "2|1"


async def test_who_is_taken_out_of_the_file_loses_what_it_gave(
    running: Running, database: Database, write_bootstrap: WriteBootstrap
) -> None:
    write_bootstrap(f"{BOOTSTRAP}platform_admins: [root@acme.example]\n")
    async with running():
        assert database.psql("SELECT email FROM auth.operators WHERE platform_admin") == "root@acme.example"
    write_bootstrap(f"tenants: [{{slug: acme, name: Acme Ltd}}, {{slug: fixed, name: Fixed, id: {FIXED}}}]")
    async with running():
        assert database.psql("SELECT count(*) FROM auth.operators WHERE platform_admin") == "0"
        assert database.psql("SELECT name FROM auth.tenants WHERE slug = 'acme'") == "Acme Ltd"
        assert database.psql("SELECT id FROM auth.tenants WHERE slug = 'fixed'") == FIXED
        roles = database.psql("SELECT t.slug FROM auth.memberships JOIN auth.tenants t ON t.id = tenant_id")
        assert roles == "globex"
        assert database.psql("SELECT count(*) FROM auth.group_roles") == "0"


async def test_a_fixed_id_cannot_be_changed(running: Running, write_bootstrap: WriteBootstrap) -> None:
    async with running(seed=False):
        write_bootstrap(f"tenants: [{{slug: acme, name: Acme, id: {FIXED}}}]")
    with pytest.raises(BadBootstrapFile, match="exists with the id"):
        async with running(seed=False):
            pass


async def test_connections_of_a_tenant_that_is_not_there_stop_the_start(running: Running) -> None:
    with pytest.raises(UnknownTenant, match="nowhere"):
        async with running(connections_tenant="nowhere"):
            pass


async def test_another_ring_than_the_databases_stops_the_start(running: Running) -> None:
    from pydantic import SecretStr

    async with running(seed=False) as auth:
        settings = auth.settings
    other = '{"primary": "k1", "keys": {"k1": "' + "b" * 43 + '="}}'
    settings.vault = settings.vault.model_copy(update={"vault_keys": SecretStr(other)})
    with pytest.raises(VaultError):
        await prepare(settings)


def test_the_seed_of_the_local_stack_is_of_this_form() -> None:
    read = read_bootstrap(ROOT / "deploy/local/seed/tenants.yaml")
    assert {tenant.slug for tenant in read.tenants} == {"acme", "globex"}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("tenants: [", "cannot be read"),
        ("tenants: 5", "tenants: Input should be a valid list"),
        ("unknown: 1", "unknown: Extra inputs"),
        ("tenants: [{slug: Acme, name: A}]", "tenants.0.slug"),
        ("tenants: [{slug: a, name: A}, {slug: a, name: B}]", "twice"),
        ("tenants: [{slug: a}]", "tenants.0.name: Field required"),
        ("tenants: [{slug: a, name: A, operators: [{email: x, name: X, role: admin}]}]", "operators.0.email"),
        (
            "tenants: [{slug: a, name: A, operators: [{email: x@a.example, name: X, role: boss}]}]",
            "operators.0.role",
        ),
        ("tenants: [{slug: a, name: A, groups: {g: platform_admin}}]", "platform_admins"),
        (
            (
                "tenants: [{slug: a, name: A, operators: [{email: X@a.example, name: X, role: admin},"
                " {email: x@a.example, name: X, role: auditor}]}]"
            ),
            "twice",
        ),
        ("- 1", "file"),
    ],
)
def test_a_wrong_file_says_where(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "tenants.yaml"
    path.write_text(text)
    with pytest.raises(BadBootstrapFile, match=named):
        read_bootstrap(path)


def test_a_missing_file_says_so_and_an_empty_one_is_fine(tmp_path: Path) -> None:
    with pytest.raises(BadBootstrapFile, match="cannot be read"):
        read_bootstrap(tmp_path / "none.yaml")
    (tmp_path / "empty.yaml").write_text("")
    assert read_bootstrap(tmp_path / "empty.yaml").tenants == []
