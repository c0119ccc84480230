// What needs a program of Debian that is not there on most machines, and nothing of which is left out: CI runs it.

import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['tests/debian/mail.ts'],
    globalSetup: ['tests/global-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
