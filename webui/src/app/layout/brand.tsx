import { Link } from '@tanstack/react-router'
import { Icon } from '@/ui/icons'
import classes from './shell.module.css'

/** The product's name, which leads home. */
export function Brand() {
  return (
    <Link id="brand" to="/" className={classes.brand}>
      <Icon name="done" size={22} />
      OneClick
    </Link>
  )
}
