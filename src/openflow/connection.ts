/**
 * One OpenFlow connection: a socket, what is sent and what comes on it, and its end. It asks for an echo when the switch
 * is silent. Whatever the switch does, its memory is bounded (docs/decisions/0007).
 */

import type { Duplex } from 'node:stream';
import type { MessageBody } from '../../proto/openflow/message.ts';
import { type Asking, createAsking } from './asking.ts';
import { createIncoming, type IncomingEvents } from './incoming.ts';
import { createOutgoing, type Sending, type SendingLimits } from './outgoing.ts';
import { createRequests, type RequestLimits } from './requests.ts';

export interface ConnectionEvents extends IncomingEvents {
  /** All messages of a chunk have been told. What is sent by then leaves at once. */
  chunkRead?(): void;
  /** Once, at the end, with why. */
  close(reason: string): void;
}

export interface ConnectionLimits extends RequestLimits, SendingLimits {}

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

export interface Connection extends Sending, Asking {
  readonly remote: string;
  nextXid(): number;
  /** From now on these limits. */
  allow(limits: ConnectionLimits): void;
  /** `last` is still sent before it ends, with the xid of what it answers. */
  close(reason: string, last?: MessageBody, xid?: number): void;
}

/** How long the other side has to read our last message and close. */
const LAST_WORDS_MS = 1000;

export function createConnection(
  socket: Duplex,
  remote: string,
  events: ConnectionEvents,
  options: ConnectionOptions = {},
): Connection {
  const probeMs = (options.probeSeconds ?? 15) * 1000;
  const limits = { ...LIMITS, ...options.limits };
  const requests = createRequests(limits);
  const { nextXid } = requests;
  const outgoing = createOutgoing(socket, limits, nextXid, close);
  // One object, of plain properties: a getter would make each look-up of `begin` slow.
  const connection: Connection = Object.assign(outgoing, createAsking(requests, outgoing), {
    remote,
    nextXid,
    allow: (wider: ConnectionLimits) => void Object.assign(limits, wider),
    close,
  });
  const incoming = createIncoming(requests, events, connection, close);
  let closed = false;
  let lastHeard = Date.now();
  let probing = false;

  socket.on('data', (chunk: Uint8Array) => {
    lastHeard = Date.now();
    probing = false;
    outgoing.reading = true;
    try {
      incoming.push(chunk);
    } finally {
      outgoing.reading = false;
    }
    events.chunkRead?.();
    if (closed) return;
    outgoing.flush();
    outgoing.watch();
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

  function close(reason: string, last?: MessageBody, xid?: number): void {
    if (closed) return;
    if (last !== undefined) connection.send(last, xid);
    const reads = outgoing.end();
    closed = true;
    clearInterval(probe);
    incoming.end();
    if (last === undefined || !reads) socket.destroy();
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

  return connection;
}
