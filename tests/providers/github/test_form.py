"""What may be said of somebody at GitHub."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from services.shared.providers.github.form import GitHubForm, GitHubSettings


@pytest.mark.parametrize(
    ("written", "login"),
    [
        ("grace-hopper", "grace-hopper"),
        ("@grace", "grace"),
        (" https://github.com/Grace/ ", "Grace"),
        ("github.com/grace", "grace"),
        ("mona_acme", "mona_acme"),
        ("", None),
        (None, None),
    ],
)
def test_a_username_is_what_people_write(written: Any, login: str | None) -> None:
    assert GitHubForm(username=written).username == login


@pytest.mark.parametrize(
    "written", ["grace hopper", "-grace", "grace-", "gr--ace", "a" * 40, "grace@acme.example", "../orgs"]
)
def test_what_is_no_username(written: str) -> None:
    with pytest.raises(ValidationError, match="no GitHub username"):
        GitHubForm(username=written)


def test_camel_case_and_single_values() -> None:
    form = GitHubForm.model_validate({"githubUsername": "grace", "groups": "it", "requireSso": True})
    assert (form.username, form.teams, form.sso) == ("grace", ("it",), True)
    assert GitHubForm.model_validate({"teams": None}).teams == ()
    assert GitHubForm.model_validate({"teams": ["it", "it", " "]}).teams == ("it",)
    with pytest.raises(ValidationError):
        GitHubForm.model_validate({"role": "owner"})


def test_settings_take_the_installation_as_a_number() -> None:
    settings = GitHubSettings.model_validate({"org": "acme", "installation_id": 7, "enterprise": None})
    assert (settings.installation_id, settings.mode) == ("7", "organization")
    with pytest.raises(ValidationError):
        GitHubSettings.model_validate({"org": ""})
