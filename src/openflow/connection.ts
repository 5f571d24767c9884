/**
 * One OpenFlow connection: sends messages, gives each reply to the request with its xid, answers echo and asks it
 * itself when the switch is silent, and closes on bytes that are no OpenFlow.
 */

import type { Duplex } from 'node:stream';
import {
  message as codec,
  decodeMessage,
  type Message,
  type MessageBody,
  type MessageOf,
} from '../../proto/openflow/message.ts';
import type { MultipartKind, MultipartReplyBody, MultipartRequestBody } from '../../proto/openflow/multipart.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { createFramer } from './framer.ts';
import { ConnectionClosed, OpenFlowError } from './openflow-error.ts';

export interface ConnectionEvents {
  /** A message that answers no request: packet-in, port-status, flow-removed, hello … */
  message(message: Message): void;
  /** An error whose xid belongs to no request: to a flow-mod, say. */
  error(error: OpenFlowError): void;
  /** Once, at the end, with why. */
  close(reason: string): void;
}

export interface ConnectionOptions {
  /** Seconds of silence before an echo request, and again before the connection is given up. Default 15. */
  probeSeconds?: number;
}

export interface Connection {
  readonly remote: string;
  /** Sends and returns the xid. */
  send(body: MessageBody, xid?: number): number;
  /** The first message that answers with the same xid; rejects with OpenFlowError or ConnectionClosed. */
  request(body: MessageBody): Promise<Message>;
  /** All parts of a multipart reply, joined. */
  multipart<K extends MultipartKind>(kind: K, request: MultipartRequestBody<K>): Promise<MultipartReplyBody<K>>;
  /** Resolves when the switch has done everything that was sent before. */
  barrier(): Promise<void>;
  nextXid(): number;
  close(reason: string): void;
}

interface Pending {
  resolve(message: Message): void;
  reject(error: Error): void;
  /** Collects multipart replies until the last. */
  parts: unknown[] | undefined;
}

/** `pause` and `destroy` of a net.Socket or any other duplex stream. */
export function createConnection(
  socket: Duplex,
  remote: string,
  events: ConnectionEvents,
  options: ConnectionOptions = {},
): Connection {
  const probeMs = (options.probeSeconds ?? 15) * 1000;
  const pending = new Map<number, Pending>();
  const writer = new Writer(4096);
  let xids = 0;
  let closed = false;
  let corked = false;
  let lastHeard = Date.now();
  let probing = false;

  const framer = createFramer({ frame: receive, broken: (reason) => close(`garbage: ${reason}`) });
  socket.on('data', (chunk: Uint8Array) => {
    lastHeard = Date.now();
    probing = false;
    framer.push(chunk);
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

  function receive(bytes: Uint8Array): void {
    let message: Message;
    try {
      message = decodeMessage(bytes);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      close(`garbage: ${error.path}: ${error.message} (at byte ${error.offset})`);
      return;
    }
    if (message.type === 'echoRequest') connection.send({ type: 'echoReply', data: message.data }, message.xid);
    else if (message.type === 'error') receiveError(message as MessageOf<'error'>);
    else if (message.type === 'echoReply') return;
    else {
      const waiting = pending.get(message.xid);
      if (waiting === undefined || !answers(message)) events.message(message);
      else receiveReply(waiting, message);
    }
  }

  function receiveError(message: MessageOf<'error'>): void {
    const error = new OpenFlowError(message);
    const waiting = pending.get(message.xid);
    if (waiting === undefined) events.error(error);
    else {
      pending.delete(message.xid);
      waiting.reject(error);
    }
  }

  function receiveReply(waiting: Pending, message: Message): void {
    if (message.type === 'multipartReply' && waiting.parts !== undefined) {
      waiting.parts.push(message.kind === 'unknown' ? message.body : message.reply);
      if (message.flags.includes('more')) return;
    }
    pending.delete(message.xid);
    waiting.resolve(message);
  }

  function close(reason: string): void {
    if (closed) return;
    closed = true;
    clearInterval(probe);
    socket.destroy();
    for (const waiting of pending.values()) waiting.reject(new ConnectionClosed(reason));
    pending.clear();
    events.close(reason);
  }

  /** Messages of one turn of the event loop leave in one write. */
  function write(bytes: Uint8Array): void {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        if (!closed) socket.uncork();
      });
    }
    socket.write(bytes);
  }

  const connection: Connection = {
    remote,
    send(body, xid = connection.nextXid()) {
      if (closed) return xid;
      writer.position = 0;
      codec.encode(writer, { ...body, xid } as Message);
      write(writer.finish().slice());
      return xid;
    },
    request(body) {
      return new Promise((resolve, reject) => {
        if (closed) reject(new ConnectionClosed('it is closed'));
        else pending.set(connection.send(body), { resolve, reject, parts: undefined });
      });
    },
    async multipart(kind, request) {
      const parts: unknown[] = [];
      await new Promise((resolve, reject) => {
        if (closed) {
          reject(new ConnectionClosed('it is closed'));
          return;
        }
        const xid = connection.send({ type: 'multipartRequest', flags: [], kind, request } as MessageBody);
        pending.set(xid, { resolve, reject, parts });
      });
      return (Array.isArray(parts[0]) ? parts.flat() : parts[0]) as never;
    },
    async barrier() {
      await connection.request({ type: 'barrierRequest' });
    },
    nextXid() {
      xids = xids === 0xffffffff ? 1 : xids + 1;
      return xids;
    },
    close,
  };
  return connection;
}

/** Asynchronous messages carry xids of the switch's own, which may equal one of ours. */
function answers(message: Message): boolean {
  return (
    message.type !== 'packetIn' &&
    message.type !== 'portStatus' &&
    message.type !== 'flowRemoved' &&
    message.type !== 'hello'
  );
}
