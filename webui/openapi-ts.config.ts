import { defineConfig } from '@hey-api/openapi-ts'

// Types alone: the one client is src/api/client.ts, written by hand and small.
export default defineConfig([
  {
    input: './openapi/api.json',
    output: { path: './src/api/generated/api', clean: true },
    plugins: ['@hey-api/typescript'],
  },
  {
    input: './openapi/bff.json',
    output: { path: './src/api/generated/bff', clean: true },
    plugins: ['@hey-api/typescript'],
  },
])
