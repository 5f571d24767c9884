/** Figures of flows and the sums over them: they never fall, whatever becomes of the flows and of the switch. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFlowBook, type FlowBook, type FlowReading } from '../../src/telemetry/counters/flow-book.ts';
import { createHistory } from '../../src/telemetry/counters/history.ts';
import { createIntentSums, rateOf } from '../../src/telemetry/counters/intent-sums.ts';

const BEGIN = 1_000_000_000;
const second = (n: number) => BEGIN + n * 1000;

function start() {
  const history = createHistory();
  const sums = createIntentSums(history);
  const named: string[] = [];
  const book = createFlowBook({
    dpid: 'a1',
    sums,
    ownerOf: (_, cookieLow) => ({ intent: `intent ${cookieLow}`, app: cookieLow === 0 ? undefined : 'firewall' }),
    identityOf: (tableId, key) => (key === 'bad' ? undefined : `${tableId}/${key}`),
    named: (identity, intent) => named.push(`${identity}: ${intent}`),
  });
  const read = (n: number, ...flows: Partial<FlowReading>[]) => dump(book, second(n), undefined, flows);
  const intent = (cookie: number) => sums.intents.get(`intent ${cookie}`);
  return { book, sums, history, named, read, intent };
}

function dump(book: FlowBook, at: number, table: number | undefined, flows: Partial<FlowReading>[]): void {
  book.begin(at);
  for (const flow of flows) {
    const bytes = (flow.packets ?? 0) * 100;
    const cookie = { cookieHigh: 0, cookieLow: 1 };
    book.read({ tableId: 0, key: 'a', duration: 3_600_000, ...cookie, packets: 0, bytes, ...flow });
  }
  book.end(table);
  while (book.identify(1));
}

test('the first reading is taken as it stands, without a rate; the next one has one', () => {
  const { book, read, intent, sums } = start();
  read(0, { packets: 70 });
  expect(book.figures('0/a')).toMatchObject({ packets: 70, bytes: 7000, packetRate: 0 });
  expect(rateOf(intent(1)!)).toEqual([0, 0]);
  read(2, { packets: 80 });
  expect(book.figures('0/a')).toMatchObject({ packets: 80, bytes: 8000, packetRate: 5, byteRate: 500 });
  expect(rateOf(intent(1)!)).toEqual([5, 500]);
  expect(sums.apps.get('firewall')).toMatchObject({ packets: 80, flows: 1 });
  read(3, { packets: 80 });
  expect(rateOf(sums.apps.get('firewall')!)).toEqual([0, 0]);
});

test('when an intent was hit last is known from the second reading on, by switch', () => {
  const { read, intent } = start();
  read(0, { packets: 70 });
  expect(intent(1)).toMatchObject({ packets: 70, hitAt: undefined });
  read(2, { packets: 80 });
  read(4, { packets: 80 });
  expect(intent(1)).toMatchObject({ hitAt: second(2) });
  expect([...intent(1)!.parts].map(({ dpid }) => dpid)).toEqual(['a1']);
});

test('a flow that is installed again goes on where it left off; what it left without it stays with its intent', () => {
  const { book, read, intent } = start();
  read(0, { packets: 50 });
  read(10, { packets: 60 });
  // Between two readings it was deleted and put back.
  read(20, { packets: 3, duration: 4_000 });
  expect(book.figures('0/a')).toMatchObject({ packets: 63, packetRate: 0.3 });
  // And once more: it has counted more packets than before already, but fewer bytes.
  read(25, { packets: 10, bytes: 90, duration: 2_000 });
  expect(book.figures('0/a')).toMatchObject({ packets: 73, bytes: 6390 });
  // It is gone for one reading.
  read(30);
  expect(book.figures('0/a')).toBeUndefined();
  expect(intent(1)).toMatchObject({ packets: 73, flows: 0 });
  read(40, { packets: 2, duration: 1_000 });
  expect(book.figures('0/a')).toMatchObject({ packets: 75, bytes: 6590 });
  expect(intent(1)).toMatchObject({ packets: 75, flows: 1 });
});

test('another intent in the same place begins at nothing, though the switch keeps the count', () => {
  const { book, read, intent, sums } = start();
  read(0, { packets: 50 });
  read(1, { packets: 58, cookieLow: 2, duration: 500 });
  expect(book.figures('0/a')).toMatchObject({ packets: 8 });
  expect([intent(1)?.packets, intent(2)?.packets]).toEqual([50, 8]);
  expect([intent(1)?.flows, intent(2)?.flows]).toEqual([0, 1]);
  expect(sums.apps.get('firewall')).toMatchObject({ packets: 58, flows: 1 });
});

test('after a restart of the switch counters that are past the last ones already are new all the same', () => {
  const { book, read } = start();
  read(0, { packets: 50 });
  book.disconnected();
  book.restarted();
  read(30, { packets: 55, duration: 20_000 });
  expect(book.figures('0/a')).toMatchObject({ packets: 105 });
  read(31, { packets: 56, duration: 21_000 });
  expect(book.figures('0/a')).toMatchObject({ packets: 106 });
});

test('a reading of one table leaves the others; a table that comes later has rates at once', () => {
  const { book, read, intent } = start();
  read(0, { packets: 1 }, { tableId: 9, key: 'z', cookieLow: 2, packets: 4 });
  dump(book, second(1), 9, [{ tableId: 9, key: 'z', cookieLow: 2, packets: 14 }]);
  expect(book.figures('9/z')).toMatchObject({ packets: 14, packetRate: 10 });
  expect(book.figures('0/a')).toMatchObject({ packets: 1 });
  dump(book, second(2), 9, []);
  expect([book.size, intent(2)?.flows]).toEqual([1, 0]);
  read(10, { packets: 1 }, { tableId: 5, key: 'n', packets: 100, duration: 1_000 });
  expect(book.figures('5/n')).toMatchObject({ packets: 100, packetRate: 10 });
});

test('what the switch does not keep counts nothing; a match that cannot be read has no figures of its own', () => {
  const { book, read, intent } = start();
  read(0, { packets: 5, bytes: Number.NaN }, { key: 'bad', cookieLow: 3, packets: 7 });
  read(1, { packets: 6, bytes: Number.NaN }, { key: 'bad', cookieLow: 3, packets: 9 });
  expect(book.figures('0/a')).toMatchObject({ packets: 6, bytes: 0 });
  expect([...book.identities()]).toHaveLength(1);
  expect(intent(3)).toMatchObject({ packets: 9 });
});

test("a flow's last words are booked; whose intent it is was told when it was found", () => {
  const { book, read, intent, named } = start();
  read(0, { packets: 5 });
  expect(named).toEqual(['0/a: intent 1']);
  book.removed(0, '0/a', 12, 1200, second(1));
  expect(intent(1)).toMatchObject({ packets: 12, bytes: 1200, flows: 0 });
  read(2);
  expect(intent(1)).toMatchObject({ packets: 12 });
});

test('when a flow last moved: at its installation, or when its count had risen', () => {
  const { book, read } = start();
  const movedAt = (key: string) => book.figures(`0/${key}`)?.movedAt;
  read(0, { key: 'one', packets: 0, duration: 7_000 }, { key: 'two', packets: 40, duration: 90_000 });
  expect(movedAt('one')).toBe(second(-7));
  // It has moved since it was installed, and nobody looked when.
  expect(movedAt('two')).toBeUndefined();
  read(5, { key: 'one', packets: 0, duration: 12_000 }, { key: 'two', packets: 41, duration: 95_000 });
  expect([movedAt('one'), movedAt('two')]).toEqual([second(-7), second(5)]);
  read(10, { key: 'one', packets: 3, duration: 17_000 }, { key: 'two', packets: 41, duration: 100_000 });
  expect([movedAt('one'), movedAt('two')]).toEqual([second(10), second(5)]);
  // Gone, and learned again.
  read(15, { key: 'two', packets: 0, duration: 2_000 });
  expect([movedAt('one'), movedAt('two')]).toEqual([undefined, second(13)]);
  read(20, { key: 'one', packets: 5, duration: 4_000 }, { key: 'two', packets: 0, duration: 7_000 });
  expect(movedAt('one')).toBe(second(20));
});

test('histories: of intents and apps always, of flows while they are watched', () => {
  const { book, read, history } = start();
  read(0, { packets: 5 });
  read(4, { packets: 13 });
  expect(book.figures('0/a')?.ring).toBeUndefined();
  expect(history.get('intent/intent 1')?.read(1, second(4))?.rates[0]).toEqual([2, 2, 2, 2]);
  expect(history.get('app/firewall')?.read(1, second(4))?.rates[1]).toEqual([200, 200, 200, 200]);
  book.watch(true);
  read(5, { packets: 14 });
  expect(book.figures('0/a')?.ring?.read(1, second(5))?.rates[0]).toEqual([1]);
  book.watch(false);
  expect(book.figures('0/a')?.ring).toBeUndefined();
});

test('what was saved goes on after a restart of ours', () => {
  const before = start();
  before.read(0, { packets: 50 }, { key: 'b', packets: 7 });
  before.read(1, { packets: 3, duration: 500 });
  const saved = JSON.parse(JSON.stringify(before.book.save()));
  const after = start();
  after.book.restore(saved, second(1));
  after.read(60, { packets: 5 }, { key: 'b', packets: 2, duration: 1_000 });
  expect(after.book.figures('0/a')).toMatchObject({ packets: 55 });
  expect(after.book.figures('0/b')).toMatchObject({ packets: 9 });
});

test('whatever happens to flows and switch: no figure falls, and an intent has what its flows have', () => {
  const step = fc.record({
    seconds: fc.integer({ min: 1, max: 60 }),
    packets: fc.nat(1000),
    event: fc.constantFrom('goes on', 'installed anew', 'gone', 'switch restarted'),
  });
  fc.assert(
    fc.property(fc.array(fc.tuple(step, step), { maxLength: 30 }), (steps) => {
      const { book, read, intent } = start();
      const real = [0, 0];
      const sent = [0, 0];
      let now = 0;
      let installed = [-1000, -1000];
      let lost = 0;
      let last = 0;
      read(0, { key: 'k0' }, { key: 'k1' });
      for (const both of steps) {
        now += both[0].seconds;
        if (both[0].event === 'switch restarted') {
          book.restarted();
          installed = [now, now];
          real.fill(0);
        }
        const flows = both.flatMap(({ packets, event }, index): Partial<FlowReading>[] => {
          if (event === 'installed anew' || event === 'gone') {
            installed[index] = now;
            real[index] = 0;
          }
          if (event === 'gone') return [];
          real[index]! += packets;
          sent[index]! += packets;
          return [{ key: `k${index}`, packets: real[index]!, duration: (now - installed[index]!) * 1000 }];
        });
        read(now, ...flows);
        const total = intent(1)!.packets;
        // Of a flow that was installed anew and has counted more than before, that much is not seen.
        expect(total).toBeGreaterThanOrEqual(last);
        expect(total).toBeLessThanOrEqual(sent[0]! + sent[1]!);
        last = total;
        lost = sent[0]! + sent[1]! - total;
        for (const [, figures] of book.identities()) expect(figures.packets).toBeLessThanOrEqual(total);
      }
      if (!steps.flat().some(({ event }) => event === 'installed anew')) expect(lost).toBe(0);
    }),
  );
});
