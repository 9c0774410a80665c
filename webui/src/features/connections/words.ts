import type { ConnectionDetail, DependantsRead, VendorMethodsRead } from '@/api/types'
import { count, humanize } from '@/lib/format'

const GLYPHS: Record<string, string> = { google: 'google-workspace', microsoft: 'microsoft-365' }

/** The mark of a vendor: the one of its app where it has one alone. */
export function glyphOf(vendor: string): string {
  return GLYPHS[vendor] ?? vendor
}

/** What the vendor is called. */
export function vendorTitle(vendors: readonly VendorMethodsRead[] | undefined, vendor: string): string {
  return vendors?.find((one) => one.vendor === vendor)?.title ?? humanize(vendor)
}

/** The word for a connection's state, where the general one says too little. */
export function labelOf(connection: ConnectionDetail): string | undefined {
  return connection.state === 'error' ? 'Not working' : undefined
}

interface Failure {
  title: string
  text: string
}

const FAILURES: Record<string, (vendor: string) => Failure> = {
  access_denied: (vendor) => ({
    title: `${vendor} was not connected: the consent was cancelled or refused`,
    text: `Nothing has changed. Connect again when you can agree to everything, or let an administrator at ${vendor} do it.`,
  }),
  state_invalid: (vendor) => ({
    title: `${vendor} was not connected: the answer does not belong to this sign-in`,
    text: 'It was begun in another browser or session, or used before. Begin again from here.',
  }),
  state_expired: (vendor) => ({
    title: `${vendor} was not connected: it took longer than ten minutes`,
    text: 'Begin again from here.',
  }),
  other_account: (vendor) => ({
    title: `Nothing was reconnected: that is another account at ${vendor}`,
    text: 'Reconnecting keeps a connection with its account. Sign in to the same one, or connect the other one as a new account.',
  }),
  scopes_missing: (vendor) => ({
    title: `${vendor} was not connected: something that OneClick needs was not granted`,
    text: 'Connect again and leave every box ticked. The dialog says what each permission is for.',
  }),
  vendor_refused: (vendor) => ({
    title: `${vendor} refused`,
    text: `Check the app’s registration at ${vendor}: its client ID, its secret and its redirect address. Then connect again.`,
  }),
  vendor_unreachable: (vendor) => ({
    title: `${vendor} does not answer`,
    text: 'Nothing has changed. Try again in a few minutes.',
  }),
  not_configured: (vendor) => ({
    title: `This installation has no app registered at ${vendor}`,
    text: 'Whoever runs OneClick registers one and sets its client ID and secret. Other ways to connect need none.',
  }),
}

/** Why the vendor sent the browser back without a connection. */
export function failureOf(code: string, vendor: string): Failure {
  return FAILURES[code]?.(vendor) ?? { title: `${vendor} was not connected`, text: `The reason given is “${humanize(code)}”. Begin again from here.` }
}

/** What stops when the connection goes, one line each. */
export function lossesOf(dependants: DependantsRead, titles: readonly string[]): string[] {
  const { waiting_requests: requests, schedules, subscriptions } = dependants
  return [
    ...titles.map((title) => `${title}: nobody can be given it, and accounts there are no longer changed`),
    ...(requests > 0 ? [`${count(requests, 'request')} ${requests === 1 ? 'waits' : 'wait'} until it is connected again`] : []),
    ...(schedules > 0 ? [`${count(schedules, 'schedule')} will wait when ${schedules === 1 ? 'its' : 'their'} time comes`] : []),
    ...(subscriptions > 0 ? [`${count(subscriptions, 'subscription')} to the vendor’s notifications ${subscriptions === 1 ? 'is' : 'are'} removed`] : []),
  ]
}
