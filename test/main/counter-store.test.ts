/** Sums in the store: whole or not at all, whenever Flowloom is killed. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createCounterStore, type SavedCounters } from '../../src/main/counter-store.ts';
import { createStore, type Store } from '../../src/store/store.ts';
import type { SavedFlow } from '../../src/telemetry/counters/flow-book.ts';

function counters(flows: number, packets: number): SavedCounters {
  return {
    intents: [['0xf100010000000001', 'firewall', packets, packets * 100, 'accept http', 'net.yaml:4', 1000, false]],
    apps: [['firewall', packets, packets * 100]],
    switches: [
      {
        ...{ dpid: '00000000000000a1', at: 1000, portsAt: null },
        flows: Array.from(
          { length: flows },
          (_, i): SavedFlow => [0, `\u0000\u00ffk${i}`, 1, 2, packets, 0, packets, 0],
        ),
        entities: [{ kind: 'port', name: 'p1', last: [1, 2], sums: [3, 4] }],
      },
    ],
  };
}

function open(folder: string): Store {
  const store = createStore(folder);
  onTestFinished(() => store.close());
  return store;
}

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'flowloom-counters-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test('what was saved is loaded, parts and all, and nothing of what was before stays', () => {
  const store = open(folder());
  const kept = createCounterStore(store)!;
  expect(kept.load()).toBeUndefined();
  for (const [flows, packets] of [[2500, 7] as const, [1001, 8] as const, [0, 9] as const]) {
    createCounterStore(store)!.save(counters(flows, packets));
    expect(kept.load()).toEqual(counters(flows, packets));
  }
  expect(store.space('counters').entries()).toHaveLength(2);
});

test('a saving that is cut off anywhere leaves what was saved before', async () => {
  const store = open(folder());
  createCounterStore(store)!.save(counters(3000, 1));
  const gentle = createCounterStore(store)!;
  const { space } = store;
  let writes = 0;
  const allowed = 2;
  const broken: Store = {
    ...store,
    space(name) {
      const real = space.call(store, name);
      return {
        ...real,
        set(key, value) {
          if (++writes > allowed) throw new Error('killed');
          real.set(key, value);
        },
      };
    },
  };
  await expect(createCounterStore(broken)!.saveGently(counters(3000, 2))).rejects.toThrow('killed');
  expect(gentle.load()).toEqual(counters(3000, 1));
  await gentle.saveGently(counters(10, 3));
  expect(gentle.load()).toEqual(counters(10, 3));
});

test('without a folder nothing is kept', () => {
  expect(createCounterStore(open(undefined as unknown as string))).toBeUndefined();
});
