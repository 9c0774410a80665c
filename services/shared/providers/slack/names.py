"""User names: at most 21 characters of a-z, 0-9, `.`, `_` and `-`, unique among people and channels.

Source: docs.slack.dev/reference/scim-api, attribute `userName`.
"""

import hashlib
import re
import unicodedata

from services.shared.sdk.contract import Person

NAME_LIMIT = 21
_FOREIGN = re.compile(r"[^a-z0-9._-]+")
_REPEATED = re.compile(r"([._-])[._-]+")


def clean(text: str) -> str:
    """The text in letters that Slack takes, without accents: `Tomáš Novák` becomes `tomas_novak`."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return _REPEATED.sub(r"\1", _FOREIGN.sub("_", plain)).strip("._-")


def user_names(person: Person) -> tuple[str, ...]:
    """Names to try, the best first; always the same for the same person, the last ones nobody else has."""
    local = clean(person.work_email.partition("@")[0])
    given, family = clean(person.given_name.partition(" ")[0]), clean(person.family_name)
    digest = hashlib.sha256(str(person.employee_id).encode()).hexdigest()
    wishes = [
        local,
        f"{given}.{family}",
        f"{given[:1]}{family}",
        f"{_cut(local or family, 16)}-{digest[:4]}",
        f"{_cut(local or family, 12)}-{digest[:8]}",
    ]
    names = [_cut(wish, NAME_LIMIT) for wish in wishes]
    return tuple(dict.fromkeys(name for name in names if name))


def _cut(name: str, limit: int) -> str:
    return name.strip("._-")[:limit].rstrip("._-")
