"""What the suite's harnesses over our own sandbox have in common. One subclass for each vendor.

A provider's folder `services/shared/providers/<folder>` has its harness in
`tests/providers/<folder>/harness.py`, as a function `make_harness(sandbox) -> SandboxHarness`.
"""

from __future__ import annotations

import uuid
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, ClassVar
from uuid import UUID

import httpx
from pydantic import SecretStr

from services.shared import providers
from services.shared.sdk.contract import Context, Known, Person
from services.shared.sdk.guard import ReadOnlyTransport, credential_for
from services.shared.sdk.manifest import Frozen
from services.shared.sdk.suite import Effect, Fault, Harness
from tests.fixtures.sandbox import Sandbox
from tests.sandbox.judge.wire import RecordingTransport

TENANT = UUID("0190a6d0-0000-7000-8000-000000000001")


def provider_folders() -> list[str]:
    """Every folder in which the registry looks, without importing it."""
    return sorted(module.name for module in iter_modules(providers.__path__))


def has_harness(folder: str) -> bool:
    return (Path(__file__).parent / folder / "harness.py").is_file()


class _Doors(httpx.Auth):
    """Signs each call with what opens its address, and refuses addresses that nothing opens."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = headers

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        bases = {base: base for base in self._headers}
        name = credential_for(str(request.url), bases, bases)
        request.headers["authorization"] = self._headers[name]
        yield request


class SandboxHarness(Harness):
    """Over a freshly reset sandbox. A subclass says whom, with what settings, and how others act."""

    vendor: ClassVar[str]
    readable_posts: ClassVar[frozenset[str]] = frozenset()
    settings: Frozen
    endpoints: Mapping[str, str]

    def __init__(
        self,
        sandbox: Sandbox,
        token: str = "",
        *,
        scheme: str = "Bearer",
        doors: Mapping[str, str] | None = None,
    ) -> None:
        """One token for everything, or `doors`: the Authorization header by base URL, the longest decides.

        Scheme `Plain` sends the token alone.
        """
        self.sandbox = sandbox
        self.joiner = Person(
            employee_id=uuid.uuid4(),
            full_name="Grace Brewster Hopper",
            work_email="grace.hopper@acme.example",
            department="Engineering",
            job_title="Compiler Engineer",
        )
        self.password = SecretStr(f"Canary-{uuid.uuid4().hex[:12]}-9z")
        self._auth = _Doors(doors or {sandbox.url: token if scheme == "Plain" else f"{scheme} {token}"})
        self.wire = RecordingTransport(httpx.AsyncHTTPTransport())
        """Keeps what goes over the wire once `wire.is_on`; see `test_specs.py`."""
        self.http = httpx.AsyncClient(transport=self.wire, auth=self._auth, timeout=60)
        self._reading = httpx.AsyncClient(
            transport=ReadOnlyTransport(self.wire, readable_posts=self.readable_posts),
            auth=self._auth,
            timeout=60,
        )
        self._gifts: set[int] = set()

    def read_as(self, token: str) -> None:
        """Plan and validate with another token from here on."""
        self._reading.auth = _Doors({self.sandbox.url: f"Bearer {token}"})

    def act_as(self, token: str) -> None:
        """Do everything with another token from here on."""
        self.read_as(token)
        self.http.auth = _Doors({self.sandbox.url: f"Bearer {token}"})

    async def aclose(self) -> None:
        """Close the connections."""
        await self._reading.aclose()
        await self.http.aclose()

    async def _password(self) -> SecretStr:
        return self.password

    def context(self, known: Known, *, reading: bool = False) -> Context[Any]:
        return Context(
            tenant_id=TENANT,
            settings=self.settings,
            http=self._reading if reading else self.http,
            endpoints=self.endpoints,
            person=self.joiner,
            known=known,
            first_password=self._password,
        )

    def _ledger(self) -> list[dict[str, Any]]:
        return self.sandbox.effects(self.vendor, self.joiner.work_email)

    async def effects(self) -> Sequence[Effect]:
        return [
            Effect(kind=one["kind"], object=one["object"])
            for one in self._ledger()
            if one["seq"] not in self._gifts
        ]

    def note_gifts(self, before: list[dict[str, Any]]) -> None:
        """What the ledger gained since `before` was somebody else's doing."""
        seen = {one["seq"] for one in before}
        self._gifts |= {one["seq"] for one in self._ledger() if one["seq"] not in seen}

    def account(self) -> dict[str, Any] | None:
        """The joiner's living account in the sandbox's own words."""
        users = self.sandbox.state(self.vendor, user=self.joiner.work_email)["users"]
        return next((one for one in users if not one["deleted"]), None)

    async def count_accounts(self) -> int:
        users = self.sandbox.state(self.vendor)["users"]
        address = self.joiner.work_email
        return sum(1 for one in users if not one["deleted"] and one["address"].lower() == address)

    async def describe_account(self) -> Mapping[str, Any] | None:
        account = self.account()
        if account is None:
            return None
        return {
            "id": account["id"],
            "active": account["enabled"],
            "licenses": sorted(str(one) for one in account["licenses"]),
            "groups": sorted(str(one) for one in account["groups"]),
        }

    async def inject(self, fault: Fault) -> None:
        match = {"method": fault.method, "path_regex": fault.path_regex}
        more = {
            "retry_after": fault.retry_after,
            "vendor_form": fault.vendor_form,
            "commit": fault.commit or None,
        }
        self.sandbox.arm(
            self.vendor,
            fault.kind.value,
            match={name: value for name, value in match.items() if value},
            times=fault.times,
            **{name: value for name, value in more.items() if value is not None},
        )

    async def clear_faults(self) -> None:
        self.sandbox.disarm(self.vendor)

    async def settle(self, seconds: float) -> None:
        self.sandbox.configure(self.vendor, settle_seconds=seconds, settle_reads=True)

    async def add_foreign_account(self) -> None:
        self.sandbox.add_user(self.vendor, self.joiner.work_email)
