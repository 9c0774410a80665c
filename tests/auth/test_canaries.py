"""The scan of promise 7 finds what it looks for: otherwise its silence would prove nothing."""

from __future__ import annotations

import pytest

from tests.fixtures.canaries import finds, parts_of

KEY_LINE = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"


@pytest.mark.parametrize(
    "text",
    [
        "said canary-0123456789 to nobody",
        '{"authorization": "Bearer ya29.' + "a" * 48 + '"}',
        "token=EwB." + "b" * 64,
        "ghs_" + "0" * 36,
        "sandbox-hubspot-" + "c" * 40,
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0xxxx." + "d" * 40,
        f"-----BEGIN PRIVATE KEY-----\\n{KEY_LINE}",
        f"... {KEY_LINE} ...",
    ],
)
def test_a_secret_is_found_where_it_leaked_and_not_repeated(text: str) -> None:
    secret = f"-----BEGIN PRIVATE KEY-----\n{KEY_LINE}\n-----END PRIVATE KEY-----\n"
    found = finds({"log": "fine", "table": text}, {"canary-0123456789", *parts_of(secret)})
    assert found
    assert all(line.startswith("table: ") for line in found)
    assert not any("canary-0123456789" in line or KEY_LINE in line.partition("after")[0] for line in found)


def test_what_is_no_secret_is_let_be() -> None:
    places = {"log": "the sandbox-vendor answered; ghs_ is a prefix; eyJ is how a header begins; short"}
    assert finds(places, {"short", "canary-0123456789"}) == []
