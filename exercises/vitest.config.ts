import { defineConfig } from 'vitest/config'

// The checks are not named *.test.ts: they fail until an exercise is solved, and `npm test` does not run them.
export default defineConfig({
  test: { include: ['exercises/*/check.ts'], globalSetup: ['tests/global-setup.ts'], maxWorkers: 2 },
})
