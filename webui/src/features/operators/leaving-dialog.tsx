import { Stack } from '@mantine/core'
import { messageOf } from '@/api/errors'
import type { OperatorRead } from '@/api/types'
import { Confirm } from '@/ui/confirm'
import { Note } from '@/ui/note'
import { notify } from '@/ui/notify'
import { useOperatorAct } from './api'

const WORDS = {
  disable: {
    title: (name: string) => `Disable ${name}?`,
    confirm: 'Disable',
    text: 'They are signed out within ten seconds and cannot sign in until they are enabled again. Their tasks stay theirs until somebody takes them.',
    done: (name: string) => `${name} is disabled`,
  },
  remove: {
    title: (name: string) => `Remove ${name}?`,
    confirm: 'Remove',
    text: 'They are signed out within ten seconds and are no operator of this tenant any more. What they did stays in the audit log.',
    done: (name: string) => `${name} is removed`,
  },
}

/** Asks before somebody loses their way in. */
export function LeavingDialog({ operator, what, onClose }: { operator: OperatorRead; what: 'disable' | 'remove'; onClose: () => void }) {
  const acting = useOperatorAct()
  const words = WORDS[what]
  return (
    <Confirm
      id="operator-leaving-dialog"
      opened
      title={words.title(operator.name)}
      confirmLabel={words.confirm}
      cancelLabel="Keep them"
      danger
      busy={acting.isPending}
      onConfirm={() => {
        acting.mutate(what === 'remove' ? { what, id: operator.id } : { what: 'change', id: operator.id, disabled: true }, {
          onSuccess: () => {
            notify('ok', words.done(operator.name), 'It counts at once.')
            onClose()
          },
        })
      }}
      onClose={onClose}
    >
      <Stack gap="md">
        <div>{words.text}</div>
        {acting.isError && (
          <Note tone="bad" role="alert" id="operator-refused" title="Nothing was changed">
            {messageOf(acting.error)}
          </Note>
        )}
      </Stack>
    </Confirm>
  )
}
