import { Checkbox } from '@mantine/core'
import type { OptionRead } from '@/api/types'
import { slug } from '@/lib/format'
import { keyOf, leftOut } from '../values'
import classes from './options.module.css'
import type { FieldProps } from './types'

type OptionPartsProps = Pick<FieldProps, 'id' | 'field' | 'value' | 'onChange'> & {
  seen: (key: string) => OptionRead | undefined
}

/** What is inside each chosen option, folded away: a licence's services, of which some may be switched off. */
export function OptionParts({ id, field, value, seen, onChange }: OptionPartsProps) {
  const { parts } = field
  if (parts === undefined || !Array.isArray(value)) return null
  const entries = value as unknown[]

  function leave(key: string, out: string[]) {
    onChange(entries.map((entry) => (keyOf(entry) !== key ? entry : out.length === 0 ? key : { [parts?.key ?? '']: key, [parts?.name ?? '']: out })))
  }

  return entries.map((entry) => {
    const key = keyOf(entry)
    const option = key === null ? undefined : seen(key)
    if (key === null || option === undefined || option.parts.length === 0) return null
    // A template or a program may have named a service instead of giving its id.
    const off = leftOut(entry, parts.name).map((one) => option.parts.find((part) => part.label.toLowerCase() === one.toLowerCase())?.value ?? one)
    return (
      <details key={key} className={classes.parts}>
        <summary id={`${id}-parts-${slug(key)}`}>
          {option.label}: {off.length === 0 ? 'everything in it is on' : `${off.length} of ${option.parts.length} switched off`}
        </summary>
        <Checkbox.Group
          aria-label={`${parts.title}: ${option.label}`}
          value={option.parts.map((part) => part.value).filter((one) => !off.includes(one))}
          onChange={(on) => {
            leave(key, option.parts.map((part) => part.value).filter((one) => !on.includes(one)))
          }}
        >
          <div className={classes.partList}>
            <span className={classes.partHelp}>Untick what shall be off.</span>
            {option.parts.map((part) => (
              <Checkbox key={part.value} id={`${id}-part-${slug(key)}-${slug(part.value)}`} value={part.value} label={part.label} size="xs" />
            ))}
          </div>
        </Checkbox.Group>
      </details>
    )
  })
}
