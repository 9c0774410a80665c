import { ActionIcon, Paper, Text, Title, Tooltip } from '@mantine/core'
import type { AccountRead, GrantRead } from '@/api/types'
import { humanize, slug } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { Icon } from '@/ui/icons'
import { StateBadge } from '@/ui/state-badge'
import { RelativeTime } from '@/ui/time'
import { Truncate } from '@/ui/truncate'
import classes from './people.module.css'

const GROUPS: [kind: string, title: string][] = [
  ['license', 'Licences'],
  ['group', 'Groups'],
  ['team', 'Teams'],
  ['channel', 'Channels'],
  ['role', 'Roles'],
  ['entitlement', 'Entitlements'],
  ['org_unit', 'Org unit'],
  ['manager', 'Manager'],
  ['manual', 'Done by hand'],
]

/** A person's account in one app, with what it holds and who gave it. */
export function AccountCard({ account }: { account: AccountRead }) {
  const id = `account-${slug(account.app)}`
  const known = new Set(GROUPS.map(([kind]) => kind))
  const rest = [...new Set(account.grants.map((grant) => grant.kind))].filter((kind) => !known.has(kind))
  const groups: [string, string][] = [...GROUPS, ...rest.map((kind): [string, string] => [kind, humanize(kind)])]
  return (
    <Paper component="section" id={id} aria-labelledby={`${id}-title`} className={classes.card}>
      <header className={classes.cardHeader}>
        <AppGlyph app={account.app} />
        <div className={classes.cardHeading}>
          <Title order={3} id={`${id}-title`}>
            {account.title}
          </Title>
          <Truncate text={account.label} className={classes.muted} />
        </div>
        <StateBadge state={account.state} />
        {account.url !== null && (
          <Tooltip label={`Open in ${account.title}`}>
            <ActionIcon id={`${id}-open`} component="a" href={account.url} target="_blank" rel="noreferrer" aria-label={`Open in ${account.title}`} size="md">
              <Icon name="link" size={16} />
            </ActionIcon>
          </Tooltip>
        )}
      </header>
      <Text size="sm" c="dimmed" component="div">
        {account.adopted ? 'Was there before and was linked' : 'Made by OneClick'} <RelativeTime at={account.since} />
      </Text>
      {account.grants.length === 0 && (
        <Text size="sm" c="dimmed">
          No licences or groups.
        </Text>
      )}
      {groups.map(([kind, title]) => {
        const grants = account.grants.filter((grant) => grant.kind === kind)
        return grants.length > 0 && <Grants key={kind} title={title} grants={grants} />
      })}
    </Paper>
  )
}

function Grants({ title, grants }: { title: string; grants: readonly GrantRead[] }) {
  return (
    <div>
      <div className={classes.grantTitle}>{title}</div>
      <ul className={classes.grants}>
        {grants.map((grant) => (
          <li key={grant.key}>
            <Truncate text={grant.label} />
            <span className={classes.by}>{grant.given_by_us ? 'given by OneClick' : 'given by others'}</span>
          </li>
        ))}
      </ul>
    </div>
  )
}
