"""The small parts of the provider SDK."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import httpx
import pytest
from pydantic import SecretStr

from services.shared.sdk import registry
from services.shared.sdk.catalogue import CATALOGUE, explain
from services.shared.sdk.contract import Context, Grant, Known, Person, Provider
from services.shared.sdk.errors import ErrorCode, Refused, WriteWhilePlanning
from services.shared.sdk.fingerprint import fingerprint
from services.shared.sdk.guard import ReadOnlyTransport
from services.shared.sdk.manifest import ActionKind, Capability, Frozen, Limits, Manifest, Remedy
from services.shared.sdk.retry_after import parse_retry_after

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("2.128", 2.128),
        (" 3 ", 3.0),
        ("-4", 0.0),
        ("1e9", 86400.0),
        ("nan", None),
        ("soon", None),
        ("", None),
        ("Fri, 20 Nov 2026 12:00:30 GMT", 30.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("Friday, 20-Nov-26 12:00:30 GMT", 30.0),
    ],
)
def test_retry_after_in_all_its_forms(value: str, seconds: float | None) -> None:
    assert parse_retry_after({"retry-after": value}, now=NOW) == seconds
    assert parse_retry_after(httpx.Headers({"Retry-After": value}), now=NOW) == seconds


def test_no_retry_after_is_none() -> None:
    assert parse_retry_after({}) is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "BREW"])
async def test_planning_cannot_write(method: str) -> None:
    reached: list[str] = []

    def vendor(request: httpx.Request) -> httpx.Response:
        reached.append(request.method)
        return httpx.Response(200)

    transport = ReadOnlyTransport(httpx.MockTransport(vendor), readable_posts={"/search"})
    async with httpx.AsyncClient(transport=transport) as http:
        with pytest.raises(WriteWhilePlanning):
            await http.request(method, "http://vendor.test/users")
        await http.get("http://vendor.test/users")
        await http.post("http://vendor.test/search")
        with pytest.raises(WriteWhilePlanning):
            await http.post("http://vendor.test/search/all")
    assert reached == ["GET", "POST"]


def test_a_fingerprint_knows_no_order_of_names() -> None:
    assert fingerprint({"a": 1, "b": [1, 2]}) == fingerprint({"b": [1, 2], "a": 1})
    assert fingerprint({"a": [1, 2]}) != fingerprint({"a": [2, 1]})


@pytest.mark.parametrize(
    ("name", "given", "family"),
    [("Ada Lovelace", "Ada", "Lovelace"), (" Sukarno ", "Sukarno", "Sukarno"), ("A B C", "A B", "C")],
)
def test_names_are_cut_at_the_last_word(name: str, given: str, family: str) -> None:
    person = Person(employee_id=uuid.uuid4(), full_name=name, work_email="x@acme.example")
    assert (person.given_name, person.family_name) == (given, family)


def test_the_books_know_what_we_gave() -> None:
    known = Known(grants=(Grant(kind="group", key="g1", label="Sales"),))
    assert known.gave("group", "g1")
    assert not known.gave("license", "g1")


def test_a_first_password_exists_while_applying_only() -> None:
    person = Person(employee_id=uuid.uuid4(), full_name="A B", work_email="a@acme.example")
    context = Context(
        tenant_id=uuid.uuid4(), settings=Frozen(), http=httpx.AsyncClient(), endpoints={}, person=person
    )
    with pytest.raises(RuntimeError):
        context.first_password().__await__().send(None)
    assert context.mark == str(person.employee_id)


class Form(Frozen):
    token: SecretStr


def manifest(key: str, *aliases: str) -> Manifest:
    return Manifest(
        key=key,
        title=key.title(),
        vendor="example",
        summary="An example.",
        aliases=aliases,
        form=Form,
        settings=Frozen,
        endpoints=("api",),
        capabilities=(Capability(key="account.create", title="Create"),),
        actions=(ActionKind.NOOP,),
        limits=Limits(calls_per_second=1, concurrency=1, source="none"),
        remedies={
            ErrorCode.NO_SEATS: Remedy(remedy="Ask Bob.", link_label="Bob", link_url="https://bob.test")
        },
    )


def test_a_manifest_carries_its_form_as_a_schema() -> None:
    wire = manifest("example").model_dump(mode="json")
    assert wire["form"]["properties"]["token"]["writeOnly"] is True


def test_every_code_has_a_cause_and_a_remedy() -> None:
    assert set(CATALOGUE) == set(ErrorCode)
    for code in ErrorCode:
        shown = explain(Refused("", code=code), manifest("example"))
        assert shown.message
        assert shown.remedy


def test_a_provider_s_own_words_win() -> None:
    shown = explain(Refused("None left.", code=ErrorCode.NO_SEATS, vendor_message="409"), manifest("example"))
    assert (shown.message, shown.remedy, shown.link_label) == ("None left.", "Ask Bob.", "Bob")
    assert (shown.who, shown.vendor_message) == ("vendor admin", "409")


class _Silent(Provider[Frozen]):
    manifest: ClassVar[Manifest] = manifest("one", "uno")

    async def validate(self, ctx: Any) -> Any: ...
    async def plan(self, ctx: Any, desired: Any) -> Any: ...
    async def apply(self, ctx: Any, action: Any) -> Any: ...
    async def confirm(self, ctx: Any, action: Any) -> Any: ...


class _Other(_Silent):
    manifest: ClassVar[Manifest] = manifest("two", "dos")


class _Thief(_Silent):
    manifest: ClassVar[Manifest] = manifest("three", "uno")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[type[Provider[Any]]]]:
    classes: list[type[Provider[Any]]] = [_Silent, _Other]
    monkeypatch.setattr(registry, "_classes", lambda: iter(classes))
    registry.providers.cache_clear()
    yield classes
    registry.providers.cache_clear()


def test_an_alias_means_its_app(found: list[type[Provider[Any]]]) -> None:
    assert registry.resolve_app("dos") == "two"
    assert isinstance(registry.get_provider("uno"), _Silent)
    assert [one.key for one in registry.manifests()] == ["one", "two"]
    with pytest.raises(registry.UnknownApp):
        registry.get_provider("three")


def test_two_providers_cannot_share_a_name(found: list[type[Provider[Any]]]) -> None:
    found.append(_Thief)
    with pytest.raises(ValueError, match="uno"):
        registry.providers()


def test_an_unfinished_provider_is_none() -> None:
    class Unfinished(Provider[Frozen]):
        manifest: ClassVar[Manifest] = manifest("unfinished")

    with pytest.raises(TypeError, match="abstract"):
        Unfinished()  # type: ignore[abstract]  # that is the test
