"""A wish as a schedule keeps it, and back."""

from collections.abc import Collection
from dataclasses import asdict, replace
from datetime import date
from typing import Any
from uuid import UUID

from services.shared.domain.employee.service import EmployeeDetails
from services.shared.domain.provisioning.states import RequestKind
from services.shared.domain.provisioning.wishes import Wish
from services.shared.domain.role_template.using import TemplateRef

_DAYS = ("start_date", "end_date")


def stored_wish(wish: Wish) -> dict[str, Any]:
    """What a schedule keeps of a wish: all of it, as JSON."""
    ref = wish.role_template
    return {
        "kind": wish.kind,
        "employee": {name: _plain(value) for name, value in asdict(wish.person).items() if value is not None},
        "apps": {
            app: dict(fields) if not isinstance(fields, bool) else fields for app, fields in wish.apps.items()
        },
        "existing_account": wish.existing_account,
        "role_template": {"id": str(ref.id) if ref.id else None, "key": ref.key, "version": ref.version}
        if ref
        else None,
    }


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def wish_of(body: dict[str, Any], *, tags: Collection[str] = ()) -> Wish:
    """The wish that a schedule keeps, to be planned before anything is done."""
    person = dict(body["employee"])
    for day in _DAYS:
        if person.get(day):
            person[day] = date.fromisoformat(person[day])
    if person.get("tags") is not None:
        person["tags"] = tuple(person["tags"])
    ref = body.get("role_template")
    return Wish(
        kind=RequestKind(body["kind"]),
        person=EmployeeDetails(**person),
        apps=body["apps"],
        existing_account=body["existing_account"],
        tags=tuple(tags),
        dry_run=True,
        role_template=TemplateRef(
            id=UUID(ref["id"]) if ref["id"] else None, key=ref["key"], version=ref["version"]
        )
        if ref
        else None,
    )


def of_person(body: dict[str, Any], person: EmployeeDetails, template: TemplateRef | None) -> dict[str, Any]:
    """The same wish for what is known of the person now; with another role template, where one is given."""
    wish = wish_of(body)
    return stored_wish(replace(wish, person=person, role_template=template or wish.role_template))
