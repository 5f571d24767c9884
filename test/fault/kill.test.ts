/** The short form of `npm run fault`: the lab `kill` with one of its steps. */

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

const labs = fileURLToPath(new URL('../lab/main.ts', import.meta.url));

test('killed when the commit was sent: the next start mends it, and no ping is lost', {
  timeout: 180_000,
}, async () => {
  const env = {
    ...process.env,
    FLOWLOOM_FAULT: 'flows: commit sent',
    FLOWLOOM_TOTALS: '/dev/null',
    FLOWLOOM_FAILURES: '/dev/null',
  };
  const { stdout } = await promisify(execFile)(process.execPath, [labs, 'kill'], { env });
  expect(stdout).toContain('killed at "flows: commit sent": the next start brings it to what the file says');
  expect(stdout).toMatch(/PASS {2}no ping was lost all the time/);
  expect(stdout).toMatch(/[1-9]\d* checks passed, 0 failed/);
});
