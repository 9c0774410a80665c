"""Accepted means durable: a 2xx is in the database, and a commit that fails is no 2xx."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest

from tests.fixtures.api import Api, wish
from tests.fixtures.postgres import Database


@pytest.fixture
def failing_commits(module_database: Database) -> Iterator[None]:
    """Every transaction that made an employee or an idempotency key fails in its very commit."""
    module_database.psql("""
        CREATE FUNCTION api.fail_commit() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE EXCEPTION 'the disk is full' USING ERRCODE = '53100'; END $$;
        GRANT EXECUTE ON FUNCTION api.fail_commit() TO oneclick_api;
        CREATE CONSTRAINT TRIGGER fail_commit AFTER INSERT ON api.requests
          DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION api.fail_commit();
    """)
    yield
    module_database.psql("DROP TRIGGER fail_commit ON api.requests; DROP FUNCTION api.fail_commit()")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "a key of the commit test"}])
@pytest.mark.usefixtures("failing_commits")
async def test_a_commit_that_fails_is_not_answered_as_a_success(
    api: Api, tenant: UUID, headers: dict[str, str]
) -> None:
    client = api.client(tenant)
    answer = await client.post("/api/requests", json=wish(), headers=headers)
    assert answer.status_code >= 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert "disk" not in answer.text, "what went wrong inside stays inside"
    assert (await client.get("/api/requests")).json()["total"] == 0
    assert (await client.get("/api/audit")).json()["total"] == 0


async def test_an_accepted_request_its_jobs_and_its_events_are_one_commit(
    api: Api, tenant: UUID, module_database: Database
) -> None:
    made = (await api.client(tenant).post("/api/requests", json=wish())).json()
    jobs = module_database.psql(
        f"SELECT count(*) FROM api.jobs WHERE tenant_id = '{tenant}' AND kind = 'result.apply'"
    )
    transactions = module_database.psql(
        f"SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM api.jobs WHERE tenant_id = '{tenant}'"
        f" UNION ALL SELECT xmin FROM api.events WHERE subject_id = '{made['id']}'"
        f" UNION ALL SELECT xmin FROM api.audit_entries WHERE tenant_id = '{tenant}') AS rows"
    )
    assert (jobs, transactions) == ("2", "1")
