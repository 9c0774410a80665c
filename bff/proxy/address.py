"""Which addresses of the api a browser may reach. What was checked is what is sent."""

from urllib.parse import quote

from fastapi import Request

from services.shared.kit.errors import NotFound

_KEPT = "-._~@:!$&'()*+,;="
_CLOSED = frozenset({"internal"})


def api_target(request: Request) -> str:
    """Path and query for the api.

    Raises:
        NotFound: inner routes, in whatever spelling, and paths that could be read in two ways.
    """
    raw: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
    spelled = raw.split(b"?", 1)[0].lower()
    path: str = request.scope["path"]
    parts = path.split("/")[1:]
    if (
        b"%2f" in spelled
        or b"%5c" in spelled
        or b"\\" in spelled
        or any(part in {"", ".", ".."} for part in parts)
        or any(ord(character) < 0x20 or ord(character) == 0x7F for character in path)  # noqa: PLR2004  # controls
        or len(parts) < 2  # noqa: PLR2004  # `/api` and something
        or parts[1].casefold() in _CLOSED
    ):
        raise NotFound("There is nothing at this address.")
    target = "/" + "/".join(quote(part, safe=_KEPT) for part in parts)
    query = request.scope["query_string"].decode("latin-1")
    return f"{target}?{query}" if query else target
