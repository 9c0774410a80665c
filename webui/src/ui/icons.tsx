import type { SVGProps } from 'react'

/** Each icon is a few strokes on a 20-unit grid, so that all of them carry the same weight. */
const STROKES = {
  check: 'M4 10.5l4 4 8-9',
  cross: 'M5 5l10 10M15 5L5 15',
  minus: 'M5 10h10',
  plus: 'M10 4v12M4 10h12',
  dots: 'M4.5 10h.01M10 10h.01M15.5 10h.01',
  warning: 'M10 3l7.5 13.5h-15L10 3zM10 8v4M10 14.2v.01',
  info: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM10 9.2v4.3M10 6.5v.01',
  alert: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM10 6v5M10 13.6v.01',
  done: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM6.6 10.3l2.4 2.4 4.4-5',
  clock: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM10 6v4.2l2.8 1.8',
  running: 'M10 2.5a7.5 7.5 0 107.5 7.5',
  half: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM10 2.5v15',
  circle: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15z',
  stop: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM7.5 7.5h5v5h-5z',
  blocked: 'M10 17.5a7.5 7.5 0 100-15 7.5 7.5 0 000 15zM4.8 4.8l10.4 10.4',
  task: 'M4.5 4.5h11V17h-11zM7.5 3h5v3h-5zM7.2 11.2l2 2 3.6-4',
  mail: 'M2.5 5h15v10.5h-15zM2.5 5.5l7.5 5.5 7.5-5.5',
  bell: 'M5 14.500V9a5 5 0 0110 0v5.500l1.500 1.500h-13zM8.300 18h3.400',
  pause: 'M7 4.500v11M13 4.500v11',
  play: 'M6.500 4.200l9 5.800-9 5.800z',
  paperclip: 'M15.500 9.500l-5.800 5.800a3.600 3.600 0 01-5.100-5.100l6.300-6.300a2.400 2.400 0 013.400 3.400l-6.200 6.200a1.200 1.200 0 01-1.700-1.700l5.300-5.300',
  retry: 'M16.5 10a6.5 6.5 0 11-2-4.7M16.5 2.8v3.4h-3.4',
  search: 'M9 15A6 6 0 109 3a6 6 0 000 12zM13.4 13.4l4.1 4.1',
  home: 'M3 9.2L10 3l7 6.2V17h-4.5v-4.5h-5V17H3z',
  userPlus: 'M8 9.5a3.2 3.2 0 100-6.4 3.2 3.2 0 000 6.4zM2.2 17c.5-3.3 2.8-5 5.8-5 2.2 0 4 .9 5 2.6M15.3 6.5v5M12.8 9h5',
  list: 'M7 5h10M7 10h10M7 15h10M3 5h.01M3 10h.01M3 15h.01',
  people: 'M7.5 9.2a3 3 0 100-6 3 3 0 000 6zM2 16.6c.4-3.1 2.6-4.9 5.5-4.9s5.1 1.8 5.5 4.9M13 3.5a3 3 0 010 5.6M15.2 12c1.6.7 2.6 2.3 2.8 4.6',
  book: 'M4 3h10.5L16 4.5V17H4zM7 7h6M7 10h6M7 13h4',
  chevronDown: 'M5 7.5l5 5 5-5',
  chevronRight: 'M7.5 5l5 5-5 5',
  chevronLeft: 'M12.5 5l-5 5 5 5',
  sidebar: 'M3 4h14v12H3zM8 4v12',
  menu: 'M3 5.5h14M3 10h14M3 14.5h14',
  sun: 'M10 13.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M4.3 15.7l1.1-1.1M14.6 5.4l1.1-1.1',
  moon: 'M16.5 12.2A7 7 0 017.8 3.5a7 7 0 108.7 8.7z',
  device: 'M3 4h14v9.5H3zM7 17h6M10 13.5V17',
  key: 'M7 13.5a3.5 3.5 0 100-7 3.5 3.5 0 000 7zM10.3 9.2H18M15.2 9.2v3M17.8 9.2v2',
  copy: 'M7 7h10v10H7zM4.5 13H3V3h10v1.5',
  link: 'M8 5H4v11h11v-4M11 3h6v6M17 3l-8 8',
  swap: 'M4 7h12l-3-3M16 13H4l3 3',
  pencil: 'M4 16l.8-3.5L13 4.3l2.7 2.7-8.2 8.2L4 16z',
  license: 'M3 5h14v10H3zM6 8.5h5M6 11.5h3M13.5 12.2v.01',
  group: 'M4 4h5v5H4zM11 4h5v5h-5zM4 11h5v5H4zM13.5 11v5M11 13.5h5',
  trash: 'M3.5 5.5h13M7.5 5.5V3h5v2.5M5.5 5.5l.7 11.5h7.6l.7-11.5',
  signOut: 'M8 3H3.5v14H8M8.5 10H17M13.8 6.5L17 10l-3.2 3.5',
  building: 'M4 17V3h8v14M12 8h4v9M2.5 17h15M7 6.5h2M7 9.5h2M7 12.5h2',
  code: 'M7 6l-4 4 4 4M13 6l4 4-4 4',
  grid: 'M3.5 3.5h5v5h-5zM11.5 3.5h5v5h-5zM3.5 11.5h5v5h-5zM11.5 11.5h5v5h-5z',
  layers: 'M10 3l7.5 4-7.5 4-7.5-4zM2.5 10.4l7.5 4 7.5-4M2.5 13.6l7.5 4 7.5-4',
  shield: 'M10 2.5l6 2V10c0 3.8-2.6 6.2-6 7.5-3.4-1.3-6-3.7-6-7.5V4.5zM7.5 10l1.8 1.8 3.2-3.6',
  plug: 'M7 2.5v4M13 2.5v4M4.5 6.5h11V10a5.5 5.5 0 01-11 0zM10 15.5V18',
  calendar: 'M3 4.5h14V17H3zM3 8.500h14M6.500 2.500v4M13.500 2.500v4M6.500 12h2.500M11 12h2.500',
  tag: 'M3 3.500h6.500l7.500 7.500-6 6L3 9.500zM6.700 7.200v.01',
  arrowRight: 'M3.5 10h13M12 5.5l4.5 4.5-4.5 4.5',
} as const

export type IconName = keyof typeof STROKES

interface IconProps extends Omit<SVGProps<SVGSVGElement>, 'name'> {
  name: IconName
  size?: number
}

/** A decorative icon: the words beside it, or the label of its control, say the same thing. */
export function Icon({ name, size = 18, ...rest }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth={name === 'dots' ? 2.4 : 1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      <path d={STROKES[name]} />
    </svg>
  )
}
