import type { RequestRead } from '@/api/types'
import { joinWords } from '@/lib/format'
import classes from './request-page.module.css'

/** Which role template a request used, and what of it the request does without. */
export function UsedTemplate({ request }: { request: RequestRead }) {
  const used = request.role_template
  if (used === null) return null
  const without = used.left_out.length === 0 ? '' : `, without ${joinWords(used.left_out.map((app) => app.title))}`
  return (
    <span id="request-role-template" className={classes.mail}>
      Role template {used.name}, version {used.version}
      {without}
    </span>
  )
}
