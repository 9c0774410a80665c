"""`/health` (alive), `/ready` (what we depend on answers) and `/metrics`, the same everywhere."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

Check = Callable[[], Awaitable[None]]
"""Raises when the dependency does not answer."""


def health_router(
    service: str, checks: Mapping[str, Check], *, degraded: Mapping[str, Check] | None = None
) -> APIRouter:
    """The three routes. `degraded` checks (Redis) are shown and never make us unready."""
    router = APIRouter(tags=["operations"])

    async def run(check: Check) -> str:
        try:
            await asyncio.wait_for(check(), 2.0)
        except Exception as error:  # noqa: BLE001  # whatever it is, the answer is "not ready", with its name
            return type(error).__name__
        return "ok"

    @router.get("/health")
    async def health() -> dict[str, str]:
        return {"service": service, "status": "alive"}

    @router.get("/ready")
    async def ready() -> JSONResponse:
        needed = {name: await run(check) for name, check in checks.items()}
        wanted = {name: await run(check) for name, check in (degraded or {}).items()}
        ok = all(state == "ok" for state in needed.values())
        fully = ok and all(state == "ok" for state in wanted.values())
        status = "ready" if fully else "degraded" if ok else "not ready"
        return JSONResponse(
            {"service": service, "status": status, "checks": {**needed, **wanted}}, 200 if ok else 503
        )

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router
