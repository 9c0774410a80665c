import { screen } from '@testing-library/react'
import { describe, expect, it } from 'vitest'
import { showRouted } from '@/test/render'
import { Waits } from './waits'

describe('what waits for whom', () => {
  it('counts tasks and invitations, and leads to the requests behind each number', async () => {
    const tasks = [
      { assignee: { id: 'o1', name: 'Ada' }, tasks: 2 },
      { assignee: null, tasks: 1 },
      { assignee: { id: 'o2', name: 'Bea' }, tasks: 3 },
    ]
    await showRouted(<Waits waits={{ mine: 2, tasks, invitations: 4 }} me="o1" />)
    expect(screen.getAllByRole('link').map((link) => [link.textContent.trim(), link.getAttribute('href')])).toEqual([
      ['2 Tasks of yours', '/requests?waiting_for=me'],
      ['1 Task not taken yet', '/requests?waiting_for=nobody'],
      ['6 Tasks in all', '/requests?waiting_for=person'],
      ['4 Invitations out', '/requests?waiting_for=invited'],
    ])
    expect(screen.getByText('Bea has 3.')).toBeVisible()
  })

  it('is not there where nothing waits', async () => {
    await showRouted(<Waits waits={{ mine: 0, tasks: [], invitations: 0 }} me="o1" />)
    expect(screen.queryByRole('link')).not.toBeInTheDocument()
  })
})
