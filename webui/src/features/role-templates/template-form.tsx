import { Paper, Stack, TagsInput, Textarea, TextInput, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { slug } from '@/lib/format'
import { CONDITIONS, type TemplateDraft } from './draft'

interface TemplateFormProps {
  draft: TemplateDraft
  onChange: (change: Partial<TemplateDraft>) => void
  /** Messages by path. */
  errors: Readonly<Record<string, string>>
  /** The apps with their fields. */
  apps: ReactNode
}

/** The first message about a path or anything below it. */
function errorAt(errors: TemplateFormProps['errors'], path: string): string | undefined {
  return Object.entries(errors).find(([name]) => name === path || name.startsWith(`${path}.`))?.[1]
}

/** What a role template is, what it gives, and for whom it is suggested. */
export function TemplateForm({ draft, onChange, errors, apps }: TemplateFormProps) {
  return (
    <Stack gap="xl">
      <Paper p="lg">
        <Stack gap="md">
          <TextInput
            id="template-name"
            label="Name"
            withAsterisk
            aria-required
            maxLength={100}
            placeholder="Data engineer"
            autoComplete="off"
            value={draft.name}
            error={errorAt(errors, 'name')}
            onChange={(event) => {
              onChange({ name: event.currentTarget.value })
            }}
          />
          <Textarea
            id="template-description"
            label="Description"
            description="What those who choose it should know."
            autosize
            minRows={2}
            maxLength={1000}
            value={draft.description}
            error={errorAt(errors, 'description')}
            onChange={(event) => {
              onChange({ description: event.currentTarget.value })
            }}
          />
          <TagsInput
            id="template-tags"
            label="Tags"
            description="Added to each request that uses the template."
            splitChars={[',', ';']}
            placeholder={draft.tags.length === 0 ? 'Type and press Enter' : undefined}
            value={[...draft.tags]}
            error={errorAt(errors, 'tags')}
            onChange={(tags) => {
              onChange({ tags })
            }}
          />
        </Stack>
      </Paper>
      <section aria-labelledby="template-conditions">
        <Title order={2} id="template-conditions" mb="sm">
          Suggested for
        </Title>
        <Paper p="lg">
          <Stack gap="md">
            <div>
              Somebody who meets every list that is not empty. One entry of a list is enough; capitals do not matter, and * stands for any text.
            </div>
            {CONDITIONS.map(({ name, label, example }) => (
              <TagsInput
                key={name}
                id={`template-condition-${slug(name)}`}
                label={label}
                splitChars={[',', ';']}
                placeholder={draft.conditions[name].length === 0 ? `Such as ${example}` : undefined}
                value={draft.conditions[name]}
                error={errorAt(errors, `conditions.${name}`)}
                onChange={(patterns) => {
                  onChange({ conditions: { ...draft.conditions, [name]: patterns } })
                }}
              />
            ))}
          </Stack>
        </Paper>
      </section>
      <section aria-labelledby="template-apps">
        <Title order={2} id="template-apps" mb="sm">
          Apps
        </Title>
        {apps}
      </section>
    </Stack>
  )
}
