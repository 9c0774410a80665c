import { Button, Paper, Radio } from '@mantine/core'
import type { ReactNode } from 'react'
import { WhenFields } from '@/features/schedule/when-fields'
import { WhenPreview } from '@/features/schedule/when-preview'
import { formatWall, isDay } from '@/lib/zones'
import { Note } from '@/ui/note'
import layout from '../request-page.module.css'
import classes from './later-section.module.css'
import type { Later } from './use-later'

/** Now, or on a date: the wizard's last question. */
export function LaterSection({ later }: { later: Later }) {
  const { isLater, when } = later
  return (
    <Paper p="md" className={classes.section}>
      <Radio.Group
        id="run"
        name="run"
        label="When"
        value={isLater ? 'later' : 'now'}
        onChange={(value) => {
          later.choose(value === 'later')
        }}
      >
        <div className={classes.options}>
          <Radio id="run-now" value="now" label="Now" />
          <Radio id="run-later" value="later" label="On a date" />
        </div>
      </Radio.Group>
      {isLater && (
        <>
          <WhenFields id="run" value={when} errors={later.errors} onChange={later.change} />
          <WhenPreview id="run-preview" preview={later.preview} />
          <p className={classes.told} id="run-told">
            {later.links
              ? 'What is there then is read again and a fresh plan is applied. An account that exists by then is linked to this person, in each app.'
              : 'What is there then is read again and a fresh plan is applied. Where that plan asks something, nothing is changed and a person decides.'}
            {later.open > 0 && ' What is asked above will be asked again.'}
          </p>
        </>
      )}
      {isLater && later.refusal !== null && (
        <Note tone="bad" role="alert" id="run-refused" title="It was not scheduled">
          {later.refusal}
        </Note>
      )}
    </Paper>
  )
}

/** The bar below the plan, where the hire runs later. */
export function LaterBar({ later, start }: { later: Later; start: ReactNode }) {
  const { when } = later
  return (
    <div className={layout.bar}>
      {start}
      <div className={layout.barEnd}>
        <span className={layout.barNote}>Nothing is changed before that.</span>
        <Button id="plan-schedule" size="md" loading={later.busy} disabled={!later.ready} onClick={later.schedule}>
          {isDay(when.day) ? `Schedule for ${formatWall(`${when.day}T${when.time}`)}` : 'Schedule'}
        </Button>
      </div>
    </div>
  )
}
