/** Vitest's settings: which files are tests, which of them want the machine for themselves, and how long one may take. */

import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** They compare times: what runs beside them would be measured, too. */
const ALONE = [
  'test/bench/**/*.test.ts',
  'test/ovs/counters-cost.test.ts',
  'test/ovsdb/framer.test.ts',
  'test/ovsdb/port-selection.test.ts',
];

const source = (file: string) => new URL(file, import.meta.url).pathname;

export default defineConfig({
  // Examples import it as users do.
  resolve: {
    alias: [
      { find: /^flowloom$/, replacement: source('src/index.ts') },
      { find: /^flowloom\/testing$/, replacement: source('src/testing/index.ts') },
    ],
  },
  test: {
    setupFiles: ['test/seed.ts', 'test/support/compile-cache.ts'],
    // Bounds for what hangs, not for what is slow: nothing rests on them.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Of a failure in CI only the message is seen.
    chaiConfig: { truncateThreshold: 400 },
    expect: { poll: { timeout: 60_000, interval: 20 } },
    projects: [
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: Math.min(availableParallelism(), 4),
          sequence: { groupOrder: 0 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 1 } } },
    ],
  },
});
