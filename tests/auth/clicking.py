"""A person at a vendor's pages: reads the form, picks themselves, ticks, and says yes or no."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx

REDIRECT_BASE = "http://localhost:8100"
_MOST_PAGES = 8


@dataclass
class Form:
    """One form: its action, and each control's name, value and whether it counts as it stands."""

    action: str
    controls: list[tuple[str, str, bool]] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(said.get("action", "")))
        elif self.found and tag == "button" and "name" in said:
            self.found[-1].buttons.append((said["name"], said.get("value", "")))
        elif self.found and tag == "input" and "name" in said:
            kind = said.get("type", "text")
            counts = kind == "hidden" or (kind in {"checkbox", "radio"} and "checked" in said)
            self.found[-1].controls.append((said["name"], said.get("value", "on"), counts))


def forms(page: str) -> list[Form]:
    parser = _Forms()
    parser.feed(page)
    return parser.found


@dataclass
class Person:
    """Who clicks. `unticks` are values of boxes to leave empty, `chooses` radio and checkbox values to take instead."""

    address: str
    says: str = "allow"
    unticks: frozenset[str] = frozenset()
    chooses: dict[str, str] = field(default_factory=dict)
    base: str = REDIRECT_BASE
    """Where OneClick is, for the browser."""

    def visit(self, url: str) -> dict[str, str]:
        """Click through until the vendor sends the browser back; the parameters that it brings."""
        with httpx.Client(timeout=60) as browser:
            page = browser.get(url)
            for _ in range(_MOST_PAGES):
                if page.is_redirect:
                    url = urljoin(str(page.url), page.headers["location"])
                    if url.startswith(f"{self.base}/auth/oauth/"):
                        return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
                    page = browser.get(url)
                    continue
                assert page.is_success, page.text
                page = self._answer(browser, page)
        raise AssertionError(f"no way back from {url}")

    def _answer(self, browser: httpx.Client, page: httpx.Response) -> httpx.Response:
        for form in forms(page.text):
            wanted = ("decision", "allow" if self.says == "allow" else "cancel")
            names = {name for name, _ in form.buttons} | {name for name, _, _ in form.controls}
            data: dict[str, list[str]] = {}
            for name, value, stands in form.controls:
                counts = value == self.chooses[name] if name in self.chooses else stands
                if counts and value not in self.unticks:
                    data.setdefault(name, []).append(value)
            if wanted in form.buttons:
                data["decision"] = [wanted[1]]
            elif "person" in names and self.says == "allow":
                data["person"] = [self.address]
            else:
                continue
            return browser.post(urljoin(str(page.url), form.action), data=data)
        raise AssertionError(f"nothing to click on:\n{page.text}")
