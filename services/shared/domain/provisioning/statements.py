"""What the worker says to the database for every app and action, prepared. Each is scoped to the tenant.

An action's own are three: begun, sent (`api.mark_action_sent`), done.
"""

from typing import Any

from sqlalchemy import (
    Boolean,
    Interval,
    Text,
    and_,
    bindparam,
    case,
    func,
    null,
    select,
    update,
)

from services.shared.domain.employee.models import Employee, EmployeeStatus
from services.shared.domain.provisioning.models import Action, AppPlan, Plan, ProviderCall, Request, Result
from services.shared.domain.provisioning.states import (
    ActionState,
    EffectState,
    PlanState,
    RequestState,
    ResultState,
)
from services.shared.domain.setting.models import TenantSetting
from services.shared.domain.setting.service import PLAN_LIFETIME_SECONDS, UNMANAGED
from services.shared.kit.prepared import InsertRows, Prepared, table_of

_REQUESTS, _RESULTS, _PLANS = table_of(Request), table_of(Result), table_of(Plan)
_PARTS, _ACTIONS, _EMPLOYEES = table_of(AppPlan), table_of(Action), table_of(Employee)


def _own(model: Any, id_: str = "id") -> Any:
    """This tenant's row with this id."""
    columns = getattr(model, "c", model)
    return and_(columns.tenant_id == bindparam("tenant_id"), columns.id == bindparam(id_))


PERSON = ("full_name", "work_email", "personal_email", "external_id", "department", "job_title", "location")
PERSON_FIELDS = (*PERSON, "manager_email")

# An app that is to be applied

LOAD_RESULT = Prepared(
    select(
        Result.id.label("result_id"),
        Result.request_id,
        Result.app,
        Result.vendor,
        Result.state,
        Result.fields,
        Result.decisions,
        Result.round,
        Result.tries,
        Request.state.label("request_state"),
        Request.employee_id,
        Request.person,
        Request.presence,
        Request.existing_account,
        Request.cancel_requested_at.is_not(None).label("cancelled"),
        *(getattr(Employee, name) for name in PERSON_FIELDS),
        func.coalesce(TenantSetting.unmanaged, UNMANAGED).label("unmanaged"),
    )
    .join(Request, and_(Request.tenant_id == Result.tenant_id, Request.id == Result.request_id))
    .join(Employee, and_(Employee.tenant_id == Request.tenant_id, Employee.id == Request.employee_id))
    .outerjoin(TenantSetting, TenantSetting.tenant_id == Result.tenant_id)
    .where(_own(Result))
)
REQUEST_RUNS = Prepared(
    update(_REQUESTS)
    .where(_own(_REQUESTS), _REQUESTS.c.state == RequestState.QUEUED)
    .values(state=RequestState.RUNNING, started_at=func.coalesce(_REQUESTS.c.started_at, func.now()))
    .returning(_REQUESTS.c.id)
)
RESULT_RUNS = Prepared(
    update(_RESULTS)
    .where(_own(_RESULTS))
    .values(
        state=ResultState.RUNNING,
        started_at=func.coalesce(_RESULTS.c.started_at, func.now()),
        next_try_at=None,
        waiting_reason=None,
    )
)
CANCEL_REQUESTED = Prepared(
    select(Request.cancel_requested_at.is_not(None).label("requested")).where(_own(Request))
)

# Its plan

