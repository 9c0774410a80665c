import type { ErrorComponentProps } from '@tanstack/react-router'
import { ButtonLink } from '@/ui/link'
import { EmptyState, ErrorState, LoadingBlocks, Page } from '@/ui/page'

/** An address that no page has. */
export function NotFound() {
  return (
    <Page title="Page not found">
      <EmptyState
        icon="search"
        title="There is nothing at this address"
        action={
          <ButtonLink id="not-found-home" to="/" variant="default">
            Go to the overview
          </ButtonLink>
        }
      >
        The link may be old, or the page may belong to another tenant.
      </EmptyState>
    </Page>
  )
}

/** What is shown when a page itself fails. */
export function RouteError({ error, reset }: ErrorComponentProps) {
  return (
    <Page title="This page failed">
      <ErrorState id="route-error" error={error} onRetry={reset} />
    </Page>
  )
}

/** While a page's code is on its way. */
export function RoutePending() {
  return (
    <Page title="Loading">
      <LoadingBlocks />
    </Page>
  )
}
