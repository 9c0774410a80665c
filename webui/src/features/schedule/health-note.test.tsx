import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import type { ScheduleHealthRead } from '@/api/types'
import { showRouted } from '@/test/render'
import { HealthNote } from './health-note'

const WELL: ScheduleHealthRead = { status: 'ok', pending: 3, executing: 0, needs_person: 0, late: 0, late_seconds: 0, missed_last_7_days: 0, next_run_at: null, time_zone: 'UTC' }

describe('what somebody should know about the schedule', () => {
  it('is nothing where all is well', async () => {
    await showRouted(<HealthNote health={WELL} />)
    expect(document.querySelector('[data-tone]')).toBeNull()
  })

  it('is first of all that nothing runs', async () => {
    await showRouted(<HealthNote health={{ ...WELL, status: 'late', late: 2, late_seconds: 125, needs_person: 1 }} />)
    expect(screen.getByRole('alert')).toHaveTextContent('2 times passed and nothing ran')
    expect(screen.getByRole('alert')).toHaveTextContent('2 min 5 s')
  })

  it('leads to what waits for a person, and names what was missed', async () => {
    await showRouted(<HealthNote health={{ ...WELL, needs_person: 1, missed_last_7_days: 2 }} />)
    expect(screen.getByText('1 hire waits for a person')).toBeInTheDocument()
    expect(screen.getByText(/2 times were missed/)).toBeInTheDocument()
    expect(screen.getByRole('link')).toHaveAttribute('href', '/schedule?status=executing')
  })
})
