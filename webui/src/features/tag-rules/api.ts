import { keepPreviousData, queryOptions, useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '@/api/client'
import type { TagRulePage, TagRulePreview, TagRuleRead, TagRuleWrite } from '@/api/types'

const ALL = ['tag-rules']
const one = (id: string) => `/api/tag-rules/${encodeURIComponent(id)}`

/** Every rule, by its tag. */
export const tagRulesQuery = queryOptions({
  queryKey: [...ALL, 'list'],
  queryFn: async ({ signal }) => (await client.get<TagRulePage>('/api/tag-rules', { signal })).items,
})

/** One rule. */
export function tagRuleQuery(id: string) {
  return queryOptions({
    queryKey: [...ALL, 'one', id],
    queryFn: ({ signal }) => client.get<TagRuleRead>(one(id), { signal }),
    // What is being edited is not taken away from under the hands.
    refetchOnWindowFocus: false,
  })
}

/** What a rule would do with everybody who has its tag now; of a stored one also whom it has queued. Nothing is stored. */
export function rulePreviewQuery(rule: TagRuleWrite, storedId: string | null) {
  return queryOptions({
    queryKey: [...ALL, 'preview', storedId, rule],
    queryFn: async ({ signal }) => {
      const found =
        storedId === null
          ? await client.post<TagRulePreview>('/api/tag-rules/preview', { body: rule, signal })
          : await client.get<TagRulePreview>(`${one(storedId)}/preview`, { signal })
      return found.items
    },
    placeholderData: keepPreviousData,
    retry: false,
  })
}

/** Makes a rule, or changes one. */
export function useSaveTagRule(id: string | null) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: ({ body, idempotencyKey }: { body: TagRuleWrite; idempotencyKey?: string }) =>
      id === null ? client.post<TagRuleRead>('/api/tag-rules', { body, idempotencyKey }) : client.put<TagRuleRead>(one(id), { body }),
    onSuccess: (saved) => {
      queries.setQueryData(tagRuleQuery(saved.id).queryKey, saved)
      return queries.invalidateQueries({ queryKey: ALL })
    },
  })
}

/** Queues nobody any more by a rule. */
export function useDeleteTagRule(id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: () => client.delete(one(id)),
    onSuccess: () => queries.invalidateQueries({ queryKey: tagRulesQuery.queryKey }),
  })
}
