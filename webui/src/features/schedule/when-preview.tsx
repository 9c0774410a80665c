import { useDebouncedValue } from '@mantine/hooks'
import { useQuery } from '@tanstack/react-query'
import { ApiError } from '@/api/errors'
import { count } from '@/lib/format'
import { formatRelative } from '@/lib/time'
import { useNow } from '@/lib/use-now'
import { previewQuery } from './api'
import { Coming } from './coming'
import classes from './schedule.module.css'
import { whenProblems, type When } from './when'

/** What the server makes of a form's time: the times it comes to, or what is wrong with it, by field. */
export function useWhenPreview(when: When, enabled = true) {
  const [asked] = useDebouncedValue(when, 250)
  const sound = Object.keys(whenProblems(asked)).length === 0
  const query = useQuery({ ...previewQuery(asked), enabled: enabled && sound })
  const errors = query.error instanceof ApiError ? query.error.byField() : {}
  const settled = asked === when && !query.isPlaceholderData && !query.isFetching
  return { preview: sound && query.error === null ? query.data : undefined, errors, settled }
}

/** In words: when, how far away, and what clocks that are put forward or back do to it. */
export function WhenPreview({ id, preview }: { id: string; preview: ReturnType<typeof useWhenPreview>['preview'] }) {
  const now = useNow(30_000)
  const first = preview?.items[0]
  return (
    <div id={id} className={classes.preview} role="status">
      {preview && first && (
        <>
          <span className={classes.previewTitle}>
            {preview.items.length > 1 ? `The next ${count(preview.items.length, 'time')} in ${preview.time_zone}` : `Runs ${formatRelative(new Date(first.at), now)}`}
          </span>
          <Coming id={`${id}-times`} items={preview.items} zone={preview.time_zone} />
        </>
      )}
    </div>
  )
}
