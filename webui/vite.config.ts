import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig, type PluginOption } from 'vite'

/** The development mock lives outside `src` and is loaded only in mode `mock`, so no build can carry it. */
async function mockPlugin(mode: string): Promise<PluginOption[]> {
  if (mode !== 'mock') return []
  const { mockBackend } = await import('./dev/plugin.ts')
  return [mockBackend()]
}

export default defineConfig(async ({ mode }) => {
  const bff = process.env.OC_BFF_URL ?? 'http://127.0.0.1:8100'
  const proxy = mode === 'mock' ? undefined : { '/api': bff, '/bff': bff, '/auth': bff }
  return {
    plugins: [react(), await mockPlugin(mode)],
    resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
    // The bff replaces this placeholder by a fresh value on each response and names the value in its policy.
    html: { cspNonce: '__CSP_NONCE__' },
    server: { proxy },
    build: { target: 'es2023', sourcemap: false, manifest: true, assetsInlineLimit: 0 },
  }
})
