/**
 * Conntrack of a real ovs-vswitchd (dummy datapath): frames go in by one port's socket and come out by another's, the
 * clock stands still and is moved by hand.
 */

import { execFile } from 'node:child_process';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startOvsdbServer } from '../../support/ovsdb-server.ts';
import { SOON } from '../../support/soon.ts';

const run = promisify(execFile);

export interface RealConntrack {
  /** Puts the frames in, one after the other; all that came out of them. */
  send(frames: readonly Uint8Array[]): Promise<Uint8Array[]>;
  ofctl(...args: string[]): Promise<string>;
  /** One request on the control socket; throws what it answers as an error. */
  control(method: string, ...params: string[]): Promise<string>;
  stop(): Promise<void>;
}

/** No program has it: tells that all before it is through. */
const MARKER_TYPE = 0x88b5;

/** A switch with the flows (ovs-ofctl's syntax, one a line): in by port 1, seen by port 2. */
export async function startRealConntrack(flows: readonly string[]): Promise<RealConntrack> {
  const ovs = await startOvsdbServer();
  let io: { in: Socket; out: Socket } | undefined;
  let control: ReturnType<typeof createControl> | undefined;
  async function stop(): Promise<void> {
    io?.in.destroy();
    io?.out.destroy();
    control?.close();
    await ovs.stop();
  }
  try {
    await ovs.startSwitch();
    const port = (n: number) => [
      ...['--', 'add-port', 'br0', `p${n}`, '--', 'set', 'interface', `p${n}`, 'type=dummy', `ofport_request=${n}`],
      `options:pstream=punix:${join(ovs.folder, `p${n}.sock`)}`,
    ];
    await ovs.vsctl(
      ...['add-br', 'br0', '--', 'set', 'bridge', 'br0', 'datapath_type=dummy', 'fail_mode=secure'],
      ...port(1),
      ...port(2),
    );
    const management = `unix:${join(ovs.folder, 'br0.mgmt')}`;
    const ofctl = async (command: string, ...args: string[]) =>
      (await run('ovs-ofctl', ['-O', 'OpenFlow14', command, management, ...args], { maxBuffer: 64 << 20 })).stdout;
    const marker = `priority=65535,dl_type=${MARKER_TYPE},actions=output:2`;
    const adding = execFile('ovs-ofctl', ['-O', 'OpenFlow14', 'add-flows', management, '-']);
    adding.stdin?.end([marker, ...flows].join('\n'));
    let told = '';
    adding.stderr?.on('data', (text: string) => {
      told += text;
    });
    const code = await new Promise((resolve) => adding.once('close', resolve));
    if (code !== 0) throw new Error(told);
    io = { in: await open(join(ovs.folder, 'p1.sock')), out: await open(join(ovs.folder, 'p2.sock')) };
    const frames = frameReader(io.out);
    const input = io.in;
    control = createControl(await open(join(ovs.folder, 'sw.ctl')));
    const { request } = control;
    await request('time/stop', []);
    let count = 0;
    return {
      ofctl: (command = '', ...args) => ofctl(command, ...args),
      control: (method, ...params) => request(method, params),
      stop,
      async send(sent) {
        const marked = new Uint8Array(60);
        new DataView(marked.buffer).setUint16(12, MARKER_TYPE);
        new DataView(marked.buffer).setUint32(14, ++count);
        input.write(Buffer.concat([...sent, marked].flatMap((frame) => [lengthOf(frame), frame])));
        const got: Uint8Array[] = [];
        for (;;) {
          const frame = await frames.next();
          const view = new DataView(frame.buffer, frame.byteOffset);
          if (view.getUint16(12) !== MARKER_TYPE) got.push(frame);
          else if (view.getUint32(14) === count) return got;
        }
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function open(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => resolve(socket));
  });
}

function lengthOf(frame: Uint8Array): Uint8Array {
  return Uint8Array.of(frame.length >>> 8, frame.length & 0xff);
}

/** Frames of a dummy port's stream: each behind its length in two bytes. */
function frameReader(socket: Socket): { next(): Promise<Uint8Array> } {
  let pending: Buffer = Buffer.alloc(0);
  const ready: Uint8Array[] = [];
  let waiting: ((frame: Uint8Array) => void) | undefined;
  socket.on('data', (chunk) => {
    pending = Buffer.concat([pending, chunk]);
    let at = 0;
    while (pending.length >= at + 2 && pending.length >= at + 2 + pending.readUInt16BE(at)) {
      const end = at + 2 + pending.readUInt16BE(at);
      ready.push(Uint8Array.from(pending.subarray(at + 2, end)));
      at = end;
    }
    pending = pending.subarray(at);
    if (waiting === undefined || ready.length === 0) return;
    const tell = waiting;
    waiting = undefined;
    tell(ready.shift()!);
  });
  return {
    next() {
      const frame = ready.shift();
      if (frame !== undefined) return Promise.resolve(frame);
      return new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('no frame came out of the switch')), SOON.timeout);
        waiting = (each) => {
          clearTimeout(late);
          resolve(each);
        };
      });
    },
  };
}

/** JSON-RPC on ovs-vswitchd's control socket, what ovs-appctl speaks; one request at a time. */
function createControl(socket: Socket): { request(method: string, params: string[]): Promise<string>; close(): void } {
  let text = '';
  let answered: ((answer: { result: string | null; error: string | null }) => void) | undefined;
  socket.setEncoding('utf8');
  socket.on('data', (chunk) => {
    text += String(chunk);
    let answer: { result: string | null; error: string | null };
    try {
      answer = JSON.parse(text);
    } catch {
      // It has not come whole.
      return;
    }
    text = '';
    answered?.(answer);
  });
  return {
    async request(method, params) {
      const answer = await new Promise<{ result: string | null; error: string | null }>((resolve) => {
        answered = resolve;
        socket.write(JSON.stringify({ method, params, id: 0 }));
      });
      if (answer.error !== null) throw new Error(`${method}: ${answer.error}`);
      return answer.result ?? '';
    },
    close: () => socket.destroy(),
  };
}
