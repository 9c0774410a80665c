"""Tag rules: read, made, changed, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.exc import IntegrityError

from services.shared.domain.audit import service as audit
from services.shared.domain.role_template.service import find_template
from services.shared.domain.schedule.tags import slug_of
from services.shared.domain.tag_rule.models import TagRule
from services.shared.domain.tag_rule.shipped import shipped_rules
from services.shared.kit.errors import FieldError, InvalidInput, NotFound
from services.shared.kit.ids import uuid7
from services.shared.kit.uow import UnitOfWork
from services.shared.kit.wallclock import UnknownZone, get_zone

MOST = 200


class TagRuleNotFound(NotFound):
    code = "tag_rule_not_found"


@dataclass(frozen=True, slots=True)
class RuleContent:
    """What a caller wants a rule to say. `time_of_day` is `HH:MM`."""

    tag: str
    role_template_id: UUID | None = None
    offset_days: int = 0
    time_of_day: str = "08:00"
    time_zone: str | None = None
    priority: int = 0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class RuleView:
    """A rule. Not stored: it is as it came with OneClick."""

    rule: TagRule
    shipped: bool
    stored: bool


async def list_rules(uow: UnitOfWork) -> list[RuleView]:
    """This tenant's rules by tag, those that came with OneClick among them."""
    copies = shipped_rules(uow.tenant_id)
    ids = [copy.id for copy in copies]
    rows = await uow.session.scalars(
        select(TagRule).where(
            TagRule.tenant_id == uow.tenant_id, or_(TagRule.deleted_at.is_(None), TagRule.id.in_(ids))
        )
    )
    stored = {rule.id: rule for rule in rows}
    views = [
        RuleView(rule, rule.id in ids, stored=True) for rule in stored.values() if rule.deleted_at is None
    ]
    taken = {view.rule.slug for view in views}
    views += [
        RuleView(copy, shipped=True, stored=False)
        for copy in copies
        if copy.id not in stored and copy.slug not in taken
    ]
    return sorted(views, key=lambda view: view.rule.slug)


async def get_rule(uow: UnitOfWork, rule_id: UUID) -> RuleView:
    """One rule.

    Raises:
        TagRuleNotFound: not in this tenant, or deleted.
    """
    found = next((view for view in await list_rules(uow) if view.rule.id == rule_id), None)
    if found is None:
        raise TagRuleNotFound("There is no such tag rule.")
    return found


async def slug_of_rule(uow: UnitOfWork, rule_id: UUID) -> str | None:
    """The tag that a rule is about, also of a deleted one."""
    stored = await uow.session.get(TagRule, rule_id)
    if stored is not None:
        return stored.slug
    return next((copy.slug for copy in shipped_rules(uow.tenant_id) if copy.id == rule_id), None)


async def create_rule(uow: UnitOfWork, content: RuleContent) -> UUID:
    """Store a new rule. Whoever has the tag already is not queued by that: a rule is about getting it.

    Raises:
        InvalidInput: a field is wrong, or there is a rule for this tag.
    """
    others = await list_rules(uow)
    await _check(uow, content, others)
    if len(others) >= MOST:
        raise InvalidInput([FieldError("tag", f"A tenant has at most {MOST} tag rules.", "too_many")])
    rule = TagRule(id=uuid7(), tenant_id=uow.tenant_id)
    _fill(rule, content)
    uow.session.add(rule)
    await _store(uow)
    _write_down(uow, "created", rule, after=said_of(rule))
    return rule.id


async def change_rule(uow: UnitOfWork, rule_id: UUID, content: RuleContent) -> None:
    """Change a rule. What it has queued already stays as it is.

    Raises:
        TagRuleNotFound: not in this tenant, or deleted.
        InvalidInput: a field is wrong, or another rule is about this tag.
    """
    rule = await _hold(uow, rule_id)
    others = [view for view in await list_rules(uow) if view.rule.id != rule_id]
    await _check(uow, content, others)
    before = said_of(rule)
    _fill(rule, content)
    await _store(uow)
    if before != said_of(rule):
        _write_down(uow, "updated", rule, before=before, after=said_of(rule))


async def delete_rule(uow: UnitOfWork, rule_id: UUID) -> None:
    """Queue nobody any more by it. What it has queued stays, until the tag is taken away.

    Raises:
        TagRuleNotFound: not in this tenant, or deleted already.
    """
    rule = await _hold(uow, rule_id)
    rule.deleted_at = func.now()
    _write_down(uow, "deleted", rule, before=said_of(rule))


async def _hold(uow: UnitOfWork, rule_id: UUID) -> TagRule:
    """The rule's row, made where it is one that came with OneClick."""
    view = await get_rule(uow, rule_id)
    if not view.stored:
        uow.session.add(view.rule)
        await _store(uow)
        return view.rule
    await uow.session.refresh(view.rule, with_for_update=True)
    if view.rule.deleted_at is not None:
        raise TagRuleNotFound("There is no such tag rule.")
    return view.rule


async def _check(uow: UnitOfWork, content: RuleContent, others: Sequence[RuleView]) -> None:
    errors: list[FieldError] = []
    slug = slug_of(content.tag)
    if not slug:
        errors.append(FieldError("tag", "A tag has letters or digits.", "bad_tag"))
    elif slug in {view.rule.slug for view in others}:
        errors.append(FieldError("tag", "There is a rule for this tag.", "taken"))
    if content.time_zone is not None:
        try:
            get_zone(content.time_zone)
        except UnknownZone:
            message = "There is no such time zone. Use an IANA name such as Europe/Berlin."
            errors.append(FieldError("time_zone", message, "unknown_time_zone"))
    if content.role_template_id is not None:
        found = await find_template(uow, content.role_template_id)
        if found is None or found.template.deleted_at is not None:
            message = "There is no such role template."
            errors.append(FieldError("role_template_id", message, "unknown_role_template"))
    if errors:
        raise InvalidInput(errors)


async def _store(uow: UnitOfWork) -> None:
    try:
        await uow.session.flush()
    except IntegrityError as error:  # somebody else was faster
        raise InvalidInput([FieldError("tag", "There is a rule for this tag.", "taken")]) from error


async def checked_rule(uow: UnitOfWork, content: RuleContent) -> TagRule:
    """A rule that is not stored, to look at what it would do. Another may be about its tag already.

    Raises:
        InvalidInput: a field is wrong.
    """
    await _check(uow, content, ())
    rule = TagRule(id=uuid7(), tenant_id=uow.tenant_id)
    _fill(rule, content)
    return rule


def _fill(rule: TagRule, content: RuleContent) -> None:
    rule.tag = content.tag
    rule.slug = slug_of(content.tag)
    rule.role_template_id = content.role_template_id
    rule.offset_days = content.offset_days
    rule.time_of_day = content.time_of_day
    rule.time_zone = content.time_zone
    rule.priority = content.priority
    rule.enabled = content.enabled


def said_of(rule: TagRule) -> dict[str, Any]:
    """A rule as the audit log shows it."""
    return {
        "tag": rule.tag,
        "role_template_id": str(rule.role_template_id) if rule.role_template_id else None,
        "offset_days": rule.offset_days,
        "time_of_day": rule.time_of_day,
        "time_zone": rule.time_zone,
        "priority": rule.priority,
        "enabled": rule.enabled,
    }


def _write_down(
    uow: UnitOfWork,
    what: str,
    rule: TagRule,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    audit.write_down(
        uow,
        f"tag_rule.{what}",
        target_kind="tag_rule",
        target_id=rule.id,
        target_label=rule.tag,
        before=before,
        after=after,
    )
