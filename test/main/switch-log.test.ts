/** What is told of a switch whose flows fail by the thousand. */

import { pino } from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSwitchLog } from '../../src/control/switch-log.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => void vi.useRealTimers());

function start() {
  const lines: string[] = [];
  const events: string[] = [];
  const log = pino({ base: null }, { write: (line: string) => void lines.push(JSON.parse(line).msg) });
  const told = createSwitchLog(
    () => 'hv1/br0',
    log,
    (...words) => void events.push(words.join(' ')),
  );
  return { told, lines, events };
}

test('a few refusals are told each; of a thousand at once the first, and how many more', () => {
  const { told, lines, events } = start();
  for (let i = 0; i < 3; i++) told.refused(`flow ${i}`);
  vi.advanceTimersByTime(1000);
  expect(lines).toEqual([0, 1, 2].map((i) => `hv1/br0 refused a flow: flow ${i}`));
  for (let i = 0; i < 1000; i++) told.refused(`flow ${i}`);
  expect(lines).toHaveLength(23);
  vi.advanceTimersByTime(1000);
  expect(lines.slice(23)).toEqual(['hv1/br0 refused 980 more; `flowloom status` lists them']);
  expect(events).toHaveLength(24);
  expect(events.at(-1)).toBe('refused hv1/br0 and 980 more');
  told.refused('the next');
  expect(lines.at(-1)).toBe('hv1/br0 refused a flow: the next');
});

test('one flow is no flows', () => {
  const { told, lines } = start();
  told.synchronised({ added: 1, deleted: 0, groups: 0, unchanged: 1 }, []);
  told.synchronised({ added: 0, deleted: 0, groups: 0, unchanged: 1 }, []);
  expect(lines).toEqual([
    'hv1/br0: 1 flow added, 0 deleted, 1 left as it was',
    'hv1/br0 is as it should be: 1 flow, nothing to send',
  ]);
});

test('drift is told before the outcome, and apart from refusals', () => {
  const { told, lines } = start();
  told.refused('one');
  told.synchronised(
    { added: 30, deleted: 0, groups: 0, unchanged: 5 },
    Array.from({ length: 30 }, (_, i) => `flow ${i} was gone`),
  );
  expect(lines).toHaveLength(22);
  expect(lines[20]).toBe('hv1/br0: drift repaired: flow 19 was gone');
  expect(lines[21]).toBe('hv1/br0: 30 flows added, 0 deleted, 5 left as they were');
  vi.advanceTimersByTime(1000);
  expect(lines.slice(22)).toEqual(['hv1/br0: and 10 more repaired; /api/v1/drift has the last ones']);
});
