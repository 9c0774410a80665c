import type { FieldProblem, PlanRead } from './types'

/** What a refused call tells: the problem details of RFC 9457, kept whole. */
export class ApiError extends Error {
  override readonly name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string | null,
    readonly correlationId: string | null,
    readonly fields: readonly FieldProblem[],
    readonly plan: PlanRead | null = null,
  ) {
    super(detail ?? title)
  }

  /** One message per field; the first one said about a field wins. */
  byField(): Record<string, string> {
    const messages: Record<string, string> = {}
    for (const { field, message } of this.fields) messages[field] ??= message
    return messages
  }
}

/** The service could not be reached at all: no answer, so nothing is known about what happened. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'

  constructor() {
    super('OneClick does not answer. Check your network; nothing on this page is lost.')
  }
}

const TITLES: Record<number, string> = {
  401: 'Your session has ended',
  403: 'Your role does not allow this',
  404: 'Not found',
  409: 'It changed in the meantime',
  410: 'No longer available',
  422: 'Something in the form needs a change',
  429: 'Too many calls at once',
  500: 'OneClick failed to answer',
  502: 'OneClick cannot reach one of its services',
  503: 'OneClick is not ready yet',
  504: 'OneClick took too long to answer',
}

function text(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}

function fieldProblems(value: unknown): FieldProblem[] {
  if (!Array.isArray(value)) return []
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== 'object' || entry === null) return []
    const { field, message, code } = entry as Record<string, unknown>
    const name = text(field)
    if (name === null) return []
    return [{ field: name, message: text(message) ?? 'This value is not accepted.', code: text(code) ?? 'invalid' }]
  })
}

/** Makes an ApiError of any refused response, whether or not its body is a problem document. */
export async function toApiError(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => null)
  const problem = (typeof body === 'object' && body !== null ? body : {}) as Record<string, unknown>
  return new ApiError(
    response.status,
    text(problem.code) ?? `http_${response.status}`,
    TITLES[response.status] ?? text(problem.title) ?? `Refused with status ${response.status}`,
    text(problem.detail),
    text(problem.correlation_id) ?? response.headers.get('X-Correlation-Id'),
    fieldProblems(problem.errors),
    (problem.plan as PlanRead | null | undefined) ?? null,
  )
}

/** The sentence to show a person for anything that was thrown. */
export function messageOf(error: unknown): string {
  if (error instanceof ApiError) return error.detail ?? error.title
  if (error instanceof Error) return error.message
  return 'Something went wrong.'
}
