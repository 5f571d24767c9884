/** What a real ovs-vswitchd counts, as Flowloom tells it: it rises by what was sent, and nothing makes it fall. */

import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test, vi } from 'vitest';
import type { CounterHistory, CounterStatus, FlowStatus } from '../../src/api/snapshot.ts';
import { useBareSwitch } from '../cli/bare-switch.ts';
import { type Running, run } from '../cli/program.ts';
import { SOON } from '../support/soon.ts';

const execute = promisify(execFile);

const bare = useBareSwitch('counters');

const ROOM = { timeout: 120_000 };
const FRAME = 64;

function writeFile(actions: string): void {
  const text = `flowloom: 1
hosts: { hv1: { ovsdb: "${bare.server.target}" } }
segments: { loc: { vlan: 100 } }
bridges:
  br0:
    hosts: [hv1]
    datapath: netdev
    ports: { hv1/p1: { access: loc }, hv1/p2: { access: loc } }
apps:
  static-flows:
    flows:
      - { intent: count probes, priority: 1000, match: dl_type=0x88b5, actions: ${actions} }
      - { intent: never used, priority: 1000, match: dl_type=0x88b6, actions: [drop] }
`;
  writeFileSync(join(bare.folder, 'net.yaml'), text);
}

async function startFlowloom(...words: string[]): Promise<Running> {
  const running = await run(['net.yaml', ...words], bare.folder);
  bare.cleanups.push(() => running.stop());
  await isUp(running);
  return running;
}

async function isUp(running: Running): Promise<void> {
  await vi.waitFor(async () => {
    const [one] = (await running.status()).switches;
    expect(one).toMatchObject({ state: 'up' });
    expect(one!.flows).toBeGreaterThan(3);
  }, SOON);
}

async function send(count: number): Promise<void> {
  const frame = `0200000000020200000000 0188b5`.replaceAll(' ', '') + '00'.repeat(FRAME - 14);
  for (let n = 0; n < count; n++) {
    await execute('ovs-appctl', ['-t', join(bare.server.folder, 'sw.ctl'), 'netdev-dummy/receive', 'p1', frame]);
  }
}

const ofctl = (command: string, ...args: string[]) => bare.ofctl('br0', command, ...args);

async function ask<T>({ api }: Running, path: string): Promise<T> {
  return (await (await fetch(`${api}/api/v1/${path}`)).json()) as T;
}

interface Figures {
  flow: number;
  intent: number;
  app: number;
}

/** Packets of the probes: by their flow, their intent, their app. */
async function probes(running: Running): Promise<Figures> {
  const of = (kind: string) => ask<CounterStatus[]>(running, `counters?of=${kind}`);
  const [flows, intents, apps] = [await of('flow'), await of('intent'), await of('app')];
  const packets = (one: CounterStatus | undefined) => one?.counts.packets ?? 0;
  return {
    flow: packets(flows.find(({ intent }) => intent === 'count probes')),
    intent: packets(intents.find(({ intent }) => intent === 'count probes')),
    app: packets(apps.find(({ id }) => id === 'static-flows')),
  };
}

/** Waits until all three have come to so many, never having gone back from the last such wait. */
function createWatch() {
  let least: Figures = { flow: 0, intent: 0, app: 0 };
  return async (running: Running, packets: number): Promise<void> => {
    await vi.waitFor(async () => {
      const now = await probes(running);
      expect(now.intent).toBeGreaterThanOrEqual(least.intent);
      expect(now.app).toBeGreaterThanOrEqual(least.app);
      // While it is gone from the switch a flow has no figures.
      if (now.flow > 0) expect(now.flow).toBeGreaterThanOrEqual(least.flow);
      least = { ...now, flow: Math.max(now.flow, least.flow) };
      expect(now).toEqual({ flow: packets, intent: packets, app: packets });
    }, SOON);
  };
}

