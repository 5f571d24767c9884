/** What the switch learns of stations by itself, on a real ovs-vswitchd: where they are, and for how long it knows. */

import { afterEach, expect, test } from 'vitest';
import { type Topology, topology } from '../../apps/topology/services.ts';
import type { LearnedStation } from '../../src/app/learned-flow.ts';
import { systemClock } from '../../src/clock.ts';
import { createCounters } from '../../src/main/counters.ts';
import { type Attached, type LiveSwitch, startLiveSwitch, until } from './live-switch.ts';

const network = (aging = '') => `flowloom: 1
hosts: { hv1: }
segments: { loc: { vlan: 100 } }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ${aging}
    ports:
      hv1/p1: { access: loc }
      hv1/p2: { access: loc }
      hv1/p3: { access: loc }
      hv1/br0: { access: loc }
`;

/** With the ports open that the topology keeps closed until it knows what is behind them. */
async function attach(text: string): Promise<Attached> {
  const attached = await live!.attach(text);
  const { services } = attached.host.commons;
  await until(
    () => (services.get(topology.name, undefined) as Topology | undefined)?.closedPorts(),
    (closed) => closed?.length === 0,
  );
  await attached.site.reconciler.settled();
  return attached;
}

const LOCAL = 0xfffffffe;
let live: LiveSwitch | undefined;

afterEach(async () => {
  await live?.stop();
  live = undefined;
});

/** A frame from a station at a port; both by number. */
async function send(from: { port: string; station: number }, to: number): Promise<void> {
  const mac = (station: number) => `02000000000${station}`;
  await live!.appctl('netdev-dummy/receive', from.port, `${mac(to)}${mac(from.station)}88b5${'00'.repeat(50)}`);
}

async function learned({ site, stationOf }: Attached): Promise<LearnedStation[]> {
  await site.reconciler.read();
  return [...site.reconciler.actual.values()].flatMap((flow) => stationOf(flow) ?? []);
}

const places = async (attached: Attached) =>
  Object.fromEntries(
    (await learned(attached)).flatMap(({ mac, place }) => (place === undefined ? [] : [[mac, place.port]])),
  );

const ONE = '02:00:00:00:00:01';
const TWO = '02:00:00:00:00:02';

test('a station, and one at the bridge itself, are learned, and found at a new port by their first frame', async () => {
  live = await startLiveSwitch();
  const attached = await attach(network());
  const number = async (name: string) => Number(await live!.vsctl('get', 'interface', name, 'ofport'));
  await send({ port: 'p1', station: 1 }, 2);
  await send({ port: 'br0', station: 2 }, 1);
  expect(await learned(attached)).toEqual(
    expect.arrayContaining([
      { segment: 100, mac: ONE, place: { port: await number('p1'), peer: undefined } },
      { segment: 100, mac: ONE, place: undefined },
      { segment: 100, mac: TWO, place: { port: LOCAL, peer: undefined } },
      { segment: 100, mac: TWO, place: undefined },
    ]),
  );
  await send({ port: 'p2', station: 1 }, 9);
  expect(await places(attached)).toEqual({ [ONE]: await number('p2'), [TWO]: LOCAL });

  // A known station's frames go to its port alone, the bridge's own among them.
  const trace = (source: string, destination: string, port: string) =>
    live!.appctl('ofproto/trace', 'br0', `in_port=${port},dl_src=${source},dl_dst=${destination},dl_type=0x88b5`);
  const outputs = (text: string) => /Datapath actions: (.*)/.exec(text)?.[1];
  expect(outputs(await trace('02:00:00:00:00:09', TWO, 'p3'))).toMatch(/^\d+$/);
  expect(await trace('02:00:00:00:00:09', TWO, 'p3')).toMatch(/^ +LOCAL$/m);
  expect(await trace('02:00:00:00:00:09', ONE, 'p3')).toMatch(new RegExp(`^ +output:${await number('p2')}$`, 'm'));
  expect(outputs(await trace('02:00:00:00:00:09', '02:00:00:00:00:0f', 'p3'))).toMatch(/^\d+,\d+,\d+$/);
});

