/**
 * What a switch sends: each reply goes to the request with its xid, an echo is answered, all else is told. Bytes that
 * are no OpenFlow end the connection, with the error that the specification has for them (OpenFlow 1.4, 7.5.4).
 */

import {
  decodeMessage,
  HEADER_LENGTH,
  type Message,
  type MessageBody,
  type MessageOf,
} from '../../proto/openflow/message.ts';
import type { PacketIn } from '../../proto/openflow/packet-in.ts';
import {
  createPacketInPlace,
  locatePacketIn,
  type PacketInPlace,
  placeDecoded,
} from '../../proto/openflow/packet-in-place.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { createFramer, type Fault, type Framer } from './framer.ts';
import { OpenFlowError, RequestFailed } from './openflow-error.ts';
import type { Sending } from './outgoing.ts';
import { isEvent, type Requests } from './requests.ts';

export interface IncomingEvents {
  /** A message that answers no request: packet-in, port-status, flow-removed, hello … */
  message(message: Message): void;
  /**
   * A packet-in, where it is wanted as it lies in the bytes that came; `place` is another one's afterwards. False: it is
   * wanted as a message.
   */
  packetIn?(place: PacketInPlace): boolean;
  /** Whether a message of the switch's, none that a request waits for, says nothing new: it is not read any further. */
  isKnown?(bytes: Uint8Array): boolean;
  /** An error whose xid belongs to no request: to a flow-mod, say. */
  error(error: OpenFlowError): void;
  /**
   * A whole message that can't be read. True: its sender is told, and the connection goes on without it; else it ends.
   */
  unreadable?(reason: string): boolean;
}

/** As much of a message as its error shows, at least (7.5.4). */
const SHOWN = 64;
const ERROR = 1;

/** Chunks are given to the framer that comes back. */
export function createIncoming(
  requests: Requests,
  events: IncomingEvents,
  connection: Pick<Sending, 'send'>,
  close: (reason: string, last: MessageBody, xid: number) => void,
): Framer {
  let greeted = false;
  let unreadable = 0;
  const place = createPacketInPlace();

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

  return createFramer({ frame: receive, packetIn: receivePacketIn, broken: refuse });
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
