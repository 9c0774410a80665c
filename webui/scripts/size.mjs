// How much JavaScript a first visit fetches, compressed as a server would: the entry and what it imports at once, plus
// the heaviest page. Fails above the bar.
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'

const BAR_KB = 250
const dist = new URL('../dist/', import.meta.url)
let manifest
try {
  manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'))
} catch {
  console.error('There is no build to measure. Run `npm run build` first.')
  process.exit(2)
}

const sizes = new Map()
const gzip = (file) => {
  if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(new URL(file, dist)), { level: 6 }).length)
  return sizes.get(file)
}

/** The files that a chunk needs before it can run. */
function reach(key, seen = new Set()) {
  const chunk = manifest[key]
  if (!chunk || seen.has(chunk.file)) return seen
  if (chunk.file.endsWith('.js')) seen.add(chunk.file)
  for (const next of chunk.imports ?? []) reach(next, seen)
  return seen
}

const kb = (bytes) => bytes / 1024
const sum = (files) => [...files].reduce((total, file) => total + gzip(file), 0)
const entry = Object.keys(manifest).find((key) => manifest[key].isEntry)
const base = reach(entry)
const pages = (manifest[entry].dynamicImports ?? [])
  .map((key) => ({ key, bytes: sum(new Set([...base, ...reach(key)])) }))
  .sort((a, b) => b.bytes - a.bytes)

console.log(`entry                          ${kb(sum(base)).toFixed(1).padStart(7)} KB gzip`)
for (const { key, bytes } of pages) {
  const name = key.split('/').at(-1).replace(/\.tsx?$/, '')
  console.log(`first visit at ${name.padEnd(16)}${kb(bytes).toFixed(1).padStart(7)} KB gzip`)
}
const worst = kb(Math.max(sum(base), ...pages.map((page) => page.bytes)))
console.log(`worst ${worst.toFixed(1)} KB, bar ${BAR_KB} KB, ratio ${(worst / BAR_KB).toFixed(2)}`)
process.exit(worst > BAR_KB ? 1 : 0)
