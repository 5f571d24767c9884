/** An app that throws in `attach` right after a restart: what it had in a real ovs-vswitchd forwards on until it has begun. */

import { afterEach, expect, test } from 'vitest';
import { type AnyApp, defineApp } from '../../src/app/define-app.ts';
import { group, meter, next, output } from '../../src/flow/actions.ts';
import { type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

let live: LiveSwitch | undefined;
let sending: { on: boolean; done: Promise<number> } | undefined;
afterEach(async () => {
  await stopSending();
  await live?.stop();
  live = undefined;
});

/** Sends on what comes by port 1: in one table to a meter, in the next, whose miss is its own too, to a group. */
function forwarding(options: { fails: number; isLess?: boolean }): AnyApp {
  let { fails } = options;
  return defineApp({
    name: 'forwarding',
    tables: { metered: { stage: 'admit' }, out: { stage: 'respond' } },
    attach({ dp }) {
      if (fails-- > 0) throw new Error('not yet');
      const { metered, out } = dp.flows;
      dp.meters.set('most', { unit: 'packets', rate: 100_000 });
      dp.groups.set('all', { type: 'all', buckets: [{ actions: [output(2)] }] });
      metered.set('p1', { priority: 5, match: { inPort: 1 }, actions: [meter('most'), next()], intent: 'a meter' });
      out.set('p1', { priority: 5, match: { inPort: 1 }, actions: [group('all')], intent: 'from 1 to 2' });
      if (options.isLess === true) return {};
      dp.groups.set('none', { type: 'all', buckets: [{ actions: [output(3)] }] });
      out.set('p4', { priority: 5, match: { inPort: 4 }, actions: [group('none')], intent: 'from 4 to 3' });
      out.set('miss', { priority: 0, match: {}, actions: [output(3)], intent: 'all else' });
      return {};
    },
  });
}
/** Another app, whose packets go through the tables of that one. */
const bystander = defineApp({
  name: 'bystander',
  tables: { first: { stage: 'classify' } },
  attach({ dp }) {
    dp.flows.first.set('p1', { priority: 9, match: { inPort: 1 }, actions: [next()], intent: 'what comes in goes on' });
    return {};
  },
});

const PORTS = [1, 2, 3, 4].map((n) => ['set', 'interface', `p${n}`, `ofport_request=${n}`]);
const PACKET = `02000000000202000000000108004500001c000000004011f96f0a0000010a0000020035003500080000${'00'.repeat(18)}`;

/** Packets that went from port 1 to 2. */
async function sentOut(): Promise<number> {
  const told = await live!.ofctl('dump-flows', 'in_port=1');
  return Number(/n_packets=(\d+),.*actions=group:/.exec(told)?.[1]);
}

/** One packet after the other into port 1. */
function startSending(): void {
  const send = async () => {
    let received = 0;
    for (; state.on; received++) await live!.appctl('netdev-dummy/receive', 'p1', PACKET);
    return received;
  };
  const state = { on: true, done: Promise.resolve(0) };
  state.done = send();
  sending = state;
}

/** Gives how many there were. */
async function stopSending(): Promise<number> {
  if (sending === undefined) return 0;
  sending.on = false;
  return sending.done;
}

/** Flows, groups and meters of ours, as ovs-ofctl prints them, without what changes by itself. */
async function standing(): Promise<string[]> {
  const dumps = await Promise.all(['dump-flows', 'dump-groups', 'dump-meters'].map((each) => live!.ofctl(each)));
  return dumps
    .flatMap((text) => text.split('\n'))
    .filter((line) => /^ cookie|group_id|meter=/.test(line))
    .map((line) => line.replaceAll(/(duration|n_packets|n_bytes)=[^,]*,? ?/g, ''))
    .toSorted();
}

test('it stands as it was until the app has begun, and no packet is lost; then what it does not declare goes', async () => {
  live = await startLiveSwitch(...PORTS);
  const first = await live.attach(undefined, { apps: [bystander, forwarding({ fails: 0 })] });
  await first.opened();
  const before = await standing();
  const from = await sentOut();
  first.close();

  startSending();
  const failing = await live.attach(undefined, { apps: [bystander, forwarding({ fails: 1, isLess: true })] });
  const app = () => failing.host.apps.get('forwarding')!;
  expect(app().error).toBe('attach: not yet');
  await failing.site.reconciler.read();
  expect(await standing()).toEqual(before);

  await until(
    () => app().error,
    (error) => error === null,
  );
  await until(standing, (now) => now.length < before.length);
  await failing.site.reconciler.settled();
  const received = await stopSending();
  expect(received).toBeGreaterThan(2);
  await until(sentOut, (now) => now - from === received);
  const after = await standing();
  const gone = before.filter((line) => !after.includes(line));
  expect(gone).toEqual([
    expect.stringContaining('priority=0 actions=output:3'),
    expect.stringContaining('priority=5,in_port=4 actions=group:'),
    expect.stringMatching(/group_id=.*output:3/),
  ]);
  expect([failing.refused, failing.failures]).toEqual([[], []]);
});

test('one that never begins and is left out at a reload takes what it had with it', async () => {
  live = await startLiveSwitch(...PORTS);
  const first = await live.attach(undefined, { apps: [bystander, forwarding({ fails: 0 })] });
  first.close();
  const failing = await live.attach(undefined, { apps: [bystander, forwarding({ fails: 99 })] });
  expect((await standing()).join('\n')).toMatch(/group_id=[\s\S]*meter=/);
  const requests = [...failing.host.apps.values()]
    .filter(({ name }) => name !== 'forwarding')
    .map(({ definition, config }) => ({ definition, config, source: 'a test', sources: {} }));
  expect(failing.host.load(requests)).toEqual([]);
  failing.site.attach(undefined);
  await failing.site.reconciler.settled();
  expect((await standing()).join('\n')).not.toMatch(/group_id|meter=|group:/);
});
