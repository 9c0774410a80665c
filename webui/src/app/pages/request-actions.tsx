import { Button } from '@mantine/core'
import type { RequestRead } from '@/api/types'
import { Icon } from '@/ui/icons'

const RUNNING = new Set(['queued', 'running', 'scheduled'])

interface RequestActionsProps {
  request: RequestRead
  busy: boolean
  onRetry: () => void
  onCancel: () => void
}

/** What can be done with the whole request now. */
export function RequestActions({ request, busy, onRetry, onCancel }: RequestActionsProps) {
  const failed = request.results.filter((result) => result.state === 'error' || result.state === 'partial').length
  return (
    <>
      {failed > 0 && !RUNNING.has(request.state) && (
        <Button id="request-retry" variant={failed > 1 ? 'filled' : 'default'} loading={busy} leftSection={<Icon name="retry" size={16} />} onClick={onRetry}>
          Retry what failed
        </Button>
      )}
      {RUNNING.has(request.state) && !request.cancel_requested && (
        <Button id="request-cancel" variant="default" onClick={onCancel}>
          Cancel
        </Button>
      )}
    </>
  )
}
