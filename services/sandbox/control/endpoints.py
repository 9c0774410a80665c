"""Endpoints of the control surface. Nothing here needs a credential: the sandbox is for loopback."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, HTTPException, Request
from pydantic import ValidationError

from services.sandbox.behaviour import Behaviour
from services.sandbox.control.models import AccountCreate, LicensePatch, PasswordCheck, ResetBody
from services.sandbox.control.sandbox import Acts, Sandbox
from services.sandbox.faults.models import FaultCreate, FaultKind
from services.sandbox.oidc.provider import oidc_info


def make_router(sandbox: Sandbox) -> APIRouter:  # noqa: C901 - one closure per endpoint, each trivial
    router = APIRouter()

    @router.get("/info")
    async def info(request: Request) -> dict[str, Any]:
        base = sandbox.settings.public_url or str(request.base_url).rstrip("/")
        return {
            "base_url": base,
            "tenants": [
                {"slug": label.partition(".")[0], "domain": label}
                for label in ("acme.example", "globex.example")
            ],
            **{name: inspector.info(base) for name, inspector in sandbox.vendors.items()},
            "oidc": oidc_info(sandbox.settings, base),
        }

    @router.post("/reset")
    async def reset(body: ResetBody | None = None) -> dict[str, str]:
        body = body or ResetBody()
        for name, inspector in sandbox.vendors.items():
            if body.vendor in {None, name}:
                inspector.twin.reset(forget_tokens=body.tokens)
                sandbox.apply_extra(name)
        return {"status": "reset"}

    @router.get("/{vendor}/state")
    async def state(vendor: str, tenant: str | None = None, user: str | None = None) -> dict[str, Any]:
        return sandbox.inspector(vendor).state(tenant=tenant, user=user)

    @router.get("/{vendor}/effects")
    async def effects(
        vendor: str, user: str | None = None, tenant: str | None = None, kind: str | None = None
    ) -> dict[str, Any]:
        ledger = sandbox.inspector(vendor).twin.ledger
        return {"items": ledger.list_effects(user=user, tenant=tenant, kind=kind)}

    @router.get("/{vendor}/requests")
    async def requests(
        vendor: str, after: int = 0, method: str | None = None, path: str | None = None
    ) -> dict[str, Any]:
        log = sandbox.inspector(vendor).twin.requests
        return {"items": log.list_requests(after=after, method=method, path=path)}

    @router.get("/{vendor}/faults")
    async def list_faults(vendor: str) -> dict[str, Any]:
        return {"items": sandbox.inspector(vendor).twin.faults.list_faults()}

    @router.post("/{vendor}/faults", status_code=201)
    async def arm(vendor: str, body: FaultCreate) -> dict[str, Any]:
        twin = sandbox.inspector(vendor).twin
        if body.kind is FaultKind.RATE_LIMIT:
            _check_form(body.vendor_form, twin.rate_limit_forms())
        return twin.faults.arm(body).as_json()

    @router.delete("/{vendor}/faults")
    async def disarm(vendor: str) -> dict[str, Any]:
        sandbox.inspector(vendor).twin.faults.clear()
        return {"items": []}

    @router.get("/{vendor}/settings")
    async def get_settings(vendor: str) -> Behaviour:
        return sandbox.inspector(vendor).twin.behaviour

    @router.put("/{vendor}/settings")
    async def put_settings(vendor: str, body: dict[str, Any]) -> Behaviour:
        """Change the members given; the others stay as they are."""
        twin = sandbox.inspector(vendor).twin
        _check_form(body.get("rate_limit_form"), twin.rate_limit_forms())
        try:
            twin.behaviour = Behaviour.model_validate({**twin.behaviour.model_dump(), **body})
        except ValidationError as error:
            raise HTTPException(422, error.errors(include_context=False)) from error
        return twin.behaviour

    @router.post("/{vendor}/users", status_code=201)
    async def add_account(vendor: str, body: AccountCreate) -> dict[str, Any]:
        return sandbox.inspector(vendor).add_account(body)

    @router.post("/{vendor}/check-password")
    async def check_password(vendor: str, body: PasswordCheck) -> dict[str, bool]:
        inspector = sandbox.inspector(vendor)
        return {"matches": inspector.has_password(body.user, body.password, tenant=body.tenant)}

    @router.patch("/{vendor}/licenses/{sku:path}")
    async def change_license(vendor: str, sku: str, body: LicensePatch) -> dict[str, Any]:
        return {"items": sandbox.inspector(vendor).change_license(sku, body)}

    @router.post("/{vendor}/act/{verb}")
    async def act(vendor: str, verb: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """Something that people do at the vendor, e.g. `POST /control/github/act/accept {"email": …}`."""
        inspector = sandbox.inspector(vendor)
        if not isinstance(inspector, Acts):
            raise HTTPException(404, f"nobody does anything at {vendor}")
        return await inspector.act(verb, body or {})

    return router


def _check_form(form: str | None, known: frozenset[str]) -> None:
    if form is not None and form not in known:
        raise HTTPException(422, f"vendor_form is one of {', '.join(sorted(known))}")
