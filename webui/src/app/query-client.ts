import { QueryCache, MutationCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from '@/api/errors'

/** The one cache. A refusal because the session ended is told to `onSignedOut`, wherever it happened. */
export function makeQueryClient(onSignedOut: () => void): QueryClient {
  const heed = (error: unknown) => {
    if (error instanceof ApiError && error.status === 401) onSignedOut()
  }
  return new QueryClient({
    queryCache: new QueryCache({ onError: heed }),
    mutationCache: new MutationCache({ onError: heed }),
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        retry: (failures, error) => failures < 2 && !(error instanceof ApiError && error.status < 500),
      },
    },
  })
}
