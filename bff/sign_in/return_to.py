"""Where a sign-in may lead back to: pages of this site, and nothing a browser could read as another."""

from urllib.parse import quote, unquote, urlsplit

START_PAGE = "/"
MAX_LENGTH = 2000
_DECODINGS = 4
_PAGES_EXCEPT = ("api", "auth", "bff", "assets", "sign-in")
_KEPT = "/?&=#%~:@!$'()*+,;-._"


def local_page(value: str | None) -> str:
    r"""`value` if it is a path of one of our pages, with its query; "/" for everything else.

    Refused are: other sites in any spelling (`//evil`, `/\evil`, `/%2Fevil`, `/%5cevil`, also encoded twice), dot
    segments, control characters and spaces, and paths that are no pages (`/api`, `/auth`, `/bff`, `/assets`, `/sign-in`).
    """
    if not value or len(value) > MAX_LENGTH or not _is_sound(value):
        return START_PAGE
    path = value.split("?", 1)[0].split("#", 1)[0]
    for _ in range(_DECODINGS):
        decoded = unquote(path)
        if not _is_sound(decoded) or any(part in {".", ".."} for part in decoded.split("/")):
            return START_PAGE
        if decoded == path:
            break
        path = decoded
    else:
        return START_PAGE
    if path.split("/")[1].lower() in _PAGES_EXCEPT:
        return START_PAGE
    # Only ASCII goes into a header; what is percent-encoded already stays as it is.
    return quote(value, safe=_KEPT)


def _is_sound(text: str) -> bool:
    if not text.startswith("/") or "//" in text.split("?", 1)[0] or "\\" in text:
        return False
    if any(ord(character) <= 0x20 or 0x7F <= ord(character) <= 0x9F for character in text):  # noqa: PLR2004  # controls, space
        return False
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc
