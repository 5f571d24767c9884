/** The load generator finds what is wrong in a controller's answers, and what is missing. */

import type { AddressInfo, Server } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { type Spoil, startBareLoop } from './load/bare-loop.ts';
import { type LoadOptions, load } from './load/load.ts';

const servers: Server[] = [];

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

async function play(spoil?: Spoil, options: Partial<LoadOptions> = {}, plain = false) {
  const server = await startBareLoop(0, spoil, plain);
  servers.push(server);
  const target = { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
  const short = { switches: 2, warmUpMs: 20, measureMs: 50, window: 16, stations: 8, ports: 4 };
  // What never comes is waited for so long; what comes, on a busy machine, longer.
  const patienceMs = spoil === undefined ? 30_000 : 500;
  return load({ target, mode: 'throughput', ...short, patienceMs, ...options });
}

/** Spoils one answer of the kind, the hundredth. */
function once(kind: 'flowMod' | 'packetOut', change: (bytes: Buffer) => boolean | undefined): Spoil {
  let count = 0;
  return (of, bytes) => (of === kind && ++count === 100 ? change(bytes) !== false : true);
}

test('right answers: packets and flows are counted, nothing is wrong or missing', async () => {
  const result = await play();
  expect(result).toMatchObject({ wrong: [], wrongs: 0, missing: 0 });
  expect(result.answers).toBeGreaterThan(0);
  // One of 16 is for somebody unknown.
  expect(Math.abs(result.flowMods / result.answers - 15 / 16)).toBeLessThan(0.2);
  expect(result.perSecond).toBeGreaterThan(0);
});

test('latency: one at a time', async () => {
  const result = await play(undefined, { mode: 'latency', switches: 1 });
  expect(result).toMatchObject({ wrong: [], missing: 0 });
  expect(result.p50).toBeGreaterThan(0);
  expect(result.p99).toBeGreaterThanOrEqual(result.p50!);
});

test('the plain loop answers the same, each answer by itself', async () => {
  const result = await play(undefined, {}, true);
  expect(result).toMatchObject({ wrong: [], wrongs: 0, missing: 0 });
  expect(Math.abs(result.flowMods / result.answers - 15 / 16)).toBeLessThan(0.2);
});

test('a flow that is removed at once is set again', async () => {
  expect(await play(undefined, { flowRemoved: true })).toMatchObject({ wrong: [], missing: 0 });
});

const portOfPacketOut = (bytes: Buffer) => bytes.writeUInt32BE(77, 28);
const portOfFlowMod = (bytes: Buffer) => bytes.writeUInt32BE(77, bytes.length - 12);

test.for<[string, Spoil, RegExp]>([
  ['packet to a wrong port', once('packetOut', (bytes) => portOfPacketOut(bytes) > 0), /went to port 77/],
  ['packet of another buffer', once('packetOut', (bytes) => bytes.writeUInt32BE(5, 8) > 0), /packet-out of buffer 5/],
  ['packet from another port', once('packetOut', (bytes) => bytes.writeUInt32BE(9, 12) > 0), /packet-out from port 9/],
  ['packet with another destination', once('packetOut', (bytes) => bytes.writeUInt8(9, 45) > 0), /other addresses/],
  ['packet that was never sent', once('packetOut', (bytes) => bytes.writeUInt32BE(1e6, 82) > 0), /waits for none/],
  ['flow to a wrong port', once('flowMod', (bytes) => portOfFlowMod(bytes) > 0), /flow-mod to port 77/],
  ['flow from a wrong port', once('flowMod', (bytes) => bytes.writeUInt32BE(9, 56) > 0), /matches port 9/],
  ['flow in another table', once('flowMod', (bytes) => bytes.writeUInt8(3, 24) > 0), /flow-mod in table 3/],
  ['flow for a buffer', once('flowMod', (bytes) => bytes.writeUInt32BE(5, 32) > 0), /flow-mod for buffer 5/],
])('a %s is told', async ([, spoil, what]) => {
  const { wrong, wrongs } = await play(spoil);
  expect(wrong[0]).toMatch(what);
  expect(wrongs).toBeGreaterThan(0);
});

test.for(['flowMod', 'packetOut'] as const)('a %s that never comes is missing', async (kind) => {
  expect((await play(once(kind, () => false))).missing).toBeGreaterThan(0);
});
