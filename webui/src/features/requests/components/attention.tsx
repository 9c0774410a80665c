import { UnstyledButton } from '@mantine/core'
import { count, slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { Icon, type IconName } from '@/ui/icons'
import type { Tone } from '@/ui/tone'
import type { Matter } from '../matters'
import classes from './attention.module.css'
import { Countdown } from './countdown'

const LOOKS: Record<Matter['kind'], { icon: IconName; tone: Tone; word: string }> = {
  error: { icon: 'alert', tone: 'bad', word: 'Failed' },
  task: { icon: 'task', tone: 'warn', word: 'Task' },
  invitation: { icon: 'mail', tone: 'info', word: 'Invitation' },
  password: { icon: 'key', tone: 'neutral', word: 'Password' },
}

/** What needs somebody in a request of many apps, errors first; each entry leads to its place below. */
export function Attention({ matters, onShow }: { matters: readonly Matter[]; onShow: (matter: Matter) => void }) {
  return (
    <section className={classes.panel} aria-labelledby="request-attention-title" id="request-attention">
      <h2 className={classes.title} id="request-attention-title">
        {count(matters.length, 'thing needs', 'things need')} somebody
      </h2>
      <ul className={classes.list}>
        {matters.map((matter) => {
          const look = LOOKS[matter.kind]
          return (
            <li key={matter.key}>
              <UnstyledButton
                id={`attention-${slug(matter.key)}`}
                className={classes.entry}
                onClick={() => {
                  onShow(matter)
                }}
              >
                <AppGlyph app={matter.app} size={22} />
                <span className={classes.app}>{matter.title}</span>
                <span className={classes.kind} data-tone={look.tone}>
                  <Icon name={look.icon} size={14} />
                  {look.word}
                </span>
                <span className={classes.words}>
                  {matter.words}
                  {matter.until !== null && (
                    <span className={classes.until}>
                      {' '}
                      · lapses <Countdown at={matter.until} />
                    </span>
                  )}
                </span>
                <Icon name="chevronRight" size={14} className={classes.chevron} />
              </UnstyledButton>
            </li>
          )
        })}
      </ul>
    </section>
  )
}
