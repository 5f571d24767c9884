/**
 * A controller's end of a connection in turns, as bytes: some messages, a barrier, and all that came of them; or that
 * it was closed.
 */

import { decodeMessage, encodeMessage, type Message, type MessageBody } from '../../../proto/openflow/message.ts';
import { SOON } from '../../support/soon.ts';

/** A message of ours, or bytes, whose transaction is set. */
export type Sent = MessageBody | Uint8Array;

export interface Peer {
  take(chunk: Uint8Array): void;
  closed(): void;
  isClosed(): boolean;
  /** Transactions count from 1. */
  turn(messages: readonly Sent[]): Promise<Uint8Array[]>;
}

const ECHO_REQUEST = 2;
const ECHO_REPLY = 3;
const HELLO = 0;
const BARRIER_REPLY = 21;
const BARRIER_XID = 0xffff_0000;

export const HELLO_MESSAGE = encodeMessage({
  type: 'hello',
  elements: [{ type: 'versionBitmap', versions: [5] }],
  xid: 1,
});

export function encoded(message: Sent, xid: number): Buffer {
  if (!(message instanceof Uint8Array)) return Buffer.from(encodeMessage({ ...message, xid } as Message));
  const bytes = Buffer.from(message);
  if (bytes.length >= 8) bytes.writeUInt32BE(xid, 4);
  return bytes;
}

export function createPeer(write: (bytes: Uint8Array) => void): Peer {
  let pending = Buffer.alloc(0);
  let came: Uint8Array[] = [];
  let over = false;
  let done: (() => void) | undefined;

  function message(bytes: Buffer): void {
    if (bytes[1] === ECHO_REQUEST) {
      const reply = Buffer.from(bytes);
      reply[1] = ECHO_REPLY;
      write(reply);
    } else if (bytes[1] === BARRIER_REPLY && bytes.readUInt32BE(4) === BARRIER_XID) done?.();
    else if (bytes[1] !== HELLO) came.push(Uint8Array.from(bytes));
  }

  return {
    take(chunk) {
      pending = Buffer.concat([pending, chunk]);
      while (pending.length >= 8 && pending.length >= pending.readUInt16BE(2)) {
        const length = pending.readUInt16BE(2);
        const whole = pending.subarray(0, length);
        pending = pending.subarray(length);
        message(whole);
      }
    },
    closed() {
      over = true;
      done?.();
    },
    isClosed: () => over,
    async turn(messages) {
      let timer: NodeJS.Timeout | undefined;
      if (!over) {
        const answered = new Promise<void>((resolve, reject) => {
          done = resolve;
          timer = setTimeout(() => reject(new Error('the switch did not answer a barrier request')), SOON.timeout);
        });
        messages.forEach((each, i) => void write(encoded(each, i + 1)));
        write(encodeMessage({ type: 'barrierRequest', xid: BARRIER_XID }));
        await answered.finally(() => clearTimeout(timer));
        done = undefined;
      }
      const all = came;
      came = [];
      return all;
    },
  };
}

/**
 * What a reply says, on one line, without what differs between two switches: durations, the data of errors but its
 * length.
 */
export function lineOf(bytes: Uint8Array): string {
  const message = decodeMessage(bytes) as Message & Record<string, unknown>;
  if (message.type === 'error') {
    // A monitor that is refused: transaction and data are not those of the request, in Open vSwitch not even always the
    // same.
    if (message.version === 1) return 'error of version 1';
    const code = message.errorType === 'experimenter' ? message.experimenterType : message.code;
    const data = (message as unknown as { data: Uint8Array }).data.length;
    const version = message.version ?? 5;
    return `error ${message.errorType}/${code} of transaction ${message.xid}, ${data} bytes, version ${version}`;
  }
  const line = JSON.stringify(message, plain);
  if (!line.includes('"reply":[')) return line;
  // The order of a dump is each switch's own.
  const { reply, ...head } = JSON.parse(line) as { reply: unknown[] };
  return JSON.stringify({ ...head, reply: reply.map((item) => JSON.stringify(item)).toSorted() });
}

const LEFT_OUT: ReadonlySet<string> = new Set(['durationSec', 'durationNsec', 'continuation']);

function plain(key: string, value: unknown): unknown {
  if (LEFT_OUT.has(key)) return undefined;
  if (typeof value === 'bigint') return `0x${value.toString(16)}`;
  return value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value;
}
