"""Calls of programs: they carry an API key, which the api checks, and no session."""

from starlette.datastructures import Headers

from services.shared.web.principal import KEY_HEADER, KEY_PREFIX

_BEARER = "bearer"


def api_key_headers(given: Headers) -> dict[str, str]:
    """What is passed on of a program's credentials; nothing, if there are none. Internal tokens are no API keys."""
    passed = {KEY_HEADER: given[KEY_HEADER]} if KEY_HEADER in given else {}
    authorization = given.get("authorization", "")
    scheme, _, shown = authorization.partition(" ")
    if scheme.lower() == _BEARER and shown.strip().startswith(KEY_PREFIX):
        passed["authorization"] = authorization
    return passed


def has_api_key(given: Headers) -> bool:
    """Whether this is a program's call."""
    return bool(api_key_headers(given))
