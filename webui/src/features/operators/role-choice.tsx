import { Radio, Stack } from '@mantine/core'
import classes from './operators.module.css'
import { ROLES } from './roles'

/** The roles to choose from, each with what it may. */
export function RoleChoice({ role, error, onChange }: { role: string; error?: string; onChange: (role: string) => void }) {
  return (
    <Radio.Group id="operator-roles" label="Role" value={role} error={error} onChange={onChange}>
      <Stack gap="xs" mt={6}>
        {ROLES.map(({ value, label, may }) => (
          <div key={value} className={classes.role} data-chosen={value === role || undefined}>
            <Radio id={`operator-role-${value}`} value={value} label={label} description={may} />
          </div>
        ))}
      </Stack>
    </Radio.Group>
  )
}
