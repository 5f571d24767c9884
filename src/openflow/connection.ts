/**
 * One OpenFlow connection: sends messages, gives each reply to the request with its xid, answers echo and asks it
 * itself when the switch is silent. Bytes that are no OpenFlow end it, with the error that the specification has for
 * them. Whatever the switch does, its memory is bounded (docs/decisions/0007).
 */

import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import {
  message as codec,
  decodeMessage,
  HEADER_LENGTH,
  type Message,
  type MessageBody,
  type MessageOf,
} from '../../proto/openflow/message.ts';
import type { MultipartKind, MultipartReplyBody, MultipartRequestBody } from '../../proto/openflow/multipart.ts';
import type { PacketIn } from '../../proto/openflow/packet-in.ts';
import {
  createPacketInPlace,
  locatePacketIn,
  type PacketInPlace,
  placeDecoded,
} from '../../proto/openflow/packet-in-place.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { createFramer, type Fault } from './framer.ts';
import { ConnectionClosed, OpenFlowError, RequestFailed } from './openflow-error.ts';
import { createRequests, isEvent, type PartKind, type RequestLimits, type TakePart } from './requests.ts';

export interface ConnectionEvents {
  /** A message that answers no request: packet-in, port-status, flow-removed, hello … */
  message(message: Message): void;
  /**
   * A packet-in, where it is wanted as it lies in the bytes that came; `place` is another one's afterwards. False: it is
   * wanted as a message.
   */
  packetIn?(place: PacketInPlace): boolean;
  /** Whether a message of the switch's, none that a request waits for, says nothing new: it is not read any further. */
  isKnown?(bytes: Uint8Array): boolean;
  /** All messages of a chunk have been told. What is sent by then leaves at once. */
  chunkRead?(): void;
  /** An error whose xid belongs to no request: to a flow-mod, say. */
  error(error: OpenFlowError): void;
  /**
   * A whole message that can't be read. True: its sender is told, and the connection goes on without it; else it ends.
   */
  unreadable?(reason: string): boolean;
  /** Once, at the end, with why. */
  close(reason: string): void;
}

export interface ConnectionLimits extends RequestLimits {
  /** Bytes that wait to be sent to a switch that does not read. */
  unsentBytes: number;
}

/** A reply of 100,000 flows has some 40 MiB, as has a bundle of them. */
export const LIMITS: ConnectionLimits = {
  requests: 10_000,
  replyBytes: 128 << 20,
  unsentBytes: 256 << 20,
};

/** Until a switch has said which one it is: 65,536 ports, the most that it can have here, have 11 MiB. */
export const EARLY_LIMITS: ConnectionLimits = { requests: 16, replyBytes: 16 << 20, unsentBytes: 1 << 20 };

export interface ConnectionOptions {
  /** Seconds of silence before an echo request, and again before the connection is given up. Default 15. */
  probeSeconds?: number;
  limits?: Partial<ConnectionLimits>;
}

export interface Connection {
  readonly remote: string;
  /** Bytes of all messages that were given to `send` so far. */
  readonly written: number;
  /**
   * For messages that lie ready as bytes: room for so many at the end of what is to be sent, at the writer's `position`, which
   * the caller moves on; then it calls `wrote`. undefined: nothing is sent any more.
   */
  begin(length: number): Writer | undefined;
  wrote(length: number): void;
  /** Sends and returns the xid. */
  send(body: MessageBody, xid?: number): number;
  /** The first message that answers with the same xid; rejects with OpenFlowError, RequestFailed or ConnectionClosed. */
  request(body: MessageBody): Promise<Message>;
  /** All parts of a multipart reply, joined. */
  multipart<K extends MultipartKind>(kind: K, request: MultipartRequestBody<K>): Promise<MultipartReplyBody<K>>;
  /** The same, each part given to `take` as it comes: nobody needs 100,000 flows at once. */
  each<K extends MultipartKind>(
    kind: K,
    request: MultipartRequestBody<K>,
    take: (part: MultipartReplyBody<K>) => void,
  ): Promise<void>;
  /**
   * A multipart reply part by part, undecoded and none of it kept: a dump of 100,000 flows has 40 MiB. Resolves after
   * the last part.
   */
  parts<K extends PartKind>(kind: K, request: MultipartRequestBody<K>, take: TakePart): Promise<void>;
  /** Resolves when the switch has done everything that was sent before. */
  barrier(): Promise<void>;
  nextXid(): number;
  /** From now on these limits. */
  allow(limits: ConnectionLimits): void;
  /** `last` is still sent before it ends, with the xid of what it answers. */
  close(reason: string, last?: MessageBody, xid?: number): void;
}

