"""The bff's own operations answer as its OpenAPI file says, signed in or not, whatever is sent (promise 19)."""

from __future__ import annotations

import pytest

from bff.openapi import document
from tests.bff.world import CSRF, World
from tests.fixtures.described import CHECKS, Described, as_request

DESCRIBED = Described(document())


@pytest.mark.parametrize("name", sorted(DESCRIBED.operations))
def test_an_operation_answers_as_the_file_says(world: World, name: str) -> None:
    for case, signed_in in DESCRIBED.cases(name):
        sent = as_request(case, str(world.http.base_url), {})
        if signed_in:
            sent["headers"]["Cookie"] = f"__Host-oc={world.auth.add('ada')}"
        answer = world.http.request(**{**sent, "headers": {**sent["headers"], **CSRF}})
        world.http.cookies.clear()
        case.validate_response(answer, checks=CHECKS)
