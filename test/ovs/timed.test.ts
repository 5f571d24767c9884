/** Flows with a timeout in a real Open vSwitch: the learning switch's forward, end when they are idle, and outlive the controller. */

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { AnyApp } from '../../src/app/define-app.ts';
import { ct, defineApp, goto, macNumber, next, output, slot } from '../../src/index.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

let live: LiveSwitch;
const open: Attached[] = [];

beforeAll(async () => {
  live = await startLiveSwitch();
});

afterAll(() => live.stop());

afterEach(async () => {
  for (const attached of open.splice(0)) attached.close();
  await live.ofctl('del-flows');
});

async function attach(text?: string): Promise<Attached> {
  const attached = await live.attach(text);
  open.push(attached);
  return attached;
}

async function attachWith(apps: AnyApp[]): Promise<Attached> {
  const attached = await live.attach(undefined, { apps });
  open.push(attached);
  return attached;
}

const hex = (number: number) => number.toString(16).padStart(2, '0');

/** Station 1 is at port p1, and so on. */
async function send(source: number, destination: number, port = `p${source}`): Promise<void> {
  const frame = `0200000000${hex(destination)}0200000000${hex(source)}88b5${'00'.repeat(50)}`;
  await live.appctl('netdev-dummy/receive', port, frame);
}

/** `p1 1>2 p2: 5` by in port, source, destination, out port, packets. */
async function pairs(): Promise<string[]> {
  const dump = await live.ofctl('dump-flows', '--names');
  const pattern = /n_packets=(\d+).*in_port="?(p\d)"?,dl_src=.*:0(\d),dl_dst=.*:0(\d) actions=output:"?(p\d)"?/g;
  return [...dump.matchAll(pattern)].map(([, n, from, a, b, to]) => `${from} ${a}>${b} ${to}: ${n}`).sort();
}

/** Both know each other afterwards. */
async function introduce(one: number, other: number): Promise<void> {
  await until(
    async () => {
      // Ports are closed for a moment after they came.
      await send(one, other);
      await send(other, one);
      return pairs();
    },
    (found) => found.length === 2,
  );
}

const kept = ({ site }: Attached) => [...site.timed.flows()].map(({ identity }) => identity).sort();

test('two stations get a flow each way, which forwards without us', async () => {
  const attached = await attach();
  await introduce(1, 2);
  expect(attached.refused).toEqual([]);
  const shown = [...attached.site.flows()].filter(({ idleTimeout }) => idleTimeout === 300);
  expect(shown.map(({ cookie }) => attached.site.learned(cookie))).toEqual(
    Array(2).fill({ app: 'learning-switch', intent: { text: 'stations that talk to each other' } }),
  );
  expect(shown.map(({ identity }) => identity).sort()).toEqual(kept(attached));
  const before = attached.packetIns('learning-switch');
  for (let i = 0; i < 5; i++) await send(1, 2);
  await until(pairs, (found) => found.some((each) => /^p1 1>2 p2: [5-9]$/.test(each)));
  expect(attached.packetIns('learning-switch')).toBe(before);
});

test('one that nothing uses ends, and its app hears of it: by its key, or by the numbers of its template', async () => {
  const heard: unknown[] = [];
  const app = defineApp({
    name: 'passing',
    tables: { pairs: { stage: 'admit' } },
    attach({ dp: { flows }, adopted }) {
      const rest = { priority: 500, idleTimeout: 2, intent: 'a test' };
      const template = flows.pairs.template(
        { ...rest, match: { ethSrc: slot(1), inPort: slot(0) }, actions: [output(slot(2))], intent: 'of a template' },
        (...numbers) => heard.push(numbers),
      );
      template.set(1, macNumber('02:00:00:00:00:0a'), 2);
      flows.pairs.set('by key', { ...rest, match: { ethType: 0x88b6 }, actions: [next()] });
      heard.push(adopted.length);
      return { flowRemoved: (table, key) => void heard.push([table, key]) };
    },
  });
  const attached = await live.attach(undefined, { apps: [app] });
  open.push(attached);
  // ovs-ofctl asks by a connection of its own, and may be quicker.
  await until(
    () => live.ofctl('dump-flows'),
    (dump) =>
      /in_port=1,dl_src=02:00:00:00:00:0a actions=output:2/.test(dump) &&
      /dl_type=0x88b6 actions=goto_table:\d+/.test(dump),
  );
  expect(heard[0]).toBe(0);
  await until(
    () => heard.length,
    (count) => count === 3,
  );
  expect(heard).toContainEqual([1, macNumber('02:00:00:00:00:0a'), 2]);
  expect(heard).toContainEqual(['pairs', 'by key']);
  expect(kept(attached)).toEqual([]);
  expect(await live.ofctl('dump-flows')).not.toContain('0x88b6');
});