test('a station is heard by what it sends, not by what is sent to it', async () => {
  live = await startLiveSwitch();
  const attached = await attach(network());
  const { site } = attached;
  const counters = createCounters({
    ownerOf: () => ({ app: 'segments', intent: null, source: null }),
    changed: () => undefined,
  });
  counters.connected({
    ...{ dpid: site.dpid, connection: site.datapath.connection, ports: site.ports },
    desired: (identity) => site.reconciler.desired(identity),
  });
  const heardAt = async (mac: string) => {
    await site.reconciler.read();
    await counters.fresh(['flow']);
    const seen = [...site.reconciler.actual.values()].find((flow) => {
      const station = attached.stationOf(flow);
      return station?.mac === mac && station.place === undefined;
    });
    return seen === undefined ? undefined : counters.flow(site.dpid, seen.identity)?.movedAt;
  };
  await send({ port: 'p1', station: 1 }, 2);
  await send({ port: 'p2', station: 2 }, 1);
  const before = await heardAt(TWO);
  const begin = systemClock.now();
  expect(before).toBeLessThanOrEqual(begin);
  const heard = await until(
    async () => {
      await send({ port: 'p1', station: 1 }, 2);
      return heardAt(ONE);
    },
    (at) => at !== undefined && at > begin + 1000,
  );
  expect(heard).toBeLessThanOrEqual(systemClock.now());
  // Were it heard by what was sent to it, each reading would say now; one that took its time on the way is read again.
  await until(
    () => heardAt(TWO),
    (at) => at! < heard!,
  );
  counters.close();
});

test('what was learned at a port that is gone is forgotten: such a station is looked for everywhere', async () => {
  live = await startLiveSwitch();
  const attached = await attach(network());
  await send({ port: 'p1', station: 1 }, 2);
  await send({ port: 'p2', station: 2 }, 1);
  expect(Object.keys(await places(attached)).toSorted()).toEqual([ONE, TWO]);
  await live.vsctl('del-port', 'br0', 'p1');
  await until(
    () => places(attached),
    (found) => found[ONE] === undefined,
  );
  expect(Object.keys(await places(attached))).toEqual([TWO]);
  expect(attached.syncs.flatMap(({ drift }) => drift)).toEqual([]);
});

/** One frame is counted, and more is not yet: they go by what the datapath has cached of the first. */
async function sendUncounted(): Promise<void> {
  await send({ port: 'p1', station: 1 }, 2);
  await send({ port: 'p1', station: 1 }, 2);
  await live!.appctl('revalidator/wait');
  for (let i = 0; i < 3; i++) await send({ port: 'p1', station: 1 }, 2);
}

test('what is forgotten stays so where the switch puts it back, counting packets of before', async () => {
  live = await startLiveSwitch();
  const attached = await attach(network());
  await sendUncounted();
  attached.site.reconciler.forget(attached.host.apps.get('segments')!.tables.get('learned')!);
  await attached.site.datapath.connection.barrier();
  await live.appctl('revalidator/wait');
  await until(
    () => places(attached),
    (found) => found[ONE] === undefined,
  );
});

test('a second run leaves what was learned, and one with another ageing has it learned anew', async () => {
  live = await startLiveSwitch();
  const first = await attach(network());
  await send({ port: 'p1', station: 1 }, 2);
  expect(await places(first)).toHaveProperty([ONE]);
  first.close();
  const second = await attach(network());
  expect(second.sent).toEqual({ flowMods: 0, groupMods: 0, meterMods: 0, bundles: 0 });
  expect(await places(second)).toHaveProperty([ONE]);
  second.close();
  const third = await attach(network('macAging: 40'));
  expect(third.failures).toEqual([]);
  expect(await places(third)).toEqual({});
  await send({ port: 'p1', station: 1 }, 2);
  // A frame by a cached flow of the datapath is learned from when that flow is looked at again, half a second later.
  await until(
    () => places(third),
    (found) => found[ONE] !== undefined,
  );
  const dump = await live.ofctl('dump-flows');
  expect(dump.match(/ hard_timeout=40,/g)).toHaveLength(2);
  expect(dump).not.toContain('hard_timeout=300');
});
