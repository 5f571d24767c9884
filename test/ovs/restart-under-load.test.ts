/** ovs-vswitchd ends in the middle of a reload, reloads overtake each other, others have something in the bridge. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { useBareSwitch } from '../cli/bare-switch.ts';
import { flowloom, run } from '../cli/program.ts';

const bare = useBareSwitch('load');

const FLOWS = 1500;
const ROOM = { timeout: 60_000, interval: 200 };

/** In each version another third of the flows drops. */
const isDropping = (flow: number, version: number) => (flow + version) % 3 === 0;

function writeFile(version: number): void {
  const flow = (_: unknown, n: number) => {
    const action = isDropping(n + 1, version) ? 'drop' : 'next';
    return `      - { intent: f${n}, priority: ${1000 + n}, match: "udp,tp_dst=${n + 1}", actions: [${action}] }`;
  };
  const text = `flowloom: 1
hosts: { hv1: { ovsdb: "${bare.server.target}" } }
segments: { loc: { vlan: 100 } }
bridges:
  br0: { hosts: [hv1], datapath: netdev, ports: { hv1/p1: { access: loc }, hv1/p2: { access: loc } } }
apps:
  static-flows:
    flows:
${Array.from({ length: FLOWS }, flow).join('\n')}
`;
  writeFileSync(join(bare.folder, 'net.yaml'), text);
}

const ofctl = (command: string, ...args: string[]) => bare.ofctl('br0', command, ...args);

async function isAsIn(version: number): Promise<void> {
  const wanted = Array.from({ length: FLOWS }, (_, n) => n + 1).filter((port) => isDropping(port, version));
  await vi.waitFor(async () => {
    const found = (await ofctl('dump-flows', 'udp')).matchAll(/tp_dst=(\d+) actions=drop/g);
    expect(Array.from(found, ([, port]) => Number(port)).toSorted((a, b) => a - b)).toEqual(wanted);
  }, ROOM);
}

test('the last file is what stands in the end; a release leaves what is others’, and nothing else', {
  timeout: 180_000,
}, async () => {
  writeFile(0);
  const running = await run(['net.yaml'], bare.folder);
  bare.cleanups.push(() => running.stop());
  await isAsIn(0);
  for (const version of [1, 2]) {
    writeFile(version);
    running.signal('SIGHUP');
    // Somewhere in its way: wherever that is, the outcome is the same.
    await setTimeout(150 * version);
    await bare.server.stopSwitch();
    await bare.server.startSwitch();
    await isAsIn(version);
  }
  for (const version of [3, 4]) {
    writeFile(version);
    running.signal('SIGHUP');
    await setTimeout(30);
  }
  await isAsIn(4);

  await ofctl('add-flow', 'cookie=0x77,table=8,priority=3,actions=drop');
  await ofctl('add-group', 'group_id=9,type=all,bucket=actions=output:1');
  await ofctl('add-meter', 'meter=7,pktps,bands=type=drop,rate=7');
  const released = await flowloom(['release', '--yes', '--api', running.api], bare.folder, 60_000);
  expect([released.code, released.stderr]).toEqual([0, '']);
  expect((await ofctl('dump-flows')).match(/cookie=\w+/g)).toEqual(['cookie=0x77']);
  expect((await ofctl('dump-groups')).match(/group_id=\d+/g)).toEqual(['group_id=9']);
  expect((await ofctl('dump-meters')).match(/meter=\d+/g)).toEqual(['meter=7']);
});
