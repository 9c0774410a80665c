"""From tag rules to what goes out, and back."""

from collections.abc import Sequence

from services.api.requests.mapping import app_title
from services.api.requests.schemas import RequestAppRead
from services.api.schedule.schemas import ShiftRead
from services.api.tag_rules.schemas import (
    DecisionEmployeeRead,
    DecisionRead,
    RuleTemplateRead,
    TagRuleRead,
    TagRuleWrite,
)
from services.shared.domain.role_template.service import TemplateView
from services.shared.domain.tag_rule.following import Decision
from services.shared.domain.tag_rule.service import RuleContent, RuleView
from services.shared.kit.wallclock import get_zone


def content_of(body: TagRuleWrite) -> RuleContent:
    """The rule that a body spells."""
    return RuleContent(**body.model_dump())


def _template(view: TemplateView | None) -> RuleTemplateRead | None:
    if view is None or view.template.deleted_at is not None:
        return None
    return RuleTemplateRead(id=view.template.id, key=view.template.key, name=view.content.name)


def rule_read(view: RuleView, template: TemplateView | None) -> TagRuleRead:
    """One rule."""
    rule = view.rule
    return TagRuleRead(
        id=rule.id,
        tag=rule.tag,
        slug=rule.slug,
        role_template_id=rule.role_template_id,
        role_template=_template(template),
        offset_days=rule.offset_days,
        time_of_day=rule.time_of_day,
        time_zone=rule.time_zone,
        priority=rule.priority,
        enabled=rule.enabled,
        shipped=view.shipped,
    )


def decision_read(decision: Decision) -> DecisionRead:
    """What a rule would do with one person."""
    employee, at = decision.employee, decision.at
    return DecisionRead(
        employee=DecisionEmployeeRead(
            id=employee.id, full_name=employee.full_name, work_email=employee.work_email
        ),
        role_template=_template(decision.template),
        at=at,
        local=at.astimezone(get_zone(decision.time_zone)).isoformat() if at else None,
        time_zone=decision.time_zone,
        note=ShiftRead.model_validate(decision.shift, from_attributes=True) if decision.shift else None,
        reason=decision.reason,
        queued=decision.queued,
        not_connected=_apps(decision.not_connected),
        switched_off=_apps(decision.switched_off),
        warning=_warning(decision),
    )


def _apps(keys: Sequence[str]) -> list[RequestAppRead]:
    return [RequestAppRead(app=key, title=app_title(key)) for key in keys]


def _warning(decision: Decision) -> str | None:
    said = []
    if decision.objection:
        said.append(f"{decision.objection} Until then the run waits for a person.")
    if decision.not_connected:
        names = _names(decision.not_connected)
        said.append(
            f"Not connected: {names}. Connect before the run, or it waits for a person; or take out of the template."
        )
    if decision.switched_off:
        said.append(f"Switched off, and left out: {_names(decision.switched_off)}.")
    return " ".join(said) or None


def _names(keys: Sequence[str]) -> str:
    return ", ".join(app_title(key) for key in keys)
