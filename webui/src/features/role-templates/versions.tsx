import { Button, Modal, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { AppRead, RoleTemplateVersionRead } from '@/api/types'
import { Icon } from '@/ui/icons'
import { ErrorState, LoadingBlocks } from '@/ui/page'
import { RelativeTime } from '@/ui/time'
import { versionsQuery } from './api'
import classes from './role-templates.module.css'
import { TemplateContent } from './template-content'

interface VersionsProps {
  templateId: string
  apps: readonly AppRead[]
  newest: number
  /** Begins a new version from an older one. Without it the versions are only shown. */
  onRestore?: (version: RoleTemplateVersionRead) => void
}

const PAGE = 10

/** Every version, newest first; each can be read, and an older one taken up again. */
export function Versions({ templateId, apps, newest, onRestore }: VersionsProps) {
  const [offset, setOffset] = useState(0)
  const [shown, setShown] = useState<RoleTemplateVersionRead | null>(null)
  const query = useQuery(versionsQuery(templateId, offset))
  const page = query.data
  if (query.isError) return <ErrorState id="template-versions" error={query.error} onRetry={() => void query.refetch()} />
  if (page === undefined) return <LoadingBlocks blocks={1} height={88} />
  return (
    <Stack gap="sm">
      <ul className={classes.versions} id="template-versions">
        {page.items.map((version) => (
          <li key={version.version} className={classes.version}>
            <span className={classes.versionName}>
              Version {version.version}
              {version.version === newest && <span className={classes.muted}> newest</span>}
            </span>
            <span className={classes.muted}>
              {version.changed_at === null ? (
                'As it came with OneClick'
              ) : (
                <>
                  {version.changed_by?.name}, <RelativeTime at={version.changed_at} />
                </>
              )}
            </span>
            <Button
              id={`template-version-${version.version}`}
              variant="default"
              size="xs"
              aria-haspopup="dialog"
              aria-label={`Show version ${version.version}`}
              onClick={() => {
                setShown(version)
              }}
            >
              Show
            </Button>
          </li>
        ))}
      </ul>
      {page.total > PAGE && (
        <div className={classes.more}>
          <Button
            id="template-versions-newer"
            variant="default"
            size="xs"
            disabled={offset === 0}
            onClick={() => {
              setOffset(Math.max(0, offset - PAGE))
            }}
          >
            Newer
          </Button>
          <Button
            id="template-versions-older"
            variant="default"
            size="xs"
            disabled={offset + PAGE >= page.total}
            onClick={() => {
              setOffset(offset + PAGE)
            }}
          >
            Older
          </Button>
        </div>
      )}
      {shown && (
        <Modal
          id="template-version-dialog"
          opened
          size="lg"
          title={`${shown.name}, version ${shown.version}`}
          closeButtonProps={{ 'aria-label': 'Close', id: 'template-version-dialog-close' }}
          onClose={() => {
            setShown(null)
          }}
        >
          <Stack gap="lg">
            <TemplateContent version={shown} apps={apps} />
            {onRestore && shown.version !== newest && (
              <Button
                id="template-version-dialog-restore"
                variant="default"
                leftSection={<Icon name="retry" size={16} />}
                onClick={() => {
                  onRestore(shown)
                  setShown(null)
                }}
              >
                Put this into the form
              </Button>
            )}
          </Stack>
        </Modal>
      )}
    </Stack>
  )
}
