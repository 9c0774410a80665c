import type { AppRead } from '@/api/types'
// eslint-disable-next-line no-restricted-imports -- it is generated for the development backend, which lies outside of src
import { items } from '../../dev/generated/apps.json'

/** Every app that comes with OneClick, as its provider says: the real forms. */
export const realApps = items as unknown as AppRead[]
