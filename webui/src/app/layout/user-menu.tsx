import { Avatar, Menu, Text, UnstyledButton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { sessionQuery, useSignOut } from '@/features/session/api'
import { initials } from '@/lib/format'
import { Icon } from '@/ui/icons'
import { Truncate } from '@/ui/truncate'

/** Who is signed in, and the way out. */
export function UserMenu() {
  const { data: session } = useQuery(sessionQuery)
  const signOut = useSignOut()
  const operator = session?.operator
  if (!operator) return null
  return (
    <Menu id="user-menu" position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton aria-label={`${initials(operator.name)}, signed in as ${operator.name}`}>
          <Avatar size={32} radius="xl" variant="filled" color="indigo">
            {initials(operator.name)}
          </Avatar>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div style={{ padding: '6px 12px 8px' }}>
          <Truncate text={operator.name} />
          <Text size="sm" c="dimmed" component="div">
            <Truncate text={operator.email} />
          </Text>
        </div>
        <Menu.Divider />
        <Menu.Item
          id="sign-out"
          leftSection={<Icon name="signOut" size={16} />}
          disabled={signOut.isPending}
          onClick={() => {
            signOut.mutate()
          }}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
