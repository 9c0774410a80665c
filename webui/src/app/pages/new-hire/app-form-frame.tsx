import { Group, Paper, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import type { AppRead } from '@/api/types'
import { AppGlyph } from '@/ui/app-glyph'

/** The frame of one app's form: its mark, its name, the account it is connected through. */
export function AppFormFrame({ app, children }: { app: AppRead; children: ReactNode }) {
  const through = app.connection?.display_name
  return (
    <Paper p="lg">
      <Group gap="sm" mb="lg" wrap="nowrap">
        <AppGlyph app={app.key} size={32} />
        <div style={{ minWidth: 0 }}>
          <Title order={2}>{app.title}</Title>
          {through != null && (
            <Text size="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
              {through}
            </Text>
          )}
        </div>
      </Group>
      {children}
    </Paper>
  )
}
