import { Combobox, Loader, Text } from '@mantine/core'
import type { OptionRead } from '@/api/types'
import { count, slug } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { seatsOf } from '../use-options'
import classes from './options.module.css'

/** More choices than this are found faster by typing. */
const MANY = 30

interface OptionsListProps {
  id: string
  label: string
  items: readonly OptionRead[]
  chosen: readonly string[]
  state: 'loading' | 'failed' | 'ready'
  stale: boolean
  /** Why the vendor did not tell, where it did not. */
  reason?: string
}

/** The drop-down of a live choice: label, detail, free seats; and why it is empty when it is. */
export function OptionsList({ id, label, items, chosen, state, stale, reason }: OptionsListProps) {
  return (
    <Combobox.Dropdown>
      <Combobox.Options id={`${id}-list`} mah={280} className={classes.options} aria-label={label}>
        {state === 'loading' && (
          <Combobox.Empty>
            <Loader size="xs" aria-label="Loading choices" />
          </Combobox.Empty>
        )}
        {state === 'failed' && <Combobox.Empty>The choices could not be fetched from the vendor.</Combobox.Empty>}
        {state === 'ready' && items.length === 0 && <Combobox.Empty>{reason ?? 'Nothing matches.'}</Combobox.Empty>}
        {items.map((option) => {
          const seats = seatsOf(option)
          return (
            <Combobox.Option
              key={option.value}
              id={`${id}-option-${slug(option.value) || 'root'}`}
              value={option.value}
              disabled={option.disabled === true && !chosen.includes(option.value)}
              active={chosen.includes(option.value)}
              className={classes.option}
            >
              <span className={classes.mark}>{chosen.includes(option.value) && <Icon name="check" size={14} />}</span>
              <span className={classes.words}>
                <span className={classes.label}>{option.label}</span>
                {option.detail != null && option.detail !== '' && <span className={classes.detail}>{option.detail}</span>}
              </span>
              {seats !== null && (
                <span className={classes.seats} data-none={(option.free ?? 1) <= 0 || undefined}>
                  {seats}
                </span>
              )}
            </Combobox.Option>
          )
        })}
      </Combobox.Options>
      {state === 'ready' && items.length > MANY && (
        <Combobox.Footer>
          <Text size="xs" c="dimmed">
            {count(items.length, 'choice')}. Type to narrow them.
          </Text>
        </Combobox.Footer>
      )}
      {stale && items.length > 0 && (
        <Combobox.Footer>
          <Text size="xs" c="dimmed">
            {reason ?? 'The vendor does not answer now.'} These choices are from its last answer.
          </Text>
        </Combobox.Footer>
      )}
    </Combobox.Dropdown>
  )
}
