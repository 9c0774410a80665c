import { NativeSelect, TextInput } from '@mantine/core'
import { ZoneField } from '@/ui/zone-field'
import { isDay } from '@/lib/zones'
import { repeatsFrom, type Repeat } from './recurrence'
import classes from './schedule.module.css'
import type { When } from './when'

interface WhenFieldsProps {
  /** Begins the fields' ids. */
  id: string
  value: When
  onChange: (change: Partial<When>) => void
  /** Messages by the server's fields: `schedule_time`, `time_zone`, `recurrence`. */
  errors: Readonly<Record<string, string>>
  /** Whether it may repeat. A hire happens once. */
  repeats?: boolean
}

/** A rule of its own says itself on which days and at which times it runs. */
const LABELS: Partial<Record<Repeat, string>> = { once: 'Day', own: 'Not before' }

/** Day, time and zone, and how often. */
export function WhenFields({ id, value, onChange, errors, repeats = false }: WhenFieldsProps) {
  const offered = isDay(value.day) ? repeatsFrom(value.day) : []
  return (
    <div className={classes.when}>
      <TextInput
        id={`${id}-day`}
        label={LABELS[value.repeat] ?? 'First day'}
        type="date"
        required
        value={value.day}
        error={errors.schedule_time}
        onChange={(event) => {
          onChange({ day: event.currentTarget.value })
        }}
      />
      <TextInput
        id={`${id}-time`}
        label="Time"
        type="time"
        required
        value={value.time}
        error={errors.schedule_time === undefined ? undefined : true}
        onChange={(event) => {
          onChange({ time: event.currentTarget.value.slice(0, 5) })
        }}
      />
      <ZoneField
        id={`${id}-zone`}
        value={value.zone}
        error={errors.time_zone}
        onChange={(zone) => {
          if (zone !== null) onChange({ zone })
        }}
      />
      {repeats && offered.length > 0 && (
        <NativeSelect
          id={`${id}-repeat`}
          label="Repeats"
          value={value.repeat}
          data={offered.map(({ value: key, label }) => ({ value: key, label }))}
          error={value.repeat === 'own' ? undefined : errors.recurrence}
          onChange={(event) => {
            onChange({ repeat: event.currentTarget.value as Repeat })
          }}
        />
      )}
      {repeats && value.repeat === 'own' && (
        <TextInput
          id={`${id}-rule`}
          className={classes.rule}
          label="Rule"
          description="A cron expression such as 0 8 * * 1-5, or an RRULE such as FREQ=MONTHLY;BYDAY=1MO."
          autoComplete="off"
          spellCheck={false}
          value={value.rule}
          error={errors.recurrence}
          onChange={(event) => {
            onChange({ rule: event.currentTarget.value })
          }}
        />
      )}
    </div>
  )
}
