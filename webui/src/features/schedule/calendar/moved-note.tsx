import { Button } from '@mantine/core'
import { Note } from '@/ui/note'
import classes from './calendar.module.css'
import type { Moved } from './use-move'

/** What became of a move, and the way back. */
export function MovedNote({ moved, onClose }: { moved: Moved | null; onClose: () => void }) {
  return (
    <div role="status" id="calendar-moved" data-state={moved?.state} className={classes.moved}>
      {moved !== null && (
        <Note
          tone={moved.state === 'refused' ? 'bad' : 'ok'}
          title={moved.state === 'refused' ? `${moved.name} stays where it was` : moved.words}
          actions={
            moved.state !== 'moving' && (
              <>
                {moved.undo && (
                  <Button id="calendar-undo" variant="default" size="xs" onClick={moved.undo}>
                    Undo
                  </Button>
                )}
                <Button id="calendar-moved-close" variant="subtle" color="gray" size="xs" onClick={onClose}>
                  Close
                </Button>
              </>
            )
          }
        >
          {moved.state === 'refused' ? moved.words : undefined}
        </Note>
      )}
    </div>
  )
}
