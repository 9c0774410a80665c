"""What is sent, checked by `scim2-models` before it leaves.

The library is imported inside the functions: that takes a third of a second, and the API process never needs it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from services.shared.providers.scim.paths import CORE_USER, ScimPath, member, parse_path
from services.shared.sdk.errors import ErrorCode, Refused

_PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
_READ_ONLY = frozenset({"meta", "groups", "id"})


def new_user(values: Mapping[str, Any], *, mark: str | None, password: str | None) -> dict[str, Any]:
    """The body of a POST: paths and their values, our mark, and a password where one is wished.

    Raises:
        Refused: a value is none that the standard allows.
    """
    import scim2_models as scim

    body: dict[str, Any] = {"schemas": [CORE_USER], "active": True}
    for text, value in values.items():
        parse_path(text).write(body, value)
    _mark_primary(body)
    body["schemas"] += [name for name in body if name.startswith("urn:")]
    if mark is not None:
        body["externalId"] = mark
    if password is not None:
        body["password"] = password
    return _checked(scim.User[scim.EnterpriseUser], body, scim.Context.RESOURCE_CREATION_REQUEST)


def _mark_primary(body: dict[str, Any]) -> None:
    """A new account's only address is its primary one."""
    addresses = body.get("emails")
    if isinstance(addresses, list) and len(addresses) == 1:
        addresses[0].setdefault("primary", True)


def patch(operations: Iterable[Mapping[str, Any]], *, group: bool = False) -> dict[str, Any]:
    """The body of a PATCH.

    Raises:
        Refused: an operation is none that the standard allows.
    """
    import scim2_models as scim

    model = scim.PatchOp[scim.Group] if group else scim.PatchOp[scim.User[scim.EnterpriseUser]]
    body = {"schemas": [_PATCH], "Operations": [dict(one) for one in operations]}
    return _checked(model, body, scim.Context.RESOURCE_PATCH_REQUEST)


def _checked(model: Any, body: Mapping[str, Any], context: Any) -> dict[str, Any]:
    import scim2_models as scim

    # What an extension of the application's own holds is not for the standard to judge, and a removal in Microsoft's
    # way is sent where the standard's own was refused.
    lenient = scim.ScimPolicy(
        unknown=scim.ScimPolicy.Unknown.keep, remove_value_as_filter=scim.ScimPolicy.RemoveValue.apply
    )
    try:
        read = model.model_validate(body, scim_ctx=context, scim_policy=lenient)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise Refused(
            f"A value is none that SCIM allows: {where}: {first['msg']}", code=ErrorCode.INVALID_FIELD
        ) from None
    sent: dict[str, Any] = read.model_dump(scim_ctx=context, scim_policy=lenient)
    return sent


def warm() -> None:
    """Load the library now."""
    patch([{"op": "replace", "path": "active", "value": True}])


def changes(values: Mapping[str, Any], raw: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One PATCH operation for each value. A list's value that is not there yet is added, not replaced."""
    return [_change(parse_path(text), value, raw) for text, value in values.items()]


def _change(path: ScimPath, value: Any, raw: Mapping[str, Any]) -> dict[str, Any]:
    if path.key is None or path.read(raw) is not None:
        return {"op": "replace", "path": path.text, "value": value}
    name = f"{path.urn}:{path.name}" if path.urn else path.name
    return {"op": "add", "path": name, "value": [{**path.new_item(), path.sub or "value": value}]}


def replacement(raw: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The body of a PUT: everything that was there, with these values.

    It is the application's own resource, so nothing of it is held against the standard.
    """
    body = {name: value for name, value in raw.items() if name.lower() not in _READ_ONLY}
    for text, value in values.items():
        parse_path(text).write(body, value)
    listed = member(body, "schemas")
    schemas = list(listed) if isinstance(listed, list) else []
    body["schemas"] = list(
        dict.fromkeys([*schemas, *(name for name in body if name.startswith("urn:"))])
    ) or [CORE_USER]
    return body
