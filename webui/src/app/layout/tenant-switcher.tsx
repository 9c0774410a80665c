import { Menu, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery, useChooseTenant } from '@/features/session/api'
import { humanize } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { Truncate } from '@/ui/truncate'
import classes from './shell.module.css'

/** Which tenant this is, and the way to another one when there is more than one. */
export function TenantSwitcher({ rail }: { rail: boolean }) {
  const { data: session } = useQuery(sessionQuery)
  const choose = useChooseTenant()
  const tenant = session?.tenant
  const tenants = session?.tenants ?? []
  if (!tenant) return null
  const face = (
    <>
      <Icon name="building" />
      {!rail && (
        <span className={classes.tenantText}>
          <Truncate text={tenant.name} className={classes.tenantName} />
          <span className={classes.tenantRole}>{humanize(session?.role ?? '')}</span>
        </span>
      )}
    </>
  )
  if (tenants.length < 2) {
    return rail ? null : (
      <div className={classes.tenant}>{face}</div>
    )
  }
  return (
    <Menu id="tenant-switcher" position="bottom-start" width={280}>
      <Menu.Target>
        <UnstyledButton
          className={classes.tenant}
          data-rail={rail || undefined}
          aria-label={rail ? `Tenant ${tenant.name}` : undefined}
        >
          {face}
          {!rail && <Icon name="chevronDown" size={14} />}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Switch tenant</Menu.Label>
        {tenants.map((other) => (
          <Menu.Item
            key={other.id}
            id={`tenant-${other.slug}`}
            rightSection={other.id === tenant.id ? <Icon name="check" size={16} /> : undefined}
            disabled={choose.isPending}
            onClick={() => {
              if (other.id !== tenant.id) choose.mutate(other.id)
            }}
          >
            <Truncate text={other.name} />
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
