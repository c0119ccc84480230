import { defineConfig } from 'vitest/config'
import { findNatsServer, noNatsServer } from './dev/nats.ts'
import { findChromium, noChromium } from './tests/e2e/chromium.ts'

/** A laptop without a browser runs everything else; CI must have one. */
const skipsBrowser = !findChromium() && !process.env.CI
if (skipsBrowser) console.warn(`The browser tests are skipped. ${noChromium}`)
/** So with a broker. */
const skipsBroker = !findNatsServer() && !process.env.CI
if (skipsBroker) console.warn(`The tests of the nats bus are skipped. ${noNatsServer}`)

export default defineConfig({
  test: {
    include: ['**/*.test.ts'],
    exclude: [
      '**/node_modules/**',
      ...(skipsBrowser ? ['tests/e2e/**'] : []),
      ...(skipsBroker ? ['kit/bus/nats-*.db.test.ts'] : []),
    ],
    globalSetup: ['tests/global-setup.ts'],
    // Each wait has a patience of its own, and says what it waited for.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Two cores: more workers only take turns.
    maxWorkers: 2,
  },
})
