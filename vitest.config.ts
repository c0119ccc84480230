import { defineConfig } from 'vitest/config'
import { findChromium, noChromium } from './tests/e2e/chromium.ts'

/** A laptop without a browser runs everything else; CI must have one. */
const skipsBrowser = !findChromium() && !process.env.CI
if (skipsBrowser) console.warn(`The browser tests are skipped. ${noChromium}`)

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(skipsBrowser ? ['tests/e2e/**'] : [])],
    globalSetup: ['tests/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two cores: more workers only take turns.
    maxWorkers: 2,
  },
})
