import { Radio, Stack } from '@mantine/core'
import type { ChoiceRead } from '@/api/types'
import { slug } from '@/lib/format'
import classes from './plans.module.css'

interface PlanChoiceProps {
  id: string
  choice: ChoiceRead
  selected: string | null
  /** Without it the choice is only shown. */
  onSelect?: (value: string) => void
}

/** A question that the plan asks, answered in its place. */
export function PlanChoice({ id, choice, selected, onSelect }: PlanChoiceProps) {
  return (
    <div className={classes.choice} data-open={selected === null || undefined}>
      <Radio.Group id={id} name={id} label={choice.message} value={selected ?? ''} onChange={onSelect}>
        <Stack gap={8} mt={8}>
          {choice.options.map((option) => (
            <Radio key={option.value} id={`${id}-${slug(option.value)}`} value={option.value} label={option.label} disabled={onSelect === undefined} />
          ))}
        </Stack>
      </Radio.Group>
    </div>
  )
}
