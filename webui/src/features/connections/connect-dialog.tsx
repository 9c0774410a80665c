import { Modal } from '@mantine/core'
import { useState } from 'react'
import type { ConnectionDetail, VendorMethodsRead } from '@/api/types'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { ConnectForm } from './connect-form'
import { VendorList } from './vendor-list'

interface ConnectDialogProps {
  vendors: readonly VendorMethodsRead[] | undefined
  /** Why the vendors could not be fetched. */
  error: unknown
  onRetry: () => void
  /** The vendor that was chosen already. */
  vendor?: string
  /** The connection that is to be connected again, in its place. */
  again?: ConnectionDetail
  titleOf: (app: string) => string
  onConnected: (connection: ConnectionDetail) => void
  onClose: () => void
}

/** Connects a vendor: which one, how, what it takes, and off to the vendor or checked with what was typed in. */
export function ConnectDialog({ vendors, error, onRetry, vendor, again, titleOf, onConnected, onClose }: ConnectDialogProps) {
  const [chosen, setChosen] = useState(again?.vendor ?? vendor)
  const found = vendors?.find((one) => one.vendor === chosen)
  const fixed = again !== undefined || vendor !== undefined
  return (
    <Modal
      id="connect-dialog"
      opened
      onClose={onClose}
      size="lg"
      closeOnClickOutside={found === undefined}
      title={again ? `Reconnect ${again.title}` : found ? `Connect ${found.title}` : 'Connect an account'}
      closeButtonProps={{ 'aria-label': 'Close', id: 'connect-dialog-close' }}
    >
      {vendors === undefined ? (
        error ? (
          <ErrorState id="connect-dialog" error={error} onRetry={onRetry} />
        ) : (
          <LoadingBlocks blocks={4} height={48} />
        )
      ) : found ? (
        <ConnectForm
          vendor={found}
          again={again}
          onConnected={onConnected}
          onBack={fixed ? undefined : () => { setChosen(undefined) }}
          onClose={onClose}
        />
      ) : (
        <VendorList
          id="connect-vendor"
          vendors={vendors}
          titleOf={titleOf}
          onChoose={(one) => {
            setChosen(one.vendor)
          }}
        />
      )}
    </Modal>
  )
}
