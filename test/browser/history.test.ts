/** The page's memory of rates: bounded, and true about the time between two messages. */
import { expect, test } from 'vitest';
import { createHistory, sparkline } from '../../apps/dashboard/web/src/history.ts';

test('flows that never moved are not remembered, others up to a bound', () => {
  const history = createHistory(10, 1_000);
  history.record('idle', 0, 0, 0);
  expect(history.series('idle')).toBeUndefined();
  for (let second = 0; second < 50; second += 1) history.record('busy', second * 1_000, second, second * 8);
  expect(history.series('busy')?.times).toEqual(Array.from({ length: 10 }, (_, index) => (40 + index) * 1_000));
  expect(history.points).toBe(10);
  history.forget('busy');
  expect(history.points).toBe(0);
});

test('however many flows move, the sum of points stays bounded', () => {
  const history = createHistory(100, 1_000);
  for (let second = 0; second < 100; second += 1) {
    for (let flow = 0; flow < 50; flow += 1) history.record(`flow ${flow}`, second * 1_000, 1, 8);
    expect(history.points).toBeLessThanOrEqual(1_000);
  }
  expect(history.series('flow 49')?.times.at(-1)).toBe(99_000);
});

test('rest between two movements is drawn as rest, not as a slope', () => {
  const history = createHistory();
  history.record('one', 1_000, 5, 40);
  history.record('one', 2_000, 0, 0);
  history.record('one', 60_000, 7, 56);
  expect(history.series('one')).toEqual({
    times: [1_000, 2_000, 59_000, 60_000],
    packetRates: [5, 0, 0, 7],
    bitRates: [40, 0, 0, 56],
  });
});

test('a sparkline spans the last minute, is scaled to its highest rate, and goes on at zero to now', () => {
  const series = { times: [0, 70_000, 80_000, 90_000], packetRates: [99, 10, 5, 0], bitRates: [0, 0, 0, 0] };
  expect(sparkline(series, 100_000, 60_000, 60, 10)).toBe('30.0,0.0 40.0,5.0 50.0,10.0 60.0,10.0');
  expect(sparkline({ times: [0], packetRates: [3], bitRates: [0] }, 100_000, 60_000, 60, 10)).toBe('');
});
