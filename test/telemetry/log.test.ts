/** Which lines of the log are told. */

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
