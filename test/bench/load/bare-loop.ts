// The least that a controller in Node can do, as a process: `node bare-loop.ts [PORT] [plain]`; prints the port that it listens at.
// It learns nothing, since a station's address says its port; each packet-in is answered by bytes that lie ready. All answers to
// a chunk leave in one write, from a buffer that is used again; `plain`: each is a write, of a buffer of its own.
import { createServer, type Server } from 'node:net';
import { fileURLToPath } from 'node:url';
import { encodeMessage, type Message } from '../../../proto/openflow/message.ts';
import { createFraming } from '../../../src/sim/openflow/framing.ts';
import { FRAME, STATION } from './traffic.ts';

const ECHO_REQUEST = 2;
const ECHO_REPLY = 3;
const PACKET_IN = 10;
const FLOOD = 0xfffffffb;
const DATA = 42;
const ROOM = 1 << 20;

const noBuffer = { bufferId: 0xffffffff, outPort: 'any', outGroup: 'any', importance: 0, cookieMask: 0n } as const;
const miss: Message = {
  ...{ type: 'flowMod', command: 'add', ...noBuffer, cookie: 1n, tableId: 0, priority: 0, flags: [], match: {} },
  ...{ idleTimeout: 0, hardTimeout: 0, xid: 2 },
  instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 'controller', maxLen: 0xffff }] }],
} as Message;
const address = '02:00:00:00:00:00';
const flowMod = Buffer.from(
  encodeMessage({
    ...(miss as Extract<Message, { type: 'flowMod' }>),
    ...{ priority: 10, idleTimeout: 300, match: { inPort: 1, ethSrc: address, ethDst: address } },
    instructions: [{ type: 'applyActions', actions: [{ type: 'output', port: 1, maxLen: 0 }] }],
  } as Message),
);
const packetOut = Buffer.from(
  encodeMessage({
    ...{ type: 'packetOut', bufferId: 0xffffffff, inPort: 1, data: new Uint8Array(FRAME), xid: 3 },
    actions: [{ type: 'output', port: 1, maxLen: 0 }],
  } as Message),
);
/** Where the fields lie that differ. */
const IN_PORT = flowMod.indexOf(Buffer.from([0x80, 0, 0, 4])) + 4;
const ETH_SRC = flowMod.indexOf(Buffer.from([0x80, 0, 8, 6])) + 4;
const ETH_DST = flowMod.indexOf(Buffer.from([0x80, 0, 6, 6])) + 4;
const OUT_PORT = flowMod.length - 12;
const PACKET = packetOut.length - FRAME;

/** For tests: changes an answer that is right, or takes it away by false. */
export type Spoil = (kind: 'flowMod' | 'packetOut', bytes: Buffer) => boolean;

/** Resolves when it listens. */
export function startBareLoop(port = 0, spoil?: Spoil, plain = false): Promise<Server> {
  let outbox = Buffer.allocUnsafe(ROOM);
  let filled = 0;

  function answer(bytes: Buffer, at: number, length: number): void {
    if (bytes[at + 1] === ECHO_REQUEST) {
      filled += bytes.copy(outbox, filled, at, at + length);
      outbox[filled - length + 1] = ECHO_REPLY;
    }
    if (bytes[at + 1] !== PACKET_IN) return;
    const frame = at + DATA;
    const known = bytes[frame] === STATION;
    const start = filled;
    if (known) {
      flowMod.copy(outbox, filled);
      bytes.copy(outbox, filled + IN_PORT, at + 32, at + 36);
      bytes.copy(outbox, filled + ETH_DST, frame, frame + 6);
      bytes.copy(outbox, filled + ETH_SRC, frame + 6, frame + 12);
      outbox[filled + OUT_PORT + 3] = bytes[frame + 3]!;
      filled += flowMod.length;
      if (spoil?.('flowMod', outbox.subarray(start, filled)) === false) filled = start;
    }
    const second = filled;
    packetOut.copy(outbox, filled);
    bytes.copy(outbox, filled + 12, at + 32, at + 36);
    outbox.writeUInt32BE(known ? bytes[frame + 3]! : FLOOD, filled + 28);
    bytes.copy(outbox, filled + PACKET, frame, frame + FRAME);
    filled += packetOut.length;
    if (spoil?.('packetOut', outbox.subarray(second, filled)) === false) filled = second;
  }

  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    const answers = plain ? answerAtOnce : answer;
    const framing = createFraming((bytes, at, length) => {
      answers(bytes as Buffer, at, length);
      return true;
    });
    function answerAtOnce(bytes: Buffer, at: number, length: number): void {
      answer(bytes, at, length);
      if (filled === 0) return;
      socket.write(Buffer.from(outbox.subarray(0, filled)));
      filled = 0;
    }
    socket.write(encodeMessage({ type: 'hello', elements: [{ type: 'versionBitmap', versions: [5] }], xid: 1 }));
    socket.write(encodeMessage(miss));
    socket.on('data', (chunk: Buffer) => {
      framing.push(chunk, chunk.length);
      if (filled === 0) return;
      socket.write(outbox.subarray(0, filled));
      filled = 0;
      if (socket.writableLength > 0) outbox = Buffer.allocUnsafe(ROOM);
    });
  });
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startBareLoop(Number(process.argv[2] ?? 0), undefined, process.argv[3] === 'plain');
  process.stdout.write(`${(server.address() as { port: number }).port}\n`);
}
