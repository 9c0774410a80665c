"""The published keys: the one route that anybody may call."""

from typing import Any

from fastapi import APIRouter, Response

from services.auth.signing_key.service import SigningKeys


def router(keys: SigningKeys) -> APIRouter:
    """`GET /auth/jwks.json`."""
    routes = APIRouter(tags=["keys"])

    @routes.get("/auth/jwks.json")
    async def jwks(response: Response) -> dict[str, Any]:
        response.headers["cache-control"] = "public, max-age=60"
        return await keys.published()

    return routes
