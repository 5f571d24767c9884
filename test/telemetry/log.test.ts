/** Which lines of the log are told, and how. */

import { execFileSync } from 'node:child_process';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import { createLog } from '../../src/telemetry/log.ts';

test('each of the levels is taken, none is info; another is refused', () => {
  const levels = [...Object.keys(pino.levels.values), 'silent'];
  expect(levels).toHaveLength(7);
  for (const level of levels) expect(createLog({ FLOWLOOM_LOG_LEVEL: level }).level).toBe(level);
  for (const none of [{}, { FLOWLOOM_LOG_LEVEL: '' }]) expect(createLog(none).level).toBe('info');
  expect(() => createLog({ FLOWLOOM_LOG_LEVEL: 'INFO' })).toThrow('"INFO", which is no level: set one of trace, ');
});

test('for people what has fields is one line, and what is of several lines has an error', () => {
  const module = new URL('../../src/telemetry/log.ts', import.meta.url).href;
  const program = `import { createLog } from '${module}';
const log = createLog().child({ app: 'firewall', switch: 'hv1/br0' });
log.info({ from: 'net', dst: '10.0.0.1' }, 'drop');
log.warn({ err: new Error('broken') }, 'it failed');`;
  const said = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
  const [first, second, ...stack] = said.trimEnd().split('\n');
  expect(first).toMatch(/^\[[\d:]{8}\] INFO: firewall on hv1\/br0: drop \{"from":"net","dst":"10\.0\.0\.1"\}$/);
  expect(second).toMatch(/ WARN: firewall on hv1\/br0: it failed *$/);
  expect(stack.join('\n')).toMatch(/Error: broken\n +at /);
});
