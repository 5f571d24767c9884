/** Ports, tables, meters and groups of a real ovs-vswitchd, each counted by itself; what is made again goes on. */

import { afterEach, expect, test, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { EntityKind } from '../../src/telemetry/counters/entity-book.ts';
import { COUNTER_FIELDS } from '../../src/telemetry/counters/kinds.ts';
import { SOON } from '../support/soon.ts';
import { type CountersAt, countersAt } from './counter-support.ts';
import { type LiveSwitch, startLiveSwitch } from './live-switch.ts';

let live: LiveSwitch | undefined;
let read: CountersAt | undefined;

afterEach(async () => {
  read?.close();
  await live?.stop();
});

const FRAME = 64;
const frame = `02000000000202000000000188b5${'00'.repeat(FRAME - 14)}`;

async function send(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await live!.appctl('netdev-dummy/receive', 'p1', frame);
}

/** Its figures by name. */
async function figures(kind: EntityKind, name: string): Promise<Record<string, number | null>> {
  await read!.counters.fresh([kind]);
  const counts = read!.counters.entity(read!.datapath.dpid, kind, name)?.counts ?? [];
  return Object.fromEntries(COUNTER_FIELDS[kind].map((field, index) => [field, counts[index] ?? null]));
}

const soon = (check: () => Promise<void>) => vi.waitFor(check, SOON);

test('each kind counts what went through it; a meter and a group that are made again go on', async () => {
  live = await startLiveSwitch();
  const meter = 'meter=7,pktps,burst,stats,bands=type=drop,rate=2,burst_size=2';
  const group = 'group_id=9,type=all,bucket=actions=output:p2';
  const flow = 'table=3,priority=5,dl_type=0x88b5,actions=meter:7,group:9';
  await live.ofctl('add-meter', meter);
  await live.ofctl('add-group', group);
  await live.ofctl('add-flow', 'table=0,priority=1,actions=goto_table:3');
  await live.ofctl('add-flow', flow);
  read = await countersAt(live.socket, systemClock);

  await send(6);
  const all = { packets: 6, bytes: 6 * FRAME };
  await soon(async () => expect(await figures('meter', '7')).toMatchObject(all));
  const { droppedPackets } = await figures('meter', '7');
  expect(droppedPackets).toBeGreaterThan(0);
  await soon(async () => expect((await figures('group', '9')).packets).toBeGreaterThan(0));
  await soon(async () => expect((await figures('table', '3')).matched).toBe(6));
  await soon(async () =>
    expect(await figures('port', 'p1')).toMatchObject({ rxPackets: 6, rxBytes: 6 * FRAME, rxDropped: null }),
  );
  // The dummy's queue keeps nothing, so there is none.
  await read.counters.fresh(['queue']);
  expect([...read.counters.entities('queue')]).toEqual([]);

  const before = (await figures('group', '9')).packets!;
  await live.ofctl('del-groups');
  await live.ofctl('del-meters');
  await soon(async () => {
    await read!.counters.fresh(['meter', 'group']);
    expect([...read!.counters.entities('meter'), ...read!.counters.entities('group')]).toEqual([]);
  });
  await live.ofctl('add-meter', meter.replace('rate=2', 'rate=1000').replace('burst_size=2', 'burst_size=1000'));
  await live.ofctl('add-group', group);
  await live.ofctl('add-flow', flow);
  await send(9);
  await soon(async () => expect(await figures('meter', '7')).toMatchObject({ packets: 15, bytes: 15 * FRAME }));
  await soon(async () => expect((await figures('group', '9')).packets).toBe(before + 9));
  expect((await figures('meter', '7')).droppedPackets).toBe(droppedPackets);
});
