"""Signing in with Microsoft asks for one's own mailbox where whoever runs OneClick wants it, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest
from pydantic import ValidationError

from services.auth.environment.oauth import OAuthEnvironment
from tests.auth.conftest import Running
from tests.auth.connects import ADMIN, Operator, operator, registered
from tests.auth.test_refreshing import end_tokens
from tests.fixtures.postgres import Database
from tests.fixtures.sandbox import Sandbox

pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")
TenantId = Callable[..., UUID]
WANTED = {"ms_oauth_mailbox_scopes": "Mail.Read"}


async def _reads_mail(who: Operator, sandbox: Sandbox) -> int:
    """The status with which Microsoft lets the connection's token look for a mail of its person's."""
    answer = await who.token("microsoft-365", force_refresh=True)
    assert answer.status_code == 200, answer.text
    mail = sandbox.act("microsoft", "mail", to=ADMIN)["messages"][0]
    async with httpx.AsyncClient(timeout=60) as client:
        found = await client.get(
            f"{sandbox.microsoft_url}/v1.0/me/messages/{mail['id']}",
            headers={"authorization": f"Bearer {answer.json()['access_token']}"},
        )
    return found.status_code


async def test_a_mailbox_is_asked_for_where_it_is_wanted_and_still_after_a_refresh(
    running: Running, sandbox: Sandbox, tenant_id: TenantId, database: Database
) -> None:
    async with running(**registered(sandbox) | WANTED) as auth:
        acme = await operator(auth, tenant_id)
        made = await acme.connect("microsoft")
        assert "Mail.Read" in made["scopes_granted"]
        assert await _reads_mail(acme, sandbox) == 200
        end_tokens(database)
        assert await _reads_mail(acme, sandbox) == 200


async def test_a_consent_of_before_is_refreshed_for_no_more_than_it_was_given_for(
    running: Running, sandbox: Sandbox, tenant_id: TenantId, database: Database
) -> None:
    async with running(**registered(sandbox)) as auth:
        acme = await operator(auth, tenant_id)
        made = await acme.connect("microsoft")
        assert "Mail.Read" not in made["scopes_granted"]
        assert await _reads_mail(acme, sandbox) == 403
    end_tokens(database)
    async with running(**registered(sandbox) | WANTED) as auth:
        acme.auth = auth
        assert await _reads_mail(acme, sandbox) == 403
        assert (await acme.read(made["id"]))["state"] == "active"
        again = await acme.connect("microsoft", connection_id=made["id"])
        assert again["scopes_missing"] == []
        assert await _reads_mail(acme, sandbox) == 200


def test_nothing_but_mailboxes_can_be_asked_for() -> None:
    assert (
        OAuthEnvironment(ms_oauth_mailbox_scopes=" Mail.Read  Mail.Read ").ms_oauth_mailbox_scopes
        == "Mail.Read"
    )
    with pytest.raises(ValidationError, match=r"Files\.Read\.All: choose from Mail\.Read"):
        OAuthEnvironment(ms_oauth_mailbox_scopes="Mail.Read Files.Read.All")
