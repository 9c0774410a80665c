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
