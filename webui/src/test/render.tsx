import { MantineProvider } from '@mantine/core'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from '@tanstack/react-router'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'

/** A cache that asks once and remembers nothing. */
export function testQueries(): QueryClient {
  return new QueryClient({ defaultOptions: { queries: { retry: false, gcTime: 0 } } })
}

/** What surrounds every component: theme and cache. */
export function Around({ children, queries }: { children: ReactNode; queries?: QueryClient }) {
  return (
    <MantineProvider env="test">
      <QueryClientProvider client={queries ?? testQueries()}>{children}</QueryClientProvider>
    </MantineProvider>
  )
}

/** Renders a component that needs theme and cache. */
export function show(node: ReactNode, queries = testQueries()) {
  return { queries, ...render(<Around queries={queries}>{node}</Around>) }
}

/** Renders a component that also holds links. */
export async function showRouted(node: ReactNode) {
  const rootRoute = createRootRoute({ component: () => <Around>{node}</Around>, notFoundComponent: () => <Around>{node}</Around> })
  const router = createRouter({ routeTree: rootRoute, history: createMemoryHistory({ initialEntries: ['/'] }) })
  await router.load()
  return { router, ...render(<RouterProvider router={router as never} />) }
}
