"""The simplest receiver there is, to measure ours against: FastAPI, one INSERT by asyncpg, 202.

`python -m tests.bench.bare`, with PORT and DATABASE_URL.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import uvicorn
from fastapi import FastAPI, Request, Response


@asynccontextmanager
async def _pool(app: FastAPI) -> AsyncIterator[None]:
    app.state.pool = await asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=10, max_size=20)
    yield
    await app.state.pool.close()


app = FastAPI(lifespan=_pool)


@app.post("/", status_code=202, response_class=Response)
async def take(body: dict[str, Any], request: Request) -> Response:
    """Keep one notification."""
    item = body["value"][0]
    await request.app.state.pool.execute(
        "INSERT INTO bench_bare (subscription_id, client_state, change_type, resource) VALUES ($1, $2, $3, $4)",
        item["subscriptionId"],
        item["clientState"],
        item["changeType"],
        item["resource"],
    )
    return Response(status_code=202)


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_config=None, access_log=False)
