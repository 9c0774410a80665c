import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import './app/global.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app'
import { installTrustedTypes } from './app/trusted-types'

installTrustedTypes()
const root = document.getElementById('root')
if (root) createRoot(root).render(<App />)
