"""Promise 19 and what the OpenAPI file says: whatever is sent gets an answer that the file describes, never a 5xx.

Ids in paths are those of things that exist as often as not, so that a case gets beyond "not found".
"""

from __future__ import annotations

import json
import time
from uuid import UUID

import pytest

from services.api.openapi import document
from services.shared.kit.ids import uuid7
from tests.fixtures.api import Api
from tests.fixtures.belongings import Mine, make_everything
from tests.fixtures.described import CHECKS, Described, as_request
from tests.fixtures.postgres import Database

DESCRIBED = Described(json.loads(document()))
ENDLESS = {name for name, one in DESCRIBED.operations.items() if one.path.endswith("/events")}
"""Server-sent events: an answer that ends when the caller goes."""


@pytest.fixture(scope="module")
async def owned(module_api: Api, module_database: Database) -> tuple[UUID, dict[str, str]]:
    """A tenant, and the ids that a path's parameters may stand for there."""
    tenant = uuid7()
    return tenant, existing(await make_everything(module_api, tenant, module_database))


def existing(mine: Mine) -> dict[str, str]:
    return {
        "request_id": mine.request,
        "action_id": mine.action,
        "employee_id": mine.employee,
        "template_id": mine.template,
        "schedule_id": mine.schedule,
        "rule_id": mine.rule,
        "connection_id": mine.connection,
        "key_id": mine.api_key,
        "operator_id": mine.operator,
        "subscription_id": mine.subscription,
        "notification_id": mine.notification,
        "message_id": mine.message,
        "app": "desk-suite",
        "vendor": "slack",
        "name": "seats",
    }


@pytest.mark.parametrize("name", sorted(set(DESCRIBED.operations) - ENDLESS))
async def test_an_operation_answers_as_the_file_says(
    api: Api, owned: tuple[UUID, dict[str, str]], name: str
) -> None:
    tenant, known = owned
    client = api.client(tenant, exp=int(time.time()) + 600)
    cases = DESCRIBED.cases(name)
    async with api.worker.working():
        for case, exists in cases:
            sent = as_request(case, "http://api.test", known if exists else {})
            case.validate_response(await client.send(client.build_request(**sent)), checks=CHECKS)
