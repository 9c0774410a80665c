"""Connecting on the wire: derived facts, never a secret on the way out."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, Field, SecretStr

from services.auth.connect.health import State, health_of
from services.auth.connection.models import Connection, Vendor
from services.auth.connection.vendors import APPS, TITLES
from services.auth.environment.vendors import VendorSettings
from services.auth.method.base import Kind, Way
from services.auth.method.registry import missing_scopes, why_unavailable
from services.auth.printable import printable

Title = Annotated[str, AfterValidator(printable), Field(min_length=1, max_length=100)]
Address = Annotated[str, AfterValidator(printable), Field(min_length=1, max_length=320)]


class ActorRef(BaseModel):
    """The operator who asked, as the api has verified."""

    id: UUID
    address: Address


class TenantQuery(BaseModel):
    tenant_id: UUID


class ConnectionListQuery(TenantQuery):
    disconnected: bool = False
    """Those that were disconnected too."""


class ConnectionCreate(TenantQuery):
    """Typed-in credentials. `connection_id` reconnects in place."""

    actor: ActorRef
    vendor: Vendor
    method: str = Field(max_length=64)
    title: Title | None = None
    fields: dict[str, Annotated[SecretStr, Field(max_length=32_000)]] = Field(max_length=40)
    connection_id: UUID | None = None


class ConnectionOrder(TenantQuery):
    actor: ActorRef


class ConnectionRename(ConnectionOrder):
    title: Title


class ChangesQuery(BaseModel):
    since: datetime | None = None
    """Connections of every tenant that changed at or after this; without it, all. Equal times come again."""


class ScopeRead(BaseModel):
    name: str
    why: str


class ConnectedBy(BaseModel):
    id: UUID
    address: str


class ConnectionDetail(BaseModel):
    """`generation` grows with each change of state or credentials, `changed_at` is when the newest was."""

    id: UUID
    tenant_id: UUID
    vendor: Vendor
    title: str
    account: str | None
    apps: list[str]
    method: str
    source: str
    state: State
    reason_code: str | None
    reason: str | None
    remedy: str | None
    link: str | None
    connected_at: datetime
    connected_by: ConnectedBy | None
    last_refresh_at: datetime | None
    expires_at: datetime | None
    scopes_granted: list[str]
    scopes_missing: list[ScopeRead]
    settings: dict[str, Any]
    generation: int
    changed_at: datetime


class ConnectionPage(BaseModel):
    items: list[ConnectionDetail]


class FieldRead(BaseModel):
    name: str
    label: str
    help: str
    secret: bool
    multiline: bool
    required: bool


class MethodRead(BaseModel):
    key: str
    title: str
    kind: Kind
    explanation: str
    preparation: list[str]
    scopes: list[ScopeRead]
    fields: list[FieldRead]
    available: bool
    unavailable_reason: str | None


class VendorRead(BaseModel):
    vendor: Vendor
    title: str
    apps: list[str]
    methods: list[MethodRead]


class VendorPage(BaseModel):
    items: list[VendorRead]


def connection_detail(row: Connection, now: datetime) -> ConnectionDetail:
    """What may be known about a connection at a moment of the database's clock."""
    health = health_of(row, now)
    owner = row.connected_by_id
    return ConnectionDetail(
        id=row.id,
        tenant_id=row.tenant_id,
        vendor=Vendor(row.vendor),
        title=row.display_name,
        account=row.account,
        apps=list(APPS[Vendor(row.vendor)]),
        method=row.method,
        source=row.source,
        state=health.state,
        reason_code=row.reason_code,
        reason=health.reason,
        remedy=health.remedy,
        link=health.link,
        connected_at=row.connected_at,
        connected_by=ConnectedBy(id=owner, address=row.connected_by or "") if owner is not None else None,
        last_refresh_at=row.last_refreshed_at,
        expires_at=row.grant_expires_at,
        scopes_granted=row.scopes_granted or [],
        scopes_missing=[ScopeRead(name=one.name, why=one.why) for one in missing_scopes(row)],
        settings=row.settings,
        generation=row.generation,
        changed_at=row.changed_at,
    )


def vendor_read(vendor: Vendor, ways: tuple[Way, ...], known: VendorSettings) -> VendorRead:
    """The ways to connect a vendor, as the page draws them."""
    return VendorRead(
        vendor=vendor,
        title="Application with SCIM" if vendor is Vendor.SCIM else TITLES[vendor],
        apps=list(APPS[vendor]),
        methods=[_method_read(way, why_unavailable(way, known)) for way in ways],
    )


def _method_read(way: Way, unavailable: str | None) -> MethodRead:
    return MethodRead(
        key=way.key.value,
        title=way.title,
        kind=way.kind,
        explanation=way.explanation,
        preparation=list(way.preparation),
        scopes=[ScopeRead(name=scope.name, why=scope.why) for scope in way.scopes],
        fields=[
            FieldRead(
                name=one.name,
                label=one.label,
                help=one.help,
                secret=one.secret,
                multiline=one.multiline,
                required=one.required,
            )
            for one in way.fields
        ],
        available=unavailable is None,
        unavailable_reason=unavailable,
    )
