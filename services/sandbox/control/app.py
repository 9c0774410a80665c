"""`/control`, `/health`, `/ready`, `/metrics`."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from services.sandbox.control.endpoints import make_router
from services.sandbox.control.sandbox import Sandbox, UnknownNameError


def make_control(sandbox: Sandbox) -> FastAPI:
    app = FastAPI(title="OneClick vendor sandbox", docs_url=None, redoc_url=None)
    app.include_router(make_router(sandbox), prefix="/control")

    @app.exception_handler(UnknownNameError)
    async def unknown_name(_request: Request, error: UnknownNameError) -> JSONResponse:
        return JSONResponse({"detail": str(error)}, status_code=404)

    @app.get("/health")
    @app.get("/ready")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/metrics")
    async def metrics() -> PlainTextResponse:
        lines = [
            "# HELP sandbox_requests Requests that a twin saw and still remembers counting.",
            "# TYPE sandbox_requests gauge",
        ]
        for name, inspector in sandbox.vendors.items():
            for status, count in sorted(inspector.twin.requests.statuses.items()):
                lines.append(f'sandbox_requests{{vendor="{name}",status="{status}"}} {count}')
            lines.append(f'sandbox_effects{{vendor="{name}"}} {len(inspector.twin.ledger)}')
        return PlainTextResponse("\n".join(lines) + "\n")

    return app
