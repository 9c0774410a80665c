import { UnstyledButton } from '@mantine/core'
import type { VendorMethodsRead } from '@/api/types'
import { joinWords } from '@/lib/format'
import { AppGlyph } from '@/ui/app-glyph'
import { Icon } from '@/ui/icons'
import classes from './connections.module.css'
import { glyphOf } from './words'

interface VendorListProps {
  id: string
  vendors: readonly VendorMethodsRead[]
  titleOf: (app: string) => string
  onChoose: (vendor: VendorMethodsRead) => void
}

/** The vendors to choose from, each with the apps that it brings. */
export function VendorList({ id, vendors, titleOf, onChoose }: VendorListProps) {
  return (
    <ul className={classes.vendors} id={id}>
      {vendors.map((vendor) => (
        <li key={vendor.vendor}>
          <UnstyledButton
            id={`${id}-${vendor.vendor}`}
            className={classes.vendor}
            aria-haspopup="dialog"
            onClick={() => {
              onChoose(vendor)
            }}
          >
            <AppGlyph app={glyphOf(vendor.vendor)} size={28} />
            <span className={classes.vendorWords}>
              <span className={classes.vendorTitle}>{vendor.title}</span>
              <span className={classes.muted}>{detailOf(vendor, titleOf)}</span>
            </span>
            <Icon name="chevronRight" size={16} />
          </UnstyledButton>
        </li>
      ))}
    </ul>
  )
}

function detailOf(vendor: VendorMethodsRead, titleOf: (app: string) => string): string {
  const apps = vendor.apps.map(titleOf).filter((title) => title !== vendor.title)
  const ways = joinWords(vendor.methods.map((method) => method.title))
  return apps.length > 0 ? `For ${joinWords(apps)}` : ways
}