/** How long the other side has to read our last message and close. */
const LAST_WORDS_MS = 1000;
/** As much of a message as its error shows, at least (7.5.4). */
const SHOWN = 64;
/** Bytes of a writer at its start; and how many a writer may have that is kept for what comes. */
const FIRST_ROOM = 4096;
const KEPT_ROOM = 1 << 20;
const ERROR = 1;
const LAST_XID = 0xffffffff;

export function createConnection(
  socket: Duplex,
  remote: string,
  events: ConnectionEvents,
  options: ConnectionOptions = {},
): Connection {
  const probeMs = (options.probeSeconds ?? 15) * 1000;
  const limits = { ...LIMITS, ...options.limits };
  const requests = createRequests(limits);
  /** What was sent in this turn of the event loop. */
  let writer = new Writer(FIRST_ROOM);
  /** One whose bytes the socket has written, for the next turn. */
  let spare: Writer | undefined;
  /** A chunk is being read: what is sent meanwhile leaves at its end. */
  let reading = false;
  let xids = 0;
  /** They have gone round: one may wait for its answer still. */
  let again = false;
  let greeted = false;
  let closed = false;
  let stalled = false;
  let flushing = false;
  let lastHeard = Date.now();
  let probing = false;
  let unreadable = 0;
  let written = 0;

  const place = createPacketInPlace();
  const framer = createFramer({ frame: receive, packetIn: receivePacketIn, broken: refuse });
  socket.on('data', (chunk: Uint8Array) => {
    lastHeard = Date.now();
    probing = false;
    reading = true;
    try {
      framer.push(chunk);
    } finally {
      reading = false;
    }
    events.chunkRead?.();
    if (closed) return;
    flush();
    watch();
  });
  socket.on('error', (error) => close(error.message));
  socket.on('close', () => close('the switch closed it'));
  const probe = setInterval(() => {
    if (Date.now() - lastHeard < probeMs) return;
    if (probing) {
      close(`silent for ${Math.round((2 * probeMs) / 1000)} s, no answer to an echo request`);
      return;
    }
    probing = true;
    lastHeard = Date.now();
    connection.send({ type: 'echoRequest', data: new Uint8Array(0) });
  }, probeMs / 3);
  probe.unref();

  function receivePacketIn(bytes: Uint8Array, start: number, end: number): void {
    const plain = events.packetIn !== undefined && locatePacketIn(place, bytes, start, end);
    if (!plain || !events.packetIn?.(place)) receive(bytes.subarray(start, end));
  }

  function receive(bytes: Uint8Array): void {
    if (requests.part(bytes) || events.isKnown?.(bytes) === true) return;
    let message: Message;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      receiveUnreadable(bytes, `${error.path}: ${error.message} (at byte ${error.offset})`);
      return;
    }
    if (message.type === 'hello') greeted = true;
    if (message.type === 'echoRequest') connection.send({ type: 'echoReply', data: message.data }, message.xid);
    else if (message.type === 'error') receiveError(message as MessageOf<'error'>);
    else if (message.type === 'packetIn' && events.packetIn !== undefined) {
      placeDecoded(place, message as PacketIn, bytes);
      if (!events.packetIn(place)) events.message(message);
    } else if (message.type !== 'echoReply' && !requests.answer(message, bytes.length)) events.message(message);
  }

  function receiveError(message: MessageOf<'error'>): void {
    const error = new OpenFlowError(message);
    if (!requests.reject(message.xid, error)) events.error(error);
  }

  /** The stream is sound, one message in it is not. */
  function receiveUnreadable(bytes: Uint8Array, reason: string): void {
    const fault: Fault = { reason, code: 'badLen', offender: bytes };
    if (!isEvent(bytes)) requests.reject(xidOf(bytes), new RequestFailed(`the answer can't be read: ${reason}`));
    unreadable++;
    // Told at the first, second, fourth, eighth …: a flood of them is no flood of ours.
    const count = unreadable === 1 ? '' : `, ${unreadable} such messages so far`;
    const tell = (unreadable & (unreadable - 1)) === 0;
    const goesOn = greeted && (!tell || events.unreadable?.(`a message can't be read: ${reason}${count}`) === true);
    if (!goesOn) refuse(fault);
    // An error is not answered with an error, or two such peers would never end.
    else if (bytes[1] !== ERROR) connection.send(errorFor(fault), xidOf(bytes));
  }

  /** Before the hello it is one that failed, after it a request that is bad (7.5.4). */
  function refuse(fault: Fault): void {
    const reason = `garbage: ${fault.reason}`;
    close(reason, greeted ? errorFor(fault) : helloFailed(reason), xidOf(fault.offender));
  }

  function close(reason: string, last?: MessageBody, xid?: number): void {
    if (closed) return;
    if (last !== undefined) connection.send(last, xid);
    if (!stalled) flush();
    closed = true;
    clearInterval(probe);
    framer.end();
    if (last === undefined || stalled) socket.destroy();
    else endGently();
    requests.end(reason);
    events.close(reason);
  }

  /** Closing at once would reset the connection, and the other side would not read our last words. */
  function endGently(): void {
    const timer = setTimeout(() => socket.destroy(), LAST_WORDS_MS);
    socket.once('close', () => clearTimeout(timer));
    socket.end();
  }

  /** Messages of one turn of the event loop leave in one write: each waiting write would cost more than most messages. */
  function flushSoon(): void {
    if (reading && writer.position < KEPT_ROOM) return;
    if (!flushing && !reading) {
      flushing = true;
      setImmediate(() => {
        flushing = false;
        if (!closed) flush();
      });
    }
    watch();
  }

  function watch(): void {
    const unsent = socket.writableLength + writer.position;
    if (unsent <= limits.unsentBytes || stalled) return;
    // Not within a call of send, whose caller expects no end of the connection in it.
    stalled = true;
    setImmediate(() => close(`the switch does not read: ${unsent} bytes wait to be sent`));
  }

  function flush(): void {
    if (writer.position === 0) return;
    const full = writer;
    if (!(socket instanceof Socket)) {
      // Not every stream is done with what it has called written; and some answer within the write.
      const bytes = full.finish().slice();
      full.position = 0;
      socket.write(bytes);
      return;
    }
    let waits = false;
    socket.write(full.finish(), () => {
      if (!waits || full.buffer.length > KEPT_ROOM) return;
      full.position = 0;
      spare = full;
    });
    // Most of the time the kernel has taken it already.
    waits = socket.writableLength > 0;
    if (!waits && full.buffer.length <= KEPT_ROOM) full.position = 0;
    else {
      writer = spare ?? new Writer(FIRST_ROOM);
      spare = undefined;
    }
  }

  /** `kind`: of a multipart request; `take`, `each`: its parts as they come, undecoded and decoded. */
  function ask(
    body: MessageBody,
    kind?: string,
    take?: TakePart,
    each?: (reply: unknown) => void,
  ): Promise<Message | unknown[]> {
    return new Promise((resolve, reject) => {
      if (closed) throw new ConnectionClosed('it is closed');
      const xid = connection.nextXid();
      if (take === undefined) requests.add(xid, { resolve, reject }, kind, each);
      else requests.addParts(xid, { resolve, reject }, kind as PartKind, take);
      try {
        connection.send(body, xid);
      } catch (error) {
        requests.reject(xid, error as Error);
      }
    });
  }

  const connection: Connection = {
    remote,
    get written() {
      return written;
    },
    begin(length) {
      if (closed || stalled) return undefined;
      writer.room(length);
      return writer;
    },
    wrote(length) {
      written += length;
      flushSoon();
    },
    send(body, xid = connection.nextXid()) {
      if (closed || stalled) return xid;
      const start = writer.position;
      try {
        codec.encode(writer, { ...body, xid } as Message);
      } catch (error) {
        writer.position = start;
        throw error;
      }
      written += writer.position - start;
      flushSoon();
      return xid;
    },
    request: (body) => ask(body) as Promise<Message>,
    async multipart(kind, request) {
      const parts = (await ask(
        { type: 'multipartRequest', flags: [], kind, request } as MessageBody,
        kind,
      )) as unknown[];
      return (Array.isArray(parts[0]) ? parts.flat() : parts[0]) as never;
    },
    async each(kind, request, take) {
      const body = { type: 'multipartRequest', flags: [], kind, request } as MessageBody;
      await ask(body, kind, undefined, take as (reply: unknown) => void);
    },
    async parts(kind, request, take) {
      await ask({ type: 'multipartRequest', flags: [], kind, request } as MessageBody, kind, take);
    },
    async barrier() {
      await connection.request({ type: 'barrierRequest' });
    },
    nextXid() {
      do {
        if (xids === LAST_XID) again = true;
        xids = xids === LAST_XID ? 1 : xids + 1;
      } while (again && requests.has(xids));
      return xids;
    },
    allow: (wider) => Object.assign(limits, wider),
    close,
  };
  return connection;
}

function errorFor({ code, offender }: Fault): MessageBody {
  return { type: 'error', errorType: 'badRequest', code, data: offender.subarray(0, SHOWN) };
}

/** Its data is text for people. */
export function helloFailed(reason: string): MessageBody {
  return { type: 'error', errorType: 'helloFailed', code: 'incompatible', data: new TextEncoder().encode(reason) };
}

/** Of what is at least a header. */
function xidOf(bytes: Uint8Array): number {
  if (bytes.length < HEADER_LENGTH) return 0;
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(4);
}
