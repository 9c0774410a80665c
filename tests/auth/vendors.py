"""Vendors that misbehave, and looking at what the broker keeps."""

import asyncio
from typing import Any

import httpx

from tests.fixtures.postgres import Database

Answer = tuple[int, Any] | Exception


class Vendor:
    """A token endpoint that answers what a test wants; `answers` are used up, the last one stays."""

    def __init__(self) -> None:
        self.calls: list[httpx.Request] = []
        self.answers: list[Answer] = [(200, {"access_token": "canary-access-1", "expires_in": 3600})]
        self.seconds = 0.0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append(request)
        await asyncio.sleep(self.seconds)
        await self.may_answer.wait()
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        status, body = answer
        if isinstance(body, dict):
            return httpx.Response(status, json=body)
        return httpx.Response(status, content=body)

    @property
    def transport(self) -> httpx.MockTransport:
        return httpx.MockTransport(self)


def column(database: Database, name: str, vendor: str = "microsoft") -> str:
    return database.psql(f"SELECT {name} FROM auth.connections WHERE vendor = '{vendor}'")


def age_token(database: Database, *, refresh_in: int, expires_in: int) -> None:
    """Let the stored token be about to end, and old enough to be replaced on demand."""
    database.psql(
        f"UPDATE auth.connection_tokens SET refresh_at = now() + {refresh_in} * interval '1s', "
        f"expires_at = now() + {expires_in} * interval '1s', minted_at = now() - interval '1h'"
    )


def warm(database: Database) -> None:
    database.psql("UPDATE auth.connections SET cool_down_until = NULL")
