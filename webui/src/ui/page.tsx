import { Skeleton, Stack, Title } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { Icon, type IconName } from './icons'
import { Note } from './note'
import { Button } from '@mantine/core'
import { ApiError, messageOf } from '@/api/errors'
import { useTitle } from '@/lib/use-title'
import classes from './page.module.css'

interface PageProps {
  title: string
  /** The tab's title, where it says more than the heading. */
  documentTitle?: string
  heading?: ReactNode
  lead?: ReactNode
  action?: ReactNode
  above?: ReactNode
  narrow?: boolean
  children: ReactNode
}

/** A page: title, one sentence of what it is, the primary action at the right, content. */
export function Page({ title, documentTitle, heading, lead, action, above, narrow = false, children }: PageProps) {
  useTitle(documentTitle ?? title)
  const main = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    // A new page begins at its heading for the keyboard and the screen reader, unless something on it took the focus.
    if (document.activeElement === null || document.activeElement === document.body) main.current?.focus()
  }, [])
  return (
    <div className={classes.page} data-narrow={narrow || undefined}>
      {above !== undefined && <nav className={classes.above} aria-label="Back">{above}</nav>}
      <header className={classes.header}>
        <div className={classes.heading}>
          <Title order={1} ref={main} tabIndex={-1} className={classes.title}>
            {heading ?? title}
          </Title>
          {lead !== undefined && <div className={classes.lead} data-words={typeof lead === 'string' || undefined}>{lead}</div>}
        </div>
        {action !== undefined && <div className={classes.action}>{action}</div>}
      </header>
      {children}
    </div>
  )
}

/** What a list shows when it has nothing: what would be here, and how it gets here. */
export function EmptyState({ icon, title, children, action }: { icon: IconName; title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <Icon name={icon} size={28} className={classes.emptyIcon} />
      <Title order={2}>{title}</Title>
      <div className={classes.emptyText}>{children}</div>
      {action}
    </div>
  )
}

/** What stands in for content that could not be fetched. */
export function ErrorState({ error, onRetry, id }: { error: unknown; onRetry?: () => void; id: string }) {
  const api = error instanceof ApiError ? error : null
  return (
    <Note
      tone="bad"
      role="alert"
      title={api?.title ?? 'This could not be loaded'}
      actions={
        onRetry && (
          <Button id={`${id}-retry`} variant="default" leftSection={<Icon name="retry" size={16} />} onClick={onRetry}>
            Try again
          </Button>
        )
      }
    >
      {messageOf(error)}
      {api?.correlationId != null && (
        <div className={classes.reference}>
          Reference <span className="mono">{api.correlationId}</span>
        </div>
      )}
    </Note>
  )
}

/** Grey bars in the shape of what is coming. */
export function LoadingBlocks({ blocks = 3, height = 88 }: { blocks?: number; height?: number }) {
  return (
    <Stack gap="md" role="status" aria-label="Loading">
      {Array.from({ length: blocks }, (_, index) => (
        <Skeleton key={index} height={height} radius="md" />
      ))}
    </Stack>
  )
}
