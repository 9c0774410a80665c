/** What hangs on a connection. */
export interface Dependants {
  apps: string[]
  waiting_requests: number
  schedules: number
  subscriptions: number
}
