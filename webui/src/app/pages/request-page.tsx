import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { requestQuery } from '@/features/requests/api'
import { ErrorState, LoadingBlocks, Page } from '@/ui/page'
import { TextLink } from '@/ui/link'
import { LiveRequest } from './live-request'

const route = getRouteApi('/signed-in/requests/$requestId')

export function RequestPage() {
  const { requestId } = route.useParams()
  const query = useQuery(requestQuery(requestId))
  if (query.data) return <LiveRequest key={requestId} request={query.data} stale={query.isRefetchError} />
  return (
    <Page
      title="Request"
      above={
        <TextLink id="request-back" to="/requests" size="sm">
          Requests
        </TextLink>
      }
    >
      {query.isPending ? <LoadingBlocks /> : <ErrorState id="request" error={query.error} onRetry={() => void query.refetch()} />}
    </Page>
  )
}