test('a station that moved takes its flows along, of both directions', async () => {
  const attached = await attach();
  await introduce(1, 2);
  await send(1, 4, 'p3');
  await until(pairs, (found) => found.length === 0);
  expect(kept(attached)).toEqual([]);
  await send(2, 1);
  await until(pairs, (found) => /^p2 2>1 p3: \d+$/.test(found.join()));
});

test('what somebody else takes away is forgotten, and set again by the next packet', async () => {
  const attached = await attach();
  await introduce(1, 2);
  await live.ofctl('del-flows', 'table=184,dl_src=02:00:00:00:00:01');
  await until(
    () => kept(attached).length,
    (count) => count === 1,
  );
  const drift = attached.syncs.flatMap(({ drift }) => drift);
  await send(1, 2);
  await until(pairs, (found) => found.length === 2);
  expect(attached.syncs.flatMap(({ drift }) => drift)).toEqual(drift);
  expect(kept(attached)).toHaveLength(2);
});

test('a later run sends nothing, and knows the stations by their flows', async () => {
  const first = await attach();
  await introduce(1, 2);
  const stood = kept(first);
  first.close();
  const second = await attach();
  expect(second.sent).toMatchObject({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  expect(kept(second)).toEqual(stood);
  // To one that it has not heard of since: not flooded, but sent.
  await send(3, 1);
  await until(pairs, (found) => found.length === 3);
  expect((await pairs()).join()).toMatch(/p3 3>1 p1/);
});

test('a later run knows those that go on to the next table, a stage or through conntrack, and hears their end', async () => {
  const ended: string[] = [];
  const stood: unknown[] = [];
  const going = (name: string, actions: never[]) => ({
    name,
    spec: {
      priority: 10,
      match: { ethType: 0x0800, inPort: slot(0), ethSrc: slot(1) },
      actions,
      idleTimeout: 60,
      intent: name,
    },
  });
  const app = defineApp({
    name: 'going-on',
    tables: { gate: { stage: 'admit' } },
    attach({ dp }) {
      const ways = [
        going('next', [next()] as never[]),
        going('stage', [goto('switching')] as never[]),
        going('tracked', [ct({ zone: dp.ctZone('gate'), table: 'next' })] as never[]),
      ];
      for (const [i, { name, spec }] of ways.entries()) {
        const template = dp.flows.gate.template(spec, (port) => ended.push(`${name} ${port}`));
        stood.push(template.standing());
        if (stood.length <= ways.length) template.set(1 + i, macNumber(`02:00:00:00:00:0${1 + i}`));
      }
    },
  });
  const first = await attachWith([app]);
  await until(
    () => live.ofctl('dump-flows'),
    (dump) => dump.match(/priority=10,ip,in_port/g)?.length === 3,
  );
  first.close();
  const second = await attachWith([app]);
  expect(stood).toEqual([[], [], [], [[1, 0x020000000001]], [[2, 0x020000000002]], [[3, 0x020000000003]]]);
  expect(second.sent).toMatchObject({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  await live.ofctl('del-flows', 'ip');
  await until(
    async () => ended,
    (told) => told.length === 3,
  );
  expect(ended.sort()).toEqual(['next 1', 'stage 2', 'tracked 3']);
});
