import { Button } from '@mantine/core'
import { Icon } from '@/ui/icons'
import classes from './notifications.module.css'
import type { Feed } from './use-feed'

/** Says whether the list follows what arrives, and lets it stand still for a while. */
export function LiveTail({ feed }: { feed: Feed }) {
  const { following, paused, missed, pause, resume } = feed
  const live = following === 'live' && !paused
  return (
    <div className={classes.tail}>
      <span className={classes.live} data-live={live || undefined} id="events-following" data-following={paused ? 'paused' : following} role="status">
        <span className={classes.dot} data-live={live || undefined} aria-hidden="true" />
        {paused ? (missed > 0 ? `Paused: ${missed.toLocaleString('en')} more since` : 'Paused') : following === 'live' ? 'Live' : 'Refreshed every few seconds'}
      </span>
      <Button id="events-pause" variant="default" size="xs" leftSection={<Icon name={paused ? 'play' : 'pause'} size={14} />} onClick={paused ? resume : pause}>
        {paused ? 'Go on' : 'Pause'}
      </Button>
    </div>
  )
}
