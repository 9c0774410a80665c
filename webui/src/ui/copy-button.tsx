import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { Icon } from './icons'

/** Copies a value; says so for two seconds. */
export function CopyButton({ id, value, label, compact = false }: { id: string; value: string; label: string; compact?: boolean }) {
  const clipboard = useClipboard({ timeout: 2000 })
  const icon = <Icon name={clipboard.copied ? 'check' : 'copy'} size={16} />
  const copy = () => {
    clipboard.copy(value)
  }
  if (compact) {
    return (
      <Tooltip label={clipboard.copied ? 'Copied' : label} withinPortal={false}>
        <ActionIcon id={id} aria-label={clipboard.copied ? 'Copied' : label} onClick={copy} size="md">
          {icon}
        </ActionIcon>
      </Tooltip>
    )
  }
  return (
    <Button id={id} variant="default" leftSection={icon} onClick={copy}>
      {clipboard.copied ? 'Copied' : label}
    </Button>
  )
}