HOLD_REQUEST = Prepared(
    select(Request.state, Request.employee_id, Request.person, Request.schedule_run_id)
    .where(_own(Request))
    .with_for_update()
)
HOLD_RESULT = Prepared(select(Result.round).where(_own(Result)).with_for_update())
NEW_ROUND = Prepared(update(_RESULTS).where(_own(_RESULTS)).values(round=bindparam("round")))
LATEST_PLAN = Prepared(
    select(Plan.id, Plan.state)
    .where(Plan.tenant_id == bindparam("tenant_id"), Plan.request_id == bindparam("request_id"))
    .order_by(Plan.created_at.desc(), Plan.id.desc())
    .limit(1)
)
FILL_PART = Prepared(
    update(_PARTS)
    .where(
        _PARTS.c.tenant_id == bindparam("tenant_id"),
        _PARTS.c.plan_id == bindparam("of_plan"),
        _PARTS.c.result_id == bindparam("of_result"),
    )
    .values(
        state=bindparam("state"),
        document=func.coalesce(bindparam("document", type_=_PARTS.c.document.type), _PARTS.c.document),
        fingerprint=func.coalesce(bindparam("fingerprint", type_=Text()), _PARTS.c.fingerprint),
        error=bindparam("error"),
    )
)
PART_STATES = Prepared(
    select(AppPlan.state)
    .where(AppPlan.tenant_id == bindparam("tenant_id"), AppPlan.plan_id == bindparam("plan_id"))
    .distinct()
)
_LIFETIME = func.coalesce(
    select(TenantSetting.plan_lifetime_seconds)
    .where(TenantSetting.tenant_id == bindparam("tenant_id"))
    .scalar_subquery(),
    PLAN_LIFETIME_SECONDS,
)
CLOSE_PLAN = Prepared(
    update(_PLANS)
    .where(_own(_PLANS))
    .values(state=bindparam("state"), expires_at=func.now() + func.make_interval(0, 0, 0, 0, 0, 0, _LIFETIME))
    .returning(
        select(Request.schedule_run_id)
        .where(Request.tenant_id == bindparam("tenant_id"), Request.id == _PLANS.c.request_id)
        .scalar_subquery()
        .label("schedule_run_id")
    )
)
PLAN_APPLIED = Prepared(
    update(_PLANS).where(_own(_PLANS)).values(state=PlanState.APPLIED, applied_at=func.now())
)
PERSON_AS_STORED = Prepared(
    select(
        *(getattr(Employee, name) for name in (*PERSON_FIELDS, "role", "start_date", "end_date", "tags")),
        Employee.status,
    ).where(_own(Employee))
)
PERSON_IS_ACTIVE = Prepared(update(_EMPLOYEES).where(_own(_EMPLOYEES)).values(status=EmployeeStatus.ACTIVE))
ADD_ACTIONS = InsertRows(
    Action,
    *("id", "request_id", "result_id", "round", "ordinal"),
    *("key", "kind", "target", "title", "before", "after", "reversible", "depends_on", "params"),
    state=ActionState.PENDING,
    tries=0,
    settles=0,
    looks=0,
    has_password=False,
)

# Its actions

BEGIN_ACTION = Prepared(
    update(_ACTIONS)
    .where(_own(_ACTIONS))
    .values(
        state=ActionState.RUNNING,
        effect=bindparam("effect"),
        fence=bindparam("fence"),
        next_try_at=None,
        error=null(),
        started_at=func.coalesce(_ACTIONS.c.started_at, func.now()),
        finished_at=None,
    )
)
_LOOK_IN = bindparam("look_in", type_=Interval())
RECORD_OUTCOME = Prepared(
    update(_ACTIONS)
    .where(_own(_ACTIONS))
    .values(
        state=bindparam("state"),
        effect=EffectState.CONFIRMED,
        note=bindparam("note"),
        error=null(),
        next_try_at=None,
        expires_at=bindparam("expires_at"),
        look_at=func.now() + _LOOK_IN,
        looks=0,
        known_as=bindparam("known_as"),
        finished_at=case((_LOOK_IN.is_(None), func.now())),
        tries=_ACTIONS.c.tries + 1,
    )
)
"""Without `look_in` it has ended."""
ADD_CALLS = InsertRows(
    ProviderCall,
    *("id", "request_id", "result_id", "action_id", "purpose", "method", "path", "status", "ms", "attempt"),
    *("request_body", "response_body"),
)

# Its end

END_RESULT = Prepared(
    update(_RESULTS)
    .where(_own(_RESULTS))
    .values(
        state=bindparam("state"),
        error=bindparam("error"),
        next_try_at=None,
        waiting_reason=None,
        finished_at=case((bindparam("ended", type_=Boolean()), func.now())),
    )
)
RESULT_STATES = Prepared(
    select(Result.state).where(
        Result.tenant_id == bindparam("tenant_id"), Result.request_id == bindparam("request_id")
    )
)
SETTLE_REQUEST = Prepared(
    update(_REQUESTS)
    .where(_own(_REQUESTS))
    .values(state=bindparam("state"), finished_at=case((bindparam("ended", type_=Boolean()), func.now())))
)
