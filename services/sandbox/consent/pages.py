"""The pages that a person sees: plain HTML that needs nothing from the network, each control with a stable id."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode, urlsplit

from services.sandbox.wire.call import Headers, Reply

_HEADERS: Headers = (
    ("content-type", "text/html; charset=utf-8"),
    ("cache-control", "no-store"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
)
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - OneClick sandbox</title>
<style>
  :root {{ color-scheme: light dark; font-family: system-ui, sans-serif; }}
  * {{ box-sizing: border-box; }}
  body {{ margin: 0; display: grid; place-items: center; min-height: 100vh; }}
  main {{ width: min(30rem, 100%); padding: 1.5rem; }}
  h1 {{ font-size: 1.4rem; margin: 0 0 .25rem; }} p {{ margin: .25rem 0 1rem; overflow-wrap: anywhere; }}
  form {{ display: grid; gap: .5rem; margin-bottom: 1rem; }}
  fieldset {{ min-width: 0; margin: 0; border: 1px solid #888; border-radius: .5rem; display: grid; gap: .4rem; overflow-wrap: anywhere; }}
  button, input[type=text] {{ font: inherit; padding: .6rem .8rem; border-radius: .5rem; border: 1px solid #888; }}
  button {{ cursor: pointer; text-align: left; }} small {{ display: block; }}
  label.field {{ display: grid; gap: .25rem; }}
</style>
</head>
<body><main>
<p><strong>{vendor}</strong>, imitated by the OneClick sandbox</p>
<h1>{title}</h1>
{content}
</main></body>
</html>
"""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who can sign in."""

    address: str
    name: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Scope:
    """One line of the consent page; what is `is_optional` has a box that the person may untick."""

    name: str
    text: str
    is_optional: bool = False
    is_ticked: bool = True


@dataclass(frozen=True, slots=True)
class Choice:
    """A question with one answer (`kind` radio) or several (checkbox): which site, which workspaces."""

    name: str
    legend: str
    options: Sequence[tuple[str, str]]
    """Value and label; the first is chosen."""
    kind: str = "radio"


@dataclass(frozen=True, slots=True)
class Consent:
    """What the consent page asks."""

    heading: str
    text: str
    scopes: Sequence[Scope] = ()
    choices: Sequence[Choice] = ()
    allow: str = "Allow"
    cancel: str = "Cancel"
    is_allowed: bool = True
    """False: this person may not; only the way back is there."""


def slug(text: str) -> str:
    """The text as part of an id."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def html_page(vendor: str, title: str, content: str, status: int = 200) -> Reply:
    body = _PAGE.format(vendor=escape(vendor), title=escape(title), content=content)
    return Reply(status, body.encode(), _HEADERS)


def picker_page(vendor: str, app: str, action: str, flow: str, people: Iterable[Person]) -> Reply:
    """Who are you? Posts `flow` and `person`; the cancel button posts `decision=cancel`."""
    hidden = _hidden(flow)
    buttons = "\n".join(
        f'<button type="submit" name="person" value="{escape(one.address)}" id="person-{slug(one.address)}">'
        f"{escape(one.name)}<small>{escape(one.address)}{escape(one.note and ' - ' + one.note)}</small></button>"
        for one in people
    )
    content = f"""<p>Pick an account to continue to {escape(app)}; there is no password.</p>
<form method="post" action="{escape(action)}" aria-label="Accounts">{hidden}
{buttons}</form>
<form method="post" action="{escape(action)}" aria-label="Another account">{hidden}
<label class="field">Another account
<input type="text" name="person" id="person-other" required autocomplete="off"></label>
<button type="submit" id="person-other-submit">Sign in</button></form>
{_cancel(action, flow, "Cancel")}"""
    return html_page(vendor, "Sign in", content)


def consent_page(vendor: str, action: str, flow: str, person: str, ask: Consent) -> Reply:
    """May they? Posts `flow`, `decision`, the ticked `scope`s and the answers of the choices."""
    lines = "\n".join(_scope(scope) for scope in ask.scopes)
    scopes = f"<fieldset><legend>This app would like to</legend>{lines}</fieldset>" if lines else ""
    choices = "\n".join(_choice(choice) for choice in ask.choices)
    allow = (
        f'<button type="submit" name="decision" value="allow" id="consent-allow">{escape(ask.allow)}</button>'
        if ask.is_allowed
        else ""
    )
    content = f"""<p>Signed in as <span id="signed-in-as">{escape(person)}</span></p>
<p>{escape(ask.text)}</p>
<form method="post" action="{escape(action)}" aria-label="Consent">{_hidden(flow)}
{scopes}
{choices}
{allow}</form>
{_cancel(action, flow, ask.cancel)}"""
    return html_page(vendor, ask.heading, content)


def error_page(vendor: str, title: str, text: str, status: int = 400) -> Reply:
    """What a person sees where sending the browser back would not be safe."""
    return html_page(vendor, title, f'<p id="error" role="alert">{escape(text)}</p>', status)


def redirect(uri: str, params: dict[str, str | None], *, is_fragment: bool = False) -> Reply:
    """302 to the registered address, with those parameters that have a value, beside its own."""
    query = urlencode({name: value for name, value in params.items() if value is not None})
    glue = "&" if urlsplit(uri).query else "?"
    mark = "#" if is_fragment else glue
    return Reply(302, b"", (("location", f"{uri}{mark}{query}"), ("cache-control", "no-store")))


def form_post(vendor: str, uri: str, params: dict[str, str | None]) -> Reply:
    """OAuth 2.0 form post response mode: a page that submits itself."""
    fields = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in params.items()
        if value is not None
    )
    content = f"""<form method="post" action="{escape(uri)}" id="form-post">{fields}
<button type="submit" id="form-post-submit">Continue</button></form>
<script>document.getElementById("form-post").submit()</script>"""
    return html_page(vendor, "Working", content)


def _hidden(flow: str) -> str:
    return f'<input type="hidden" name="flow" value="{escape(flow)}">'


def _cancel(action: str, flow: str, label: str) -> str:
    return (
        f'<form method="post" action="{escape(action)}" aria-label="Cancel">{_hidden(flow)}'
        f'<button type="submit" name="decision" value="cancel" id="consent-cancel">{escape(label)}</button></form>'
    )


def _scope(scope: Scope) -> str:
    name = "" if scope.name == scope.text else f"<small>{escape(scope.name)}</small>"
    if not scope.is_optional:
        return f"<div>{escape(scope.text)}{name}</div>"
    ticked = " checked" if scope.is_ticked else ""
    box = f'<input type="checkbox" name="scope" value="{escape(scope.name)}"{ticked} id="scope-{slug(scope.name)}">'
    return f"<label>{box} {escape(scope.text)}{name}</label>"


def _choice(choice: Choice) -> str:
    options = "\n".join(
        f'<label><input type="{choice.kind}" name="{escape(choice.name)}" value="{escape(value)}"'
        f'{" checked" if number == 0 else ""} id="{slug(choice.name)}-{slug(value)}"> {escape(label)}</label>'
        for number, (value, label) in enumerate(choice.options)
    )
    return f"<fieldset><legend>{escape(choice.legend)}</legend>{options}</fieldset>"
