/**
 * Requests that wait for their replies, by xid (OpenFlow 1.4, 7.1 and 7.3.5): parts of a multipart reply are joined, or
 * handed on as they come. Bounded: a switch that never answers, or never ends answering, uses up no memory.
 */

import { MESSAGES, type Message, type MessageType } from '../../proto/openflow/message.ts';
import { type MultipartKind, PARTS } from '../../proto/openflow/multipart.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { ConnectionClosed, RequestFailed } from './openflow-error.ts';

export interface RequestLimits {
  /** Requests that wait at once. */
  requests: number;
  /** Bytes of a multipart reply, all its parts together; a part counts for 256 at least. */
  replyBytes: number;
}

export interface Requests {
  /** One that no request waits with. */
  nextXid(): number;
  /**
   * Throws where too many wait already, and after the end. With `kind`, the answer is all parts of a multipart reply of that kind; or `each`
   * gets them as they come.
   */
  add(xid: number, waiting: Waiting, kind?: string, each?: (reply: unknown) => void): void;
  /** The same, but each part's body is given to `take` as it comes, undecoded. */
  addParts(xid: number, waiting: Waiting, kind: PartKind, take: TakePart): void;
  /** A message as it came. True: it was a part for one of those `take`s. */
  part(bytes: Uint8Array): boolean;
  /** False where no request waits for it. `size` is what it had on the wire. */
  answer(message: Message, size: number): boolean;
  /** False where none waits with that xid. */
  reject(xid: number, error: Error): boolean;
  end(reason: string): void;
}

/** Kinds of multiparts that the standard has. */
export type PartKind = MultipartKind & keyof typeof PARTS;

/** What follows the head of a multipart reply; valid during the call. Throws DecodeError where it is not sound. */
export type TakePart = (body: Uint8Array) => void;

interface Waiting {
  /** The message; of a multipart request, its parts' replies. */
  resolve(answer: Message | unknown[]): void;
  reject(error: Error): void;
}

interface Entry {
  waiting: Waiting;
  kind: string | undefined;
  parts: unknown[];
  size: number;
  take?: TakePart;
  each?: ((reply: unknown) => void) | undefined;
}

const LEAST_PART = 256;
const MULTIPART_REPLY = 19;
/** Header, and the multipart's own head: its kind, its flags, a pad. */
const PART_HEAD = 16;
const MORE = 1;
const LAST_XID = 0xffffffff;

export function createRequests(limits: RequestLimits): Requests {
  const entries = new Map<number, Entry>();
  let xids = 0;
  /** They have gone round: one may wait for its answer still. */
  let again = false;
  let ended = false;

  function reject(xid: number, error: Error): boolean {
    const entry = entries.get(xid);
    if (entry === undefined) return false;
    entries.delete(xid);
    entry.waiting.reject(error);
    return true;
  }

  function add(xid: number, entry: Entry): void {
    if (ended) throw new ConnectionClosed('it is closed');
    if (entries.size >= limits.requests) {
      throw new RequestFailed(`${entries.size} requests wait for an answer of the switch already`);
    }
    entries.set(xid, entry);
  }

  return {
    nextXid() {
      do {
        if (xids === LAST_XID) again = true;
        xids = xids === LAST_XID ? 1 : xids + 1;
      } while (again && entries.has(xids));
      return xids;
    },
    add: (xid, waiting, kind, each) => add(xid, { waiting, kind, parts: [], size: 0, each }),
    addParts: (xid, waiting, kind, take) => add(xid, { waiting, kind, parts: [], size: 0, take }),
    part(bytes) {
      if (bytes[1] !== MULTIPART_REPLY || bytes.length < PART_HEAD) return false;
      const view = new DataView(bytes.buffer, bytes.byteOffset);
      const xid = view.getUint32(4);
      const entry = entries.get(xid);
      if (entry?.take === undefined) return false;
      const code = view.getUint16(8);
      if (code !== PARTS[entry.kind as PartKind][0]) {
        return reject(xid, new RequestFailed(`the switch answered a request of ${entry.kind} with multipart ${code}`));
      }
      try {
        entry.take(bytes.subarray(PART_HEAD));
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        return reject(xid, new RequestFailed(`the answer can't be read: ${entry.kind}: ${error.message}`));
      }
      if ((view.getUint16(10) & MORE) !== 0) return true;
      entries.delete(xid);
      entry.waiting.resolve(entry.parts);
      return true;
    },
    answer(message, size) {
      const entry = entries.get(message.xid);
      if (entry === undefined || EVENTS.has(message.type)) return false;
      if (entry.kind === undefined) {
        entries.delete(message.xid);
        entry.waiting.resolve(message);
        return true;
      }
      if (message.type !== 'multipartReply' || message.kind === 'unknown' || message.kind !== entry.kind) {
        const came = message.type === 'multipartReply' ? message.kind : message.type;
        return reject(message.xid, new RequestFailed(`the switch answered a request of ${entry.kind} with ${came}`));
      }
      entry.size += Math.max(size, LEAST_PART);
      if (entry.size > limits.replyBytes) {
        const most = Math.floor(limits.replyBytes / 1024);
        return reject(message.xid, new RequestFailed(`the switch's reply of ${entry.kind} has more than ${most} KiB`));
      }
      if (entry.each === undefined) entry.parts.push(message.reply);
      else entry.each(message.reply);
      if (message.flags.includes('more')) return true;
      entries.delete(message.xid);
      entry.waiting.resolve(entry.parts);
      return true;
    },
    reject,
    end(reason) {
      ended = true;
      for (const xid of [...entries.keys()]) reject(xid, new ConnectionClosed(reason));
    },
  };
}

/** Events carry xids of the switch's own, which may equal one of ours. */
const EVENTS: ReadonlySet<string> = new Set([
  'hello',
  'packetIn',
  'packetIn2',
  'niciraPacketIn',
  'flowRemoved',
  'niciraFlowRemoved',
  'portStatus',
  'roleStatus',
  'tableStatus',
  'requestForward',
  'flowMonitorPaused',
  'flowMonitorResumed',
] satisfies MessageType[]);
const EVENT_CODES = new Set([...EVENTS].map((name) => MESSAGES[name]?.[0]));

/** The same, of a message that can't be read. */
export function isEvent(bytes: Uint8Array): boolean {
  return EVENT_CODES.has(bytes[1]);
}
