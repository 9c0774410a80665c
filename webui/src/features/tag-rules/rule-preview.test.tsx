import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { DecisionRead } from '@/api/types'
import { answers } from '@/test/answers'
import { showRouted } from '@/test/render'
import { NEW, toBody } from './draft'
import { RulePreview } from './rule-preview'

const rule = toBody({ ...NEW, tag: 'night shift' })

function decisionOf(id: string, extra: Partial<DecisionRead> = {}): DecisionRead {
  return {
    employee: { id, full_name: `Person ${id}`, work_email: `${id}@acme.example` },
    role_template: { id: 't1', key: 'engineer', name: 'Engineer' },
    at: '2026-12-01T07:00:00Z',
    local: '2026-12-01T08:00:00+01:00',
    time_zone: 'Europe/Berlin',
    note: null,
    reason: null,
    queued: false,
    not_connected: [],
    switched_off: [],
    warning: null,
    ...extra,
  }
}

describe('what a tag rule would do', () => {
  it('is asked about without storing it, and says when, with what, and why not', async () => {
    const heard = answers({
      'POST /api/tag-rules/preview': {
        body: {
          items: [
            decisionOf('a', { note: { code: 'gap', message: 'Clocks go forward.' }, warning: 'Not connected: GitHub.' }),
            decisionOf('b', { at: null, local: null, role_template: null, reason: 'This person has no start date yet.' }),
          ],
        },
      },
    })
    await showRouted(<RulePreview rule={rule} sound storedId={null} />)
    expect(await screen.findByText('Clocks go forward.')).toBeInTheDocument()
    expect(screen.getByText('Not connected: GitHub.')).toBeInTheDocument()
    expect(screen.getByText(/Tue 1 Dec 2026, 08:00/)).toBeInTheDocument()
    expect(screen.getByText(/has no start date yet/)).toBeInTheDocument()
    expect(screen.getByText(/2 people have the tag now/)).toBeInTheDocument()
    expect(heard.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /api/tag-rules/preview'])
    expect(heard[0]?.body).toEqual(rule)
  })

  it('is that of the stored rule while nothing was changed: whom it has queued', async () => {
    answers({ 'GET /api/tag-rules/r1/preview': { body: { items: [decisionOf('a', { queued: true })] } } })
    await showRouted(<RulePreview rule={rule} sound storedId="r1" />)
    expect(await screen.findByText(/Queued for/)).toBeInTheDocument()
  })

  it('says so where nobody has the tag, and waits for a rule that can be asked about', async () => {
    const heard = answers({ 'POST /api/tag-rules/preview': { body: { items: [] } } })
    await showRouted(<RulePreview rule={rule} sound storedId={null} />)
    expect(await screen.findByText(/Nobody has the tag “night shift” now/)).toBeInTheDocument()
    await showRouted(<RulePreview rule={toBody(NEW)} sound={false} storedId={null} />)
    expect(await screen.findByText('Shown once the rule has a tag and a time.')).toBeInTheDocument()
    expect(heard).toHaveLength(1)
  })
})
