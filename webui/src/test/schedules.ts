import type { EntryRead, RunRead, ScheduleDetail, TagRuleRead } from '@/api/types'

export function scheduleOf(extra: Partial<ScheduleDetail> = {}): ScheduleDetail {
  return {
    id: 's1',
    status: 'pending',
    kind: 'onboard',
    employee: { id: 'e1', full_name: 'Mary Jackson', work_email: 'mary@acme.example' },
    apps: [{ app: 'slack', title: 'Slack' }],
    role_template: null,
    tags: [],
    priority: 0,
    schedule_time: '2026-11-24T07:00:00Z',
    time_zone: 'Europe/Berlin',
    recurrence: null,
    next_run_at: '2026-11-24T07:00:00Z',
    at: '2026-11-24T07:00:00Z',
    local: '2026-11-24T08:00:00+01:00',
    executed_at: null,
    retry_count: 0,
    error_message: null,
    needs_person: false,
    request_id: null,
    latest_run: null,
    source: 'operator',
    tag_rule_id: null,
    created_at: '2026-11-20T10:00:00Z',
    created_by: { kind: 'operator', name: 'Ada' },
    updated_at: '2026-11-20T10:00:00Z',
    upcoming: [{ at: '2026-11-24T07:00:00Z', local: '2026-11-24T08:00:00+01:00', note: null }],
    applications: {},
    person: {},
    existing_account: 'ask',
    ...extra,
  }
}

export function runOf(extra: Partial<RunRead> = {}): RunRead {
  return {
    id: 'run1',
    fire_at: '2026-11-24T07:00:00Z',
    local: '2026-11-24T08:00:00+01:00',
    by_hand: false,
    state: 'completed',
    request_id: 'r1',
    retry_count: 0,
    next_try_at: null,
    error_message: null,
    claimed_at: '2026-11-24T07:00:00Z',
    started_at: '2026-11-24T07:00:01Z',
    finished_at: '2026-11-24T07:00:09Z',
    ...extra,
  }
}

export function entryOf(extra: Partial<EntryRead> = {}): EntryRead {
  return {
    schedule_id: 's1',
    run_id: null,
    request_id: null,
    at: '2026-11-24T07:00:00Z',
    local: '2026-11-24T08:00:00+01:00',
    status: 'pending',
    run_state: null,
    full_name: 'Mary Jackson',
    work_email: 'mary@acme.example',
    tags: [],
    priority: 0,
    recurring: false,
    needs_person: false,
    ...extra,
  }
}

export function tagRuleOf(extra: Partial<TagRuleRead> = {}): TagRuleRead {
  return {
    id: 'rule1',
    tag: 'to be created',
    slug: 'to-be-created',
    role_template_id: null,
    role_template: null,
    offset_days: -3,
    time_of_day: '08:00',
    time_zone: null,
    priority: 0,
    enabled: true,
    shipped: false,
    ...extra,
  }
}
