"""What the attribute mapping makes of a person, and how it differs from what the application shows."""

from collections.abc import Mapping
from typing import Any

from services.shared.providers.scim.accounts import ScimUser, find_by_user_name
from services.shared.providers.scim.client import USERS, ScimContext, resource
from services.shared.providers.scim.discovery import Fact, Features, Schemas
from services.shared.providers.scim.form import USER_NAME, ScimForm
from services.shared.providers.scim.paths import ScimPath, member, parse_path
from services.shared.sdk.contract import Notice
from services.shared.sdk.manifest import Frozen

USER_TYPE = "userType"


class Wished(Frozen):
    """One attribute as it should be. `shown` is what people read, `value` what is sent."""

    path: str
    value: Any
    shown: str
    can_be_made: bool
    can_be_changed: bool
    case_exact: bool

    @property
    def place(self) -> ScimPath:
        return parse_path(self.path)

    def fits(self, user: ScimUser) -> bool:
        """Whether the application shows it so. Where case does not matter, it is not corrected."""
        now = show(self.place.read(user.raw))
        return now == self.shown or (not self.case_exact and now.lower() == self.shown.lower())


class Wishes(Frozen):
    attributes: tuple[Wished, ...]
    notices: tuple[Notice, ...]

    def to_make(self) -> dict[str, Any]:
        """Paths and values of a new account."""
        return {one.path: one.value for one in self.attributes if one.can_be_made}

    def to_change(self, user: ScimUser) -> tuple[Wished, ...]:
        """What differs. Nobody is renamed: the user name is written once."""
        return tuple(
            one
            for one in self.attributes
            if one.can_be_changed and one.path.lower() != USER_NAME.lower() and not one.fits(user)
        )


def show(value: Any) -> str:
    """A value as text: an object by its `value`, nothing as nothing."""
    if isinstance(value, Mapping):
        value = member(value, "value")
    return "" if value is None else str(value)


async def make_wishes(ctx: ScimContext, form: ScimForm, features: Features, schemas: Schemas) -> Wishes:
    """Every mapped attribute that the person and the application have."""
    attributes: list[Wished] = []
    left_out: list[str] = []
    notices: list[Notice] = []
    values: list[tuple[str, str, str | None]] = [
        (one.path, one.person, one.value_of(ctx.person)) for one in ctx.settings.attributes
    ]
    for text, source, value in (*values, (USER_TYPE, USER_TYPE, form.user_type)):
        path = parse_path(text)
        if value is None:
            continue
        fact = schemas.find(path)
        if text.lower() == USER_NAME.lower():
            fact = fact or Fact()
        if fact is None:
            left_out.append(text)
            continue
        if source != "manager":
            attributes.append(_wished(text, value, value, fact))
        elif (manager := await find_by_user_name(ctx, value, features)) is not None:
            attributes.append(_wished(text, _reference(ctx, path, manager), manager.id, fact))
        else:
            message = f"No manager is set: {ctx.settings.title} has no account {value}."
            notices.append(Notice(code="no_manager", message=message))
    if left_out:
        message = (
            f"{ctx.settings.title} does not have these attributes, they are not sent: {', '.join(left_out)}."
        )
        notices.append(Notice(code="unknown_attributes", message=message))
    return Wishes(attributes=tuple(attributes), notices=tuple(notices))


def _reference(ctx: ScimContext, path: ScimPath, manager: ScimUser) -> Any:
    """The standard wants a manager as an object with an address (RFC 7643 4.3); a mapped `.value` takes the id alone."""
    if path.sub is not None:
        return manager.id
    base = ctx.endpoints["base_url"].rstrip("/")
    return {"value": manager.id, "$ref": f"{base}/{resource(USERS, manager.id)}"}


def _wished(path: str, value: Any, shown: str, fact: Fact) -> Wished:
    return Wished(
        path=path,
        value=value,
        shown=shown,
        can_be_made=fact.can_be_made,
        can_be_changed=fact.can_be_changed,
        case_exact=fact.case_exact,
    )
