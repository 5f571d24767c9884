/** Between a real switch and a controller: passes their bytes on, and says what of OpenFlow went by, and when. */

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createFraming } from '../../src/sim/openflow/framing.ts';

export interface Wire {
  /** All by performance.now(). */
  readonly started: number;
  /** Alone and in bundles. */
  flowMods: number;
  groupMods: number;
  /** To the switch. */
  bytes: number;
  /** The last flow-mod or group-mod, or what belongs to its bundle. */
  lastChange: number;
  /** The switch said that it took a bundle over. */
  lastCommit: number;
  close(): void;
}

const TYPE = { flowMod: 14, groupMod: 15, bundleControl: 33, bundleAdd: 34 } as const;
const CHANGES: ReadonlySet<number> = new Set(Object.values(TYPE));
const COMMIT_REPLY = 5;

/** Resolves when both ends are connected: `socket` is the bridge's, the controller listens at the port. */
export async function connectWire(socket: string, port: number): Promise<Wire> {
  const [device, controller] = await Promise.all([
    opened(connect({ path: socket })),
    opened(connect({ port, host: '127.0.0.1', noDelay: true })),
  ]);
  return passOn(device, controller);
}

/** For a controller that dials: it listens at `path`, for one connection, and then dials the bridge's socket. */
export async function listenWire(path: string, socket: string): Promise<() => Wire> {
  let wire: Wire | undefined;
  const server = createServer((controller) => {
    server.close();
    wire = passOn(connect({ path: socket }), controller);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return () => wire!;
}

export interface Wires {
  readonly port: number;
  /** Of the switch that dialled last. */
  last(): Wire | undefined;
  close(): void;
}

/** For a switch that dials, and does so again: each connection is passed on to the controller's port. */
export async function listenWires(controllerPort: number): Promise<Wires> {
  const wires: Wire[] = [];
  const server = createServer((device) => {
    wires.push(passOn(device, connect({ port: controllerPort, host: '127.0.0.1', noDelay: true })));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    last: () => wires.at(-1),
    close() {
      server.close();
      for (const wire of wires) wire.close();
    },
  };
}

function passOn(device: Socket, controller: Socket): Wire {
  const wire: Wire = {
    started: performance.now(),
    ...{ flowMods: 0, groupMods: 0, bytes: 0, lastChange: 0, lastCommit: 0 },
    close() {
      device.destroy();
      controller.destroy();
    },
  };
  const toSwitch = createFraming((bytes, at) => {
    const type = bytes[at + 1]!;
    const inner = type === TYPE.bundleAdd ? bytes[at + 17]! : type;
    if (inner === TYPE.flowMod) wire.flowMods++;
    if (inner === TYPE.groupMod) wire.groupMods++;
    if (CHANGES.has(type)) wire.lastChange = performance.now();
    return true;
  });
  const fromSwitch = createFraming((bytes, at) => {
    const isCommitted = bytes[at + 1] === TYPE.bundleControl && bytes[at + 13] === COMMIT_REPLY;
    if (isCommitted) wire.lastCommit = performance.now();
    return true;
  });
  controller.on('data', (chunk: Buffer) => {
    wire.bytes += chunk.length;
    toSwitch.push(chunk, chunk.length);
  });
  device.on('data', (chunk: Buffer) => fromSwitch.push(chunk, chunk.length));
  controller.pipe(device);
  device.pipe(controller);
  for (const socket of [device, controller]) {
    socket.on('error', wire.close);
    socket.on('close', wire.close);
  }
  return wire;
}

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}
