import { defineConfig } from 'vitest/config'

/** These measure times, or need the whole machine: each runs alone, after all others. */
const measuring = ['test/diagnosis/real/*.test.ts', 'test/real-ollama/*.test.ts']

// eslint-disable-next-line no-restricted-exports -- vitest reads the default export
export default defineConfig({
  test: {
    // A missing expected file fails; `npx vitest run -u` writes it.
    update: 'none',
    // So that what commands print does not depend on the language of the machine.
    env: { LC_ALL: 'C' },
    // Far more than a test needs: these end a test that hangs, also on a slow or busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 30_000 } },
    reporters: ['default', './test/support/failures-last.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'all',
          include: ['test/**/*.test.ts'],
          exclude: measuring,
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'measuring',
          include: measuring,
          maxWorkers: 1,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})
