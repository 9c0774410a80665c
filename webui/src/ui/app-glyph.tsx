import type { ReactNode } from 'react'

/** Marks drawn by us: a letterform or a figure per app, one colour, no vendor's logo. */
const MARKS: Record<string, ReactNode> = {
  'google-workspace': (
    <>
      <path d="M16.2 7.2A6.6 6.6 0 1 0 16.6 13" />
      <path d="M16.8 10.6h-5.2" />
      <circle cx="17.6" cy="15.6" r="0.9" fill="currentColor" stroke="none" />
    </>
  ),
  'microsoft-365': (
    <>
      <path d="M11 2.8l7 4v8.4l-7 4-7-4V6.800z" />
      <path d="M7.600 13.600V8.600l3.400 3.400 3.400-3.400v5" />
    </>
  ),
  slack: <path d="M8.800 3.500l-1.600 15M14.800 3.500l-1.600 15M3.800 8.200h15M3.200 13.800h15" />,
  jira: (
    <>
      <path d="M11 2.800l8.200 8.200-8.200 8.200L2.800 11z" />
      <path d="M11 8l3 3-3 3-3-3z" />
    </>
  ),
  atlassian: <path d="M3.400 18.400L11 3.600l7.600 14.800M7.600 18.400c4.200-1.400 5.800-4.400 3.400-8.400" />,
  confluence: <path d="M3 8.600c2.600-3.800 5.200-3.800 8-1.400s5.400 2.400 8-1.400M3 16.200c2.600-3.800 5.200-3.800 8-1.400s5.400 2.400 8-1.400" />,
  github: (
    <>
      <path d="M7 6.800v8.400M15.400 8.200c0 3.600-3 4.400-6.400 4.600" />
      <circle cx="7" cy="4.600" r="2" />
      <circle cx="7" cy="17.400" r="2" />
      <circle cx="15.400" cy="6" r="2" />
    </>
  ),
  clickup: <path d="M4.400 11L11 4.800l6.600 6.200M4.400 15.200c3.800 4.400 9.400 4.400 13.200 0" />,
  zoom: <path d="M2.800 6.400h10.400v9.200H2.800zM13.200 10l6-3.600v9.200l-6-3.600" />,
  hubspot: (
    <>
      <circle cx="13.400" cy="13" r="4" />
      <path d="M13.400 9V4M10.400 10.200L4.600 5.600M10.400 15.800L7.600 18.600" />
      <circle cx="13.400" cy="3.400" r="0.900" fill="currentColor" />
      <circle cx="4" cy="5.200" r="0.900" fill="currentColor" />
    </>
  ),
  scim: <path d="M3.600 7.600h13.800l-3.600-3.600M18.400 14.400H4.600L8.200 18" />,
}

function Letter({ name }: { name: string }) {
  return (
    <text x="11" y="15" textAnchor="middle" fontSize="11" fontWeight="600" fill="currentColor" stroke="none">
      {name.charAt(0).toUpperCase()}
    </text>
  )
}

/** The app's mark in a small square. Decorative: the app's name always stands beside it. */
export function AppGlyph({ app, size = 28 }: { app: string; size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 22 22" aria-hidden="true" focusable="false" className="app-glyph">
      <rect x="0.5" y="0.5" width="21" height="21" rx="5" fill="var(--oc-neutral-bg)" stroke="var(--oc-line)" strokeWidth="0.8" />
      <g
        transform="translate(2.800 2.800) scale(0.745)"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.900"
        strokeLinecap="round"
        strokeLinejoin="round"
      >
        {MARKS[app] ?? <Letter name={app} />}
      </g>
    </svg>
  )
}
