/** A switch stays connected as Open vSwitch does: it tries again later and later, asks who is silent, and drops packet-ins. */

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { encodeMessage } from '../../proto/openflow/message.ts';
import { createSimulatedSwitch } from '../../src/sim/simulated-switch.ts';
import { createSwitchLinks } from '../../src/sim/tcp-link.ts';
import { createFakeClock } from '../telemetry/fake-clock.ts';

const cleanups: (() => unknown)[] = [];

afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup();
});

const HELLO = encodeMessage({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 });
const ECHO_REQUEST = 2;

/** `come`: what a controller does with a connection. */
function stage(come: (socket: Socket) => void) {
  const folder = mkdtempSync(join(tmpdir(), 'flowloom-link-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'controller.sock');
  const clock = createFakeClock();
  const reasons: string[] = [];
  let connected = 0;
  const device = createSimulatedSwitch({
    ...{ dpid: 1n, ports: [{ portNo: 1 }], clock, transmit: () => undefined },
  });
  const link = createSwitchLinks({ kind: 'unix', path }, clock).connect(device, {
    connected: () => void connected++,
    disconnected: (reason) => void reasons.push(reason),
  });
  cleanups.push(link.close);
  let server: Server | undefined;
  const sockets: Socket[] = [];
  return {
    ...{ clock, device, link, reasons, sockets },
    connected: () => connected,
    listen: () =>
      new Promise<void>((resolve) => {
        server = createServer((socket) => {
          sockets.push(socket);
          socket.on('error', () => undefined);
          cleanups.push(() => socket.destroy());
          come(socket);
        }).listen(path, resolve);
        cleanups.push(() => server?.close());
      }),
  };
}

test('it tries again after 1, 2, 4, 8 and 8 s, and at once is asked nothing more', async () => {
  const { clock, reasons, link, listen, connected } = stage((socket) => void socket.write(HELLO));
  let failures = 1;
  await expect.poll(() => reasons.length).toBe(failures);
  expect(reasons[0]).toBe('there is no such socket: is the server running?');
  for (const pause of [1000, 2000, 4000, 8000, 8000]) {
    await clock.pass(pause - 1);
    expect(reasons.length).toBe(failures);
    await clock.pass(1);
    await expect.poll(() => reasons.length).toBe(++failures);
  }
  await listen();
  await clock.pass(8000);
  await expect.poll(connected).toBe(1);
  expect(link.isConnected).toBe(true);
  link.close();
  expect(link.isConnected).toBe(false);
});

test('a controller that is silent is asked after 5 s, and left after 5 more', async () => {
  const types: number[] = [];
  const { clock, reasons, listen, connected, link } = stage((socket) => {
    socket.write(HELLO);
    socket.on('data', (chunk: Buffer) => types.push(chunk[1]!));
  });
  await expect.poll(() => reasons.length).toBe(1);
  await listen();
  await clock.pass(1000);
  await expect.poll(connected).toBe(1);
  await clock.pass(4000);
  expect(types).not.toContain(ECHO_REQUEST);
  await clock.pass(1000);
  await expect.poll(() => types).toContain(ECHO_REQUEST);
  await clock.pass(5000);
  await expect.poll(() => reasons.length).toBe(2);
  expect([reasons[1], link.reason, link.isConnected]).toEqual(['it is silent', 'it is silent', false]);
});

test('to a controller that reads nothing a hundred packet-ins wait, and more are dropped', async () => {
  const all: Buffer[] = [];
  const { clock, device, link, listen, connected, sockets, reasons } = stage((socket) => {
    socket.write(HELLO);
    const miss = {
      ...({ type: 'flowMod', command: 'add', cookie: 0n, cookieMask: 0n, tableId: 0, priority: 0, match: {} } as const),
      ...({
        idleTimeout: 0,
        hardTimeout: 0,
        bufferId: 0xffffffff,
        outPort: 'any',
        outGroup: 'any',
        flags: [],
      } as const),
      ...{ importance: 0, xid: 2 },
    };
    const actions = [{ type: 'output', port: 'controller', maxLen: 0xffff }] as const;
    socket.write(
      encodeMessage({ ...miss, flags: [], instructions: [{ type: 'applyActions', actions: [...actions] }] }),
    );
    socket.pause();
  });
  await expect.poll(() => reasons.length).toBe(1);
  await listen();
  await clock.pass(1000);
  await expect.poll(() => [connected(), device.flowCount()]).toEqual([1, 1]);
  const frame = new Uint8Array(1000).fill(1);
  // What the system takes waits there.
  while (link.packetInsDropped < 50) {
    link.together(() => device.receive(1, frame));
    await new Promise(setImmediate);
  }
  const taken = link.packetIns;
  // Once it reads, all that was counted as sent comes, and the next goes again.
  const [socket] = sockets;
  socket!.on('data', (chunk: Buffer) => all.push(chunk));
  socket!.resume();
  await expect.poll(() => packetInsIn(Buffer.concat(all))).toBe(taken);
  link.together(() => device.receive(1, frame));
  expect([link.packetIns, link.packetInsDropped]).toEqual([taken + 1, 50]);
});

function packetInsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = 0; at + 8 <= bytes.length; at += bytes.readUInt16BE(at + 2)) if (bytes[at + 1] === 10) count++;
  return count;
}

test('what a switch answers to a chunk leaves in one write', async () => {
  const write = vi.spyOn(Socket.prototype, 'write');
  cleanups.push(() => write.mockRestore());
  const chunks: Buffer[] = [];
  const { clock, reasons, listen, connected, sockets } = stage((socket) => {
    socket.write(HELLO);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  await expect.poll(() => reasons.length).toBe(1);
  await listen();
  await clock.pass(1000);
  await expect.poll(connected).toBe(1);
  const barriers = Array.from({ length: 50 }, (_, xid) => encodeMessage({ type: 'barrierRequest', xid }));
  chunks.length = 0;
  sockets[0]!.write(Buffer.concat(barriers));
  write.mockClear();
  await expect.poll(() => Buffer.concat(chunks).length).toBe(50 * 8);
  expect(write).toHaveBeenCalledTimes(1);
});
