import { ActionIcon, AppShell, Burger, Group, Tooltip } from '@mantine/core'
import { useDisclosure, useHotkeys, useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { Outlet, useLocation } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useState } from 'react'
import { Icon } from '@/ui/icons'
import { Brand } from './brand'
import { Navigation } from './navigation'
import { PaletteButton } from './palette-button'
import { SchemeMenu } from './scheme-menu'
import { TenantSwitcher } from './tenant-switcher'
import { UserMenu } from './user-menu'
import classes from './shell.module.css'

const Palette = lazy(() => import('./palette').then((module) => ({ default: module.Palette })))

/** The frame of every signed-in page: header, navigation, content. */
export function Shell() {
  const [drawer, { toggle, close }] = useDisclosure(false)
  const [folded, setFolded] = useLocalStorage({ key: 'oc-navigation-folded', defaultValue: false, getInitialValueInEffect: false })
  const [palette, setPalette] = useState(false)
  const wide = useMediaQuery('(min-width: 48em)', true, { getInitialValueInEffect: false })
  const { pathname } = useLocation()

  useHotkeys([['mod+K', () => { setPalette(true) }]], [])
  useEffect(close, [pathname, close])

  const rail = folded && wide
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: rail ? 60 : 232, breakpoint: 'sm', collapsed: { mobile: !drawer } }}
      transitionDuration={120}
      classNames={{ header: classes.header, navbar: classes.navbar }}
    >
      <a href="#main" id="skip-to-content" className={classes.skip}>
        Skip to content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" gap="sm" wrap="nowrap" justify="space-between">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Burger
              id="navigation-toggle"
              opened={drawer}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={drawer ? 'Close navigation' : 'Open navigation'}
              aria-expanded={drawer}
            />
            <Brand />
          </Group>
          <Group gap={6} wrap="nowrap">
            <PaletteButton onOpen={() => { setPalette(true) }} />
            <SchemeMenu />
            <UserMenu />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar aria-label="Main" inert={!wide && !drawer}>
        <TenantSwitcher rail={rail} />
        <Navigation rail={rail} />
        <div className={classes.fold}>
          <Tooltip label={rail ? 'Widen navigation' : 'Fold navigation'} position="right">
            <ActionIcon
              id="navigation-fold"
              visibleFrom="sm"
              aria-label={rail ? 'Widen navigation' : 'Fold navigation'}
              onClick={() => { setFolded(!folded) }}
            >
              <Icon name="sidebar" />
            </ActionIcon>
          </Tooltip>
        </div>
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main}>
        <Outlet />
        <div id="floating" className={classes.floating} />
      </AppShell.Main>
      {palette && (
        <Suspense fallback={null}>
          <Palette onClose={() => { setPalette(false) }} />
        </Suspense>
      )}
    </AppShell>
  )
}
