"""`python -m services.auth <command>`: what whoever runs OneClick does about keys and service tokens."""

import argparse
import asyncio
import json
import os
import re
import secrets
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from services.auth.maintenance.rotation import count_by_key, rewrap_all
from services.auth.settings import read_auth_settings
from services.auth.vault.vault import Vault
from services.shared.kit.db import create_engine, create_sessions
from services.shared.kit.http import create_client
from services.shared.web.service_tokens import MAX_SECRETS, check_tokens

_CALLER = re.compile(r"^[a-z][a-z0-9_-]{0,31}$")
_KEY_ID = re.compile(r"^k(\d+)\.")


def run(arguments: Sequence[str]) -> int:
    """Do it; 0 when all is done, 1 when something is left, 2 when it cannot be done."""
    parser = argparse.ArgumentParser(prog="python -m services.auth", description=__doc__)
    kinds = parser.add_subparsers(dest="command", required=True)
    kinds.add_parser("rotate-keys", help="bring every data key under the ring's primary key, online")
    kinds.add_parser("show-keys", help="how many data keys are under which key")
    token = kinds.add_parser(
        "service-token",
        help="two secrets of a caller are valid at once: add one, give it out, drop the older",
    )
    token.add_argument("what", choices=["add", "drop"])
    token.add_argument("caller", help="bff, api, worker or scheduler")
    token.add_argument(
        "--file",
        type=Path,
        required=True,
        action="append",
        help="SERVICE_TOKENS_FILE; more than one is possible",
    )
    asked = parser.parse_args(arguments)
    if asked.command == "service-token":
        return _service_token(asked.what, asked.caller, asked.file)
    return asyncio.run(_keys(rotate=asked.command == "rotate-keys"))


async def _keys(*, rotate: bool) -> int:
    settings = read_auth_settings()
    engine = create_engine(settings.database.database_url, name="oneclick-auth-keys", pool_size=2)
    client = create_client(timeout=10.0)
    left = 0
    try:
        sessions = create_sessions(engine)
        vault = Vault(settings.vault.ring(client))
        await vault.refresh()
        if rotate:
            done = await rewrap_all(sessions, vault, told=lambda count: _say(f"re-wrapped so far: {count}"))
            left = done.left
        for key_id, count in sorted((await count_by_key(sessions)).items()):
            _say(f"{key_id}{' (primary)' if key_id == vault.primary else ''}: {count}")
        if rotate:
            _say(
                "Done: older keys may leave the ring."
                if not left
                else f"{left} are left: written meanwhile (run this again) or unreadable (the log has an alert)."
            )
    finally:
        await client.aclose()
        await engine.dispose()
    return 1 if left else 0


def _service_token(what: str, caller: str, files: Sequence[Path]) -> int:
    if not _CALLER.match(caller):
        return _refuse("A caller is named by lower-case letters, digits, dashes.")
    try:
        read = {file: json.loads(file.read_text(encoding="utf-8")) for file in files}
        for tokens in read.values():
            check_tokens(tokens)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        # The parser's own message might quote a token.
        return _refuse(f"A file cannot be read as {{caller: [tokens]}} ({type(error).__name__}).")
    held = {file: list(tokens.get(caller, [])) for file, tokens in read.items()}
    if what == "drop":
        if any(len(tokens) < MAX_SECRETS for tokens in held.values()):
            return _refuse(f"{caller} has no two tokens: add one first, and give it out.")
        changed = {file: tokens[1:] for file, tokens in held.items()}
    else:
        if any(len(tokens) >= MAX_SECRETS for tokens in held.values()):
            return _refuse(f"{caller} has {MAX_SECRETS} tokens: drop the older first.")
        token = f"k{_next_number(held.values())}.{secrets.token_urlsafe(32)}"
        changed = {file: [*tokens, token] for file, tokens in held.items()}
    for file, tokens in changed.items():
        _write(file, {**read[file], caller: tokens})
    if what == "add":
        sys.stdout.write(f"{token}\n")
        _say(
            "Restart the services that read these files, give the caller this token and restart it, then drop."
        )
    else:
        _say("Restart the services that read these files: the older token is refused from then on.")
    return 0


def _next_number(held: Iterable[Sequence[str]]) -> int:
    found = [_KEY_ID.match(token) for tokens in held for token in tokens]
    return max((int(one[1]) for one in found if one), default=0) + 1


def _write(file: Path, tokens: dict[str, list[str]]) -> None:
    """The whole file or nothing, readable by its owner alone unless it was otherwise before."""
    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        json.dump(tokens, out, indent=1)
        out.write("\n")
    fresh.chmod(file.stat().st_mode & 0o777)
    fresh.replace(file)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _refuse(text: str) -> int:
    _say(text)
    return 2
