import { Button, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { ActionRead, TaskRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { Note } from '@/ui/note'
import { RelativeTime } from '@/ui/time'
import type { Acting } from '../acting'
import { TaskOwner } from './task-owner'
import classes from './waits.module.css'

interface PersonTaskProps {
  id: string
  /** The app's name, for what its vendor does not show. */
  title: string
  action: ActionRead
  task: TaskRead
  acting: Acting
}

/** A task for one of us: what to do, where, whose it is, and the button that says that it is done. */
export function PersonTask({ id, title, action, task, acting }: PersonTaskProps) {
  return (
    <div className={classes.task} id={`${id}-task`}>
      <ol className={classes.steps} aria-label="What to do">
        {task.instructions.map((line, index) => (
          <li key={`${index}-${line}`}>{line}</li>
        ))}
      </ol>
      {task.link !== null && (
        <div>
          <Button id={`${id}-link`} component="a" href={task.link} target="_blank" rel="noreferrer" variant="default" size="xs" rightSection={<Icon name="link" size={14} />}>
            Open {hostOf(task.link)}
          </Button>
        </div>
      )}
      <TaskOwner id={id} action={action} task={task} acting={acting} />
      {task.checking ? (
        <div className={classes.checking} role="status" id={`${id}-checking`}>
          <Icon name="running" size={14} data-spin />
          <span>
            {saidBy(task, acting.me)} that it is done. {title} is being asked.
          </span>
        </div>
      ) : (
        action.note !== null && (
          <Note tone="warn" role="status" id={`${id}-verdict`} title={action.note}>
            <Said task={task} me={acting.me} />
            {action.error?.remedy != null && <div>{action.error.remedy}</div>}
          </Note>
        )
      )}
      {acting.mayWrite && !task.checking && <SayDone id={id} action={action} acting={acting} again={task.said_done !== null} />}
    </div>
  )
}

/** What became of a task that is over: who did it, and what they wrote. */
export function TaskDone({ task, me }: { task: TaskRead; me: string | null }) {
  return (
    <div className={classes.muted}>
      <Said task={task} me={me} />
    </div>
  )
}

function saidBy(task: TaskRead, me: string | null): string {
  const by = task.said_done?.by
  return by === undefined ? 'Somebody said' : by.id === me ? 'You said' : `${by.name} said`
}

function Said({ task, me }: { task: TaskRead; me: string | null }) {
  if (task.said_done === null) return null
  return (
    <>
      {saidBy(task, me)} <RelativeTime at={task.said_done.at} /> that it is done
      {task.said_done.note === null ? '.' : <>: <q className={classes.quote}>{task.said_done.note}</q></>}
    </>
  )
}

function SayDone({ id, action, acting, again }: { id: string; action: ActionRead; acting: Acting; again: boolean }) {
  const [note, setNote] = useState<string | null>(null)
  return (
    <div className={classes.done}>
      {note !== null && (
        <Textarea
          id={`${id}-note`}
          label="Note"
          description="For whoever looks at this later. Optional."
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          data-autofocus
          autoFocus
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value)
          }}
        />
      )}
      <div className={classes.buttons}>
        <Button
          id={`${id}-done`}
          size="xs"
          leftSection={<Icon name="check" size={16} />}
          loading={acting.isBusy('done', action.id)}
          onClick={() => {
            acting.run({ what: 'done', action: action.id, note: note ?? '' })
          }}
        >
          {again ? 'It is done now' : 'I have done it'}
        </Button>
        {note === null && (
          <Button
            id={`${id}-note-add`}
            variant="subtle"
            size="xs"
            onClick={() => {
              setNote('')
            }}
          >
            Add a note
          </Button>
        )}
      </div>
    </div>
  )
}

/** The place that a link leads to, as people call it. */
function hostOf(link: string): string {
  try {
    return new URL(link).host.replace(/^www\./, '')
  } catch {
    return 'the page'
  }
}
