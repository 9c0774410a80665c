import { Button, TextInput } from '@mantine/core'

interface FilterDaysProps {
  /** The fields are `<id>-from` and `<id>-to`. */
  id: string
  from: string | undefined
  to: string | undefined
  onChange: (change: { from?: string; to?: string }) => void
}

/** The first and the last day that a list shows. */
export function FilterDays({ id, from, to, onChange }: FilterDaysProps) {
  return (
    <>
      <TextInput
        id={`${id}-from`}
        label="From"
        type="date"
        value={from ?? ''}
        max={to}
        onChange={(event) => {
          onChange({ from: event.currentTarget.value })
        }}
      />
      <TextInput
        id={`${id}-to`}
        label="To"
        type="date"
        value={to ?? ''}
        min={from}
        onChange={(event) => {
          onChange({ to: event.currentTarget.value })
        }}
      />
    </>
  )
}

/** Takes every filter away; stands there only where there is one. */
export function ClearFilters({ id, shown, onClear }: { id: string; shown: boolean; onClear: () => void }) {
  if (!shown) return null
  return (
    <Button id={`${id}-clear`} variant="subtle" color="gray" onClick={onClear}>
      Clear
    </Button>
  )
}
