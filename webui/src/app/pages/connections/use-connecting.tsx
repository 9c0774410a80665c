import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import type { ConnectionDetail, VendorMethodsRead } from '@/api/types'
import { appsQuery } from '@/features/apps/api'
import { vendorsQuery } from '@/features/connections/api'
import { ConnectDialog } from '@/features/connections/connect-dialog'
import { DisconnectDialog } from '@/features/connections/disconnect-dialog'
import { RenameDialog } from '@/features/connections/rename-dialog'
import { vendorTitle } from '@/features/connections/words'
import { humanize } from '@/lib/format'

type Asked =
  | { what: 'connect'; vendor?: string }
  | { what: 'reconnect' | 'rename' | 'disconnect'; connection: ConnectionDetail }

interface Connecting {
  vendors: readonly VendorMethodsRead[] | undefined
  vendorOf: (vendor: string) => string
  titleOf: (app: string) => string
  ask: (asked: Asked) => void
  dialog: ReactNode
}

/** The dialogs about connections, the same on the list and on a connection's own page. */
export function useConnecting(): Connecting {
  const navigate = useNavigate()
  const vendors = useQuery(vendorsQuery)
  const { data: apps } = useQuery(appsQuery)
  const [asked, setAsked] = useState<Asked | null>(null)
  const titleOf = (app: string) => apps?.find((one) => one.key === app)?.title ?? humanize(app)
  const vendorOf = (vendor: string) => vendorTitle(vendors.data, vendor)
  const close = () => {
    setAsked(null)
  }
  const connected = (connection: ConnectionDetail) => {
    close()
    void navigate({ to: '/admin/connections', search: { connected: connection.id } })
  }

  function dialog(): ReactNode {
    if (asked === null) return null
    if (asked.what === 'rename') return <RenameDialog connection={asked.connection} onClose={close} />
    if (asked.what === 'disconnect') {
      return <DisconnectDialog connection={asked.connection} vendor={vendorOf(asked.connection.vendor)} titleOf={titleOf} onClose={close} />
    }
    return (
      <ConnectDialog
        vendors={vendors.data}
        error={vendors.error}
        onRetry={() => void vendors.refetch()}
        vendor={asked.what === 'connect' ? asked.vendor : undefined}
        again={asked.what === 'reconnect' ? asked.connection : undefined}
        titleOf={titleOf}
        onConnected={connected}
        onClose={close}
      />
    )
  }

  return { vendors: vendors.data, vendorOf, titleOf, ask: setAsked, dialog: dialog() }
}
