import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app/global.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app'
import { styleNonce } from './app/style-nonce'
import { installTrustedTypes } from './app/trusted-types'

installTrustedTypes()
// The library that locks scrolling behind a dialog writes a style element and looks for its nonce under this name.
Object.assign(window, { __webpack_nonce__: styleNonce() })
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
