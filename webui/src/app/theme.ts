import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const indigo: MantineColorsTuple = [
  '#eef0fe', '#dde1fc', '#bcc4f8', '#9ba8f3', '#8392ee', '#6a7be4', '#5265d8', '#4355cb', '#3b4cba', '#313f9c',
]
const gray: MantineColorsTuple = [
  '#f7f8fa', '#f0f1f4', '#e6e8ec', '#d8dbe1', '#b9bec8', '#8b919d', '#5c6370', '#454b57', '#2f343d', '#1b1e24',
]
const dark: MantineColorsTuple = [
  '#dfe2e8', '#c5c9d2', '#a3a9b6', '#7d8492', '#3c414c', '#2c3038', '#24272e', '#1b1d23', '#141519', '#0d0e11',
]

/** One accent, neutral greys, small radii, almost no shadow: everything else follows from these. */
export const theme = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 7 },
  colors: { indigo, gray, dark },
  black: '#1b1e24',
  defaultRadius: 'sm',
  radius: { xs: '3px', sm: '5px', md: '7px', lg: '9px', xl: '12px' },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", "Noto Sans CJK JP", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace',
  // Two sizes of running text: what Mantine calls medium is the same as small here.
  fontSizes: { xs: '0.75rem', sm: '0.875rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  headings: {
    fontWeight: '620',
    sizes: {
      h1: { fontSize: '1.375rem', lineHeight: '1.75rem' },
      h2: { fontSize: '1.0625rem', lineHeight: '1.5rem' },
      h3: { fontSize: '0.9375rem', lineHeight: '1.375rem' },
    },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    ActionIcon: { defaultProps: { size: 'lg', variant: 'subtle', color: 'gray' } },
    Tooltip: { defaultProps: { withArrow: false, openDelay: 250, transitionProps: { duration: 100 }, multiline: true, maw: 360, portalProps: { target: '#floating' } } },
    Modal: { defaultProps: { transitionProps: { duration: 120, transition: 'fade' }, centered: true, radius: 'md', attributes: { header: { role: 'presentation' } } }, styles: { title: { fontWeight: 620, fontSize: '1rem', lineHeight: 1.35, overflowWrap: 'anywhere' } } },
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, transitionProps: { duration: 100 }, shadow: 'sm', portalProps: { target: '#floating' } } },
    Combobox: { defaultProps: { shadow: 'sm', transitionProps: { duration: 0 } } },
    Switch: { defaultProps: { withThumbIndicator: false } },
    Paper: { defaultProps: { withBorder: true, radius: 'md' } },
    InputWrapper: { defaultProps: { inputWrapperOrder: ['label', 'input', 'error', 'description'] } },
  },
})

/** The tones' own pairs of colours: each text on its ground has a contrast of at least 4.5 to 1 in its scheme. */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-placeholder': '#666d7a',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': indigo[7],
    '--oc-ground': gray[0],
    '--oc-surface': '#ffffff',
    '--oc-line': gray[2],
    '--oc-hover': gray[1],
    '--oc-ok': '#1b6b3a', '--oc-ok-bg': '#e5f4ea',
    '--oc-warn': '#7d4a00', '--oc-warn-bg': '#fdf1d6',
    '--oc-bad': '#a5201a', '--oc-bad-bg': '#fdebea',
    '--oc-info': '#3443ad', '--oc-info-bg': '#eceffe',
    '--oc-neutral': '#4a505c', '--oc-neutral-bg': '#eceef2',
  },
  dark: {
    '--mantine-color-dimmed': '#a3a9b6',
    '--mantine-color-placeholder': '#959ba8',
    '--mantine-color-error': '#ff9a93',
    '--mantine-color-anchor': indigo[3],
    '--oc-ground': dark[8],
    '--oc-surface': dark[7],
    '--oc-line': '#31353e',
    '--oc-hover': dark[6],
    '--oc-ok': '#83d9a4', '--oc-ok-bg': '#16301f',
    '--oc-warn': '#f1c46c', '--oc-warn-bg': '#33280f',
    '--oc-bad': '#ff9f98', '--oc-bad-bg': '#3a1a19',
    '--oc-info': '#b0bcff', '--oc-info-bg': '#222848',
    '--oc-neutral': '#bcc1cc', '--oc-neutral-bg': '#2a2e36',
  },
})
