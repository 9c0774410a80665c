import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { messageOf } from '@/api/errors'
import type { ApiKeyRead } from '@/api/types'
import { apiKeysQuery, useRevokeApiKey } from '@/features/api-keys/api'
import { ApiKeysTable } from '@/features/api-keys/api-keys-table'
import { CreateKeyDialog } from '@/features/api-keys/create-key-dialog'
import { can, sessionQuery } from '@/features/session/api'
import { Confirm } from '@/ui/confirm'
import { Icon } from '@/ui/icons'
import { notify } from '@/ui/notify'
import { EmptyState, ErrorState, Page } from '@/ui/page'

/** The keys by which programs call OneClick. */
export function ApiKeysPage() {
  const { data: session } = useQuery(sessionQuery)
  const mayWrite = can(session, 'api_keys:write')
  const [offset, setOffset] = useState(0)
  const [making, setMaking] = useState(false)
  const [revoking, setRevoking] = useState<ApiKeyRead | null>(null)
  const query = useQuery({ ...apiKeysQuery(offset), enabled: mayWrite })
  const empty = query.data?.total === 0
  const create = mayWrite && (
    <Button id="api-keys-new" aria-haspopup="dialog" leftSection={<Icon name="plus" size={16} />} onClick={() => { setMaking(true) }}>
      New API key
    </Button>
  )
  return (
    <Page
      title="API keys"
      lead="With a key a program calls OneClick’s API without a person signing in: an HR system that announces new hires, for one."
      action={empty ? undefined : create}
    >
      {!mayWrite ? (
        <EmptyState icon="blocked" title="Your role has no API keys">
          An administrator makes them. Ask one of them.
        </EmptyState>
      ) : query.isError ? (
        <ErrorState id="api-keys" error={query.error} onRetry={() => void query.refetch()} />
      ) : empty ? (
        <EmptyState icon="key" title="No API keys" action={create}>
          A key is shown once when it is made, may do only what you choose, and can be revoked at any time.
        </EmptyState>
      ) : (
        <ApiKeysTable page={query.data} refreshing={query.isPlaceholderData} onRevoke={setRevoking} onOffset={setOffset} />
      )}
      {making && <CreateKeyDialog scopes={query.data?.scopes ?? []} onClose={() => { setMaking(false) }} />}
      {revoking && <Revoke apiKey={revoking} onClose={() => { setRevoking(null) }} />}
    </Page>
  )
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKeyRead; onClose: () => void }) {
  const revoking = useRevokeApiKey()
  return (
    <Confirm
      id="revoke-dialog"
      opened
      title={`Revoke ${apiKey.name}?`}
      confirmLabel="Revoke the key"
      cancelLabel="Keep it"
      danger
      busy={revoking.isPending}
      onConfirm={() => {
        revoking.mutate(apiKey.id, {
          onSuccess: () => {
            notify('ok', `${apiKey.name} is revoked`, 'Calls with it are refused within ten seconds.')
            onClose()
          },
          onError: (error) => {
            notify('bad', 'It was not revoked', messageOf(error))
          },
        })
      }}
      onClose={onClose}
    >
      Whatever uses it is refused from now on. A revoked key cannot be brought back; make a new one instead. What it has done stays.
    </Confirm>
  )
}
