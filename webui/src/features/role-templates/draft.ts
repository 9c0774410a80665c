import type { AppRead, ConditionsRead, RoleTemplateCreate, RoleTemplateVersionRead } from '@/api/types'
import { fillable, filledIn } from '@/forms/filling'
import { problemsOf } from '@/forms/validate'
import { toWire, type Values } from '@/forms/values'

/** A role template as it is being written. */
export interface TemplateDraft {
  name: string
  description: string
  tags: readonly string[]
  conditions: ConditionsRead
  /** The fields that the template fills in, by app. An app without any is switched on all the same. */
  apps: Readonly<Record<string, Values>>
}

export const CONDITIONS: { name: keyof ConditionsRead; label: string; example: string }[] = [
  { name: 'job_title', label: 'Job title', example: '*engineer*' },
  { name: 'department', label: 'Department', example: 'Sales*' },
  { name: 'location', label: 'Location', example: 'Berlin' },
]

export const NEW: TemplateDraft = {
  name: '',
  description: '',
  tags: [],
  conditions: { department: [], location: [], job_title: [] },
  apps: {},
}

/** A version as the beginning of a draft. */
export function draftOf(version: RoleTemplateVersionRead): TemplateDraft {
  const { name, description, tags, conditions, apps } = version
  return { name, description, tags, conditions, apps }
}

/** What keeps a draft from being saved, in words by path; the server repeats every check. */
export function problemsIn(draft: TemplateDraft, apps: readonly AppRead[]): Record<string, string> {
  const problems: Record<string, string> = {}
  if (draft.name.trim() === '') problems.name = 'This is needed.'
  if (Object.keys(draft.apps).length === 0) problems.apps = 'Switch on at least one app.'
  for (const app of apps) {
    const values = draft.apps[app.key]
    if (values === undefined) continue
    for (const [name, problem] of Object.entries(problemsOf(filledIn(fillable(app), values), values))) {
      problems[`apps.${app.key}.${name}`] = problem
    }
  }
  return problems
}

/** The draft on the wire. Of an app that is no longer installed nothing can be said, so it is left out. */
export function toBody(draft: TemplateDraft, apps: readonly AppRead[]): RoleTemplateCreate {
  const chosen = apps.filter((app) => app.key in draft.apps)
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    tags: [...draft.tags],
    conditions: draft.conditions,
    apps: Object.fromEntries(
      chosen.map((app) => {
        const values = draft.apps[app.key] ?? {}
        const drawn = filledIn(fillable(app), values)
        const names = new Set(fillable(app).map((field) => field.name))
        const others = Object.fromEntries(Object.entries(values).filter(([name]) => !names.has(name)))
        return [app.key, { ...others, ...toWire(drawn, values) }]
      }),
    ),
  }
}

/** “Job title, location”: what a template is suggested for. */
export function conditionWords(conditions: ConditionsRead): string {
  return CONDITIONS.filter(({ name }) => conditions[name].length > 0)
    .map(({ label, name }) => `${label} ${conditions[name].join(' or ')}`)
    .join('; ')
}