test('figures rise by what was sent, and go on over every kind of new beginning', ROOM, async () => {
  writeFile('[next]');
  const state = join(bare.folder, 'state');
  let running = await startFlowloom('--state', state);
  const come = createWatch();
  await send(5);
  await come(running, 5);
  await vi.waitFor(async () => {
    const [port] = (await ask<CounterStatus[]>(running, 'counters?of=port')).filter(({ name }) => name === 'p1');
    expect(port).toMatchObject({ switch: 'hv1/br0', counts: { rxPackets: 5, rxBytes: 5 * FRAME, rxDropped: null } });
    const tables = await ask<CounterStatus[]>(running, 'counters?of=table');
    expect(tables.find(({ app }) => app === 'static-flows')?.counts.matched).toBeGreaterThanOrEqual(5);
  }, SOON);

  // Somebody deletes all flows; they are put back.
  await ofctl('del-flows');
  await isUp(running);
  await send(3);
  await come(running, 8);

  // Another action for the same reason.
  writeFile('[drop]');
  running.signal('SIGHUP');
  await vi.waitFor(async () => {
    const flows = await ask<FlowStatus[]>(running, 'flows');
    expect(flows.find(({ intent }) => intent === 'count probes')?.actions).toBe('drop');
  }, SOON);
  await send(2);
  await come(running, 10);

  // The switch begins anew, its counters at zero.
  await bare.server.stopSwitch();
  await bare.server.startSwitch();
  await vi.waitFor(async () => expect(await ofctl('dump-flows')).toContain('dl_type=0x88b5'), SOON);
  await isUp(running);
  await send(20);
  await come(running, 30);

  // Both begin anew.
  await running.stop();
  await bare.server.stopSwitch();
  await bare.server.startSwitch();
  running = await startFlowloom('--state', state);
  await vi.waitFor(async () => expect(await ofctl('dump-flows')).toContain('dl_type=0x88b5'), SOON);
  await send(40);
  await come(running, 70);
  // Some devices count on when the switch begins anew, and others do not: what was not read between is not known.
  const [again] = (await ask<CounterStatus[]>(running, 'counters?of=port')).filter(({ name }) => name === 'p1');
  expect(again?.counts.rxPackets).toBeGreaterThanOrEqual(45);
  expect(again?.counts.rxPackets).toBeLessThanOrEqual(70);

  // Flowloom alone is killed: the switch has counted on.
  await running.stop('SIGKILL');
  await send(1);
  running = await startFlowloom('--state', state);
  await come(running, 71);
  await running.stop();

  // Without what it had kept it says what the switch says.
  running = await startFlowloom();
  await vi.waitFor(async () => expect(await probes(running)).toEqual({ flow: 41, intent: 41, app: 41 }), SOON);
});

test('a history tells when; an intent that is gone keeps what it had', ROOM, async () => {
  writeFile('[next]');
  const running = await startFlowloom();
  const begin = Date.now();
  await probes(running);
  await send(6);
  await createWatch()(running, 6);
  const [intent] = (await ask<CounterStatus[]>(running, 'counters?of=intent&app=static-flows')).filter(
    ({ name }) => name === 'count probes',
  );
  expect(intent).toMatchObject({ app: 'static-flows', source: 'net.yaml:12' });
  await vi.waitFor(async () => {
    const path = `counters/history?of=intent&id=${intent!.id}`;
    const { from, step, rates } = await ask<CounterHistory>(running, path);
    expect(step).toBe(1);
    expect(from).toBeGreaterThan(begin - 60_000);
    expect(rates.packets!.reduce((sum, rate) => sum + rate, 0)).toBeCloseTo(6, 3);
  }, SOON);

  // A flow's own begins when somebody asks for it.
  const flows = await ask<FlowStatus[]>(running, 'flows');
  const { id } = flows.find(({ intent: why }) => why === 'count probes')!;
  let sent = 6;
  await vi.waitFor(async () => {
    await send(1);
    sent++;
    const { rates } = await ask<CounterHistory>(running, `counters/history?of=flow&id=${encodeURIComponent(id)}`);
    expect(rates.packets!.some((rate) => rate > 0)).toBe(true);
  }, SOON);
  await createWatch()(running, sent);

  const text = `flowloom: 1
hosts: { hv1: { ovsdb: "${bare.server.target}" } }
segments: { loc: { vlan: 100 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc }, hv1/p2: { access: loc } } }
`;
  writeFileSync(join(bare.folder, 'net.yaml'), text);
  running.signal('SIGHUP');
  await vi.waitFor(async () => {
    const flows = await ask<FlowStatus[]>(running, 'flows');
    expect(flows.filter(({ app }) => app === 'static-flows')).toEqual([]);
    expect(await ask<CounterStatus[]>(running, `counters?of=intent&id=${intent!.id}`)).toEqual([
      { ...intent, counts: { packets: sent, bytes: sent * FRAME }, rates: { packets: 0, bytes: 0 } },
    ]);
  }, SOON);
});
