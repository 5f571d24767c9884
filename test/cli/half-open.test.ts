/** A switch that connects again while its older connection still looks open, as behind a firewall that forgot it. */

import { mkdirSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { SOON } from '../support/soon.ts';
import { useBareSwitch } from './bare-switch.ts';
import { run } from './program.ts';

const bare = useBareSwitch('half-open');

const FLOWS = 20_000;
/** Less than half of the bundle that brings them. */
const CUT = 500_000;

const MANY = `import { defineApp, next } from 'flowloom';
export default defineApp({
  name: 'many',
  tables: { many: { stage: 'classify' } },
  attach({ dp }) {
    for (let n = 1; n <= ${FLOWS}; n++)
      dp.flows.many.set(String(n), { priority: 7, match: { ethType: 0x0800, ipv4Dst: '10.0.' + (n >> 8) + '.' + (n & 255) }, actions: [next()], intent: 'one' });
  },
});
`;

/** Between the switch and us: of the first connection the switch's end goes in the middle, ours is left as it is. */
async function startMiddle(port: number) {
  const open: Socket[] = [];
  let connections = 0;
  const server = createServer((theirs) => {
    const isFirst = connections++ === 0;
    const ours = connect(port, '127.0.0.1');
    open.push(theirs, ours);
    for (const socket of [theirs, ours]) socket.on('error', () => undefined);
    let passed = 0;
    theirs.on('data', (bytes) => ours.write(bytes));
    ours.on('data', (bytes) => {
      passed += bytes.length;
      if (isFirst && passed > CUT) theirs.destroy();
      else theirs.write(bytes);
    });
    if (isFirst) return;
    theirs.on('close', () => ours.destroy());
    ours.on('close', () => theirs.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    isFirstOpen: () => open[1]?.closed === false,
    close() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
}

test('cut in the middle of a bundle: the older connection is closed, and all stands by the new one', {
  timeout: 120_000,
}, async () => {
  mkdirSync(join(bare.folder, 'many'));
  writeFileSync(join(bare.folder, 'many/index.ts'), MANY);
  const running = await run(['--app', './many/index.ts'], bare.folder);
  bare.cleanups.push(() => running.stop());
  const middle = await startMiddle(running.openflowPort);
  bare.cleanups.push(middle.close);
  const target = `tcp:127.0.0.1:${middle.port}`;
  const made = ['add-br', 'br7', '--', 'set', 'bridge', 'br7', 'datapath_type=dummy', 'fail_mode=secure'];
  await bare.server.vsctl(...made, '--', 'set-controller', 'br7', target);
  const isUp = async () => {
    const { switches } = await running.status();
    expect(switches.map(({ state, flows }) => [state, flows > FLOWS])).toEqual([['up', true]]);
  };
  await vi.waitFor(isUp, SOON);
  expect(middle.connections()).toBe(2);
  await vi.waitFor(() => expect(middle.isFirstOpen()).toBe(false), SOON);
  expect(running.lines().filter((line) => line.includes('its older connection is closed'))).toHaveLength(1);
  const own = async () => (await bare.ofctl('br7', 'dump-flows', 'ip')).match(/priority=7,/g)?.length;
  expect(await own()).toBe(FLOWS);

  // The new one is watched and mended.
  await bare.ofctl('br7', 'del-flows', 'ip,nw_dst=10.0.0.9');
  await vi.waitFor(async () => expect(await own()).toBe(FLOWS), SOON);
  expect(running.lines().filter((line) => line.includes('drift repaired'))).toHaveLength(1);
});
