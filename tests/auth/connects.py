"""Connecting vendors at the sandbox's authorization servers, as a browser and the bff do it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import httpx

from services.auth.environment.oauth import OAuthEnvironment
from tests.auth.clicking import REDIRECT_BASE, Person
from tests.auth.conftest import Auth
from tests.auth.test_sign_in import sign_in
from tests.fixtures.sandbox import Sandbox

ADDRESSES = {"zoom_token_url", "github_api_url", "google_token_url", "ms_login_url"}
ADMIN = "admin@acme.example"


def registered(sandbox: Sandbox) -> dict[str, Any]:
    """This installation's registrations at the sandbox, and where the sandbox is; no tenant's credentials."""
    known = set(OAuthEnvironment.model_fields) | ADDRESSES
    found: dict[str, Any] = {
        "oauth_redirect_base": REDIRECT_BASE,
        "connect_private_addresses": True,
        "ms_graph_url": sandbox.microsoft_url,
        "ms_login_url": sandbox.microsoft_url,
        "google_token_url": sandbox.google_token_url,
        "google_api_url": sandbox.google_url,
        "seed": False,
    }
    for about in sandbox.info().values():
        if isinstance(about, dict) and "environment" in about:
            told = {**about["environment"].get("worker", {}), **about["environment"]["auth"]}
            found |= {name.lower(): value for name, value in told.items() if name.lower() in known}
    return found


class Operator:
    """Somebody signed in, who connects."""

    def __init__(self, auth: Auth, session_token: str, tenant_id: UUID) -> None:
        self.auth = auth
        self.session_token = session_token
        self.tenant_id = tenant_id

    async def start(self, vendor: str, **more: Any) -> dict[str, Any]:
        body = {"session_token": self.session_token, "return_to": "/admin/connections", **more}
        answer = await self.auth.call("bff", "POST", f"oauth/{vendor}/start", body)
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    async def finish(self, vendor: str, query: dict[str, str]) -> dict[str, Any]:
        body = {"session_token": self.session_token, "query": query}
        answer = await self.auth.call("bff", "POST", f"oauth/{vendor}/finish", body)
        assert answer.status_code == 200, answer.text
        read: dict[str, Any] = answer.json()
        return read

    async def go(self, vendor: str, person: Person, **more: Any) -> dict[str, Any]:
        """The whole way, with each leg that the vendor has."""
        begun = await self.start(vendor, **more)
        assert begun["failed"] is None, begun
        while True:
            outcome = await self.finish(vendor, person.visit(begun["authorize_url"]))
            if outcome["authorize_url"] is None:
                return outcome
            begun = outcome

    async def connect(self, vendor: str, person: Person | None = None, **more: Any) -> dict[str, Any]:
        """As `go`, and it has to succeed; the connection as the api reads it."""
        outcome = await self.go(vendor, person or Person(ADMIN), **more)
        assert outcome["failed"] is None, outcome
        return await self.read(outcome["connection_id"])

    async def read(self, connection_id: str) -> dict[str, Any]:
        found = [one for one in await self.list() if one["id"] == connection_id]
        assert len(found) == 1
        return found[0]

    async def list(self, **more: Any) -> list[dict[str, Any]]:
        body = {"tenant_id": str(self.tenant_id), **more}
        answer = await self.auth.call("api", "POST", "connections/list", body)
        assert answer.status_code == 200, answer.text
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    async def type_in(self, vendor: str, method: str, fields: dict[str, str], **more: Any) -> httpx.Response:
        body = {
            "tenant_id": str(self.tenant_id),
            "actor": ACTOR,
            "vendor": vendor,
            "method": method,
            "fields": fields,
            **more,
        }
        return await self.auth.call("api", "POST", "connections", body)

    async def disconnect(self, connection_id: str) -> httpx.Response:
        body = {"tenant_id": str(self.tenant_id), "actor": ACTOR}
        return await self.auth.call("api", "POST", f"connections/{connection_id}/disconnect", body)

    async def token(self, provider: str, **more: Any) -> httpx.Response:
        body = {"tenant_id": str(self.tenant_id), "provider": provider, "purpose": "test", **more}
        return await self.auth.call("worker", "POST", "tenant-token", body)


ACTOR = {"id": "01920000-0000-7000-8000-000000000001", "address": ADMIN}


async def operator(auth: Auth, tenant_id: Callable[..., UUID], slug: str = "acme") -> Operator:
    """The tenant's administrator, signed in."""
    return Operator(auth, await sign_in(auth, f"admin@{slug}.example"), tenant_id(slug))


def query_of(url: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
