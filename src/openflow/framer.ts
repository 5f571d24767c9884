/**
 * Cuts a stream of bytes into OpenFlow messages (OpenFlow 1.4, 7.1). Chunks may be split or joined anywhere: a message
 * that lies whole in one chunk is handed on without a copy, one in several is put together once, in a buffer of its
 * size. So never more than one message waits here. What cannot be a message ends the stream at its fourth byte.
 */

import { HEADER_LENGTH, OPENFLOW_1_4 } from '../../proto/openflow/message.ts';

export interface Fault {
  reason: string;
  /** Of OFPET_BAD_REQUEST. */
  code: 'badVersion' | 'badType' | 'badLen';
  /** The message so far, at least its header's first half. */
  offender: Uint8Array;
}

export interface FramerEvents {
  /** One message, header included: a part of the chunk, or a buffer of its own. */
  frame(bytes: Uint8Array): void;
  /** Where given, a packet-in instead: `bytes` from `start` to before `end`. */
  packetIn?(bytes: Uint8Array, start: number, end: number): void;
  /** The stream can't be OpenFlow 1.4; nothing more will be framed. */
  broken(fault: Fault): void;
}

export interface Framer {
  push(chunk: Uint8Array): void;
  /** Nothing more will be framed, not even what is left of the chunk. */
  end(): void;
}

/** Version, type and length: enough to know where the message ends, and whether it is one. */
const HEAD = 4;
const HELLO = 0;
const PACKET_IN = 10;
/** Hello, error, echo request and reply are the same in every version, and come before one is agreed on. */
const LAST_OF_ALL_VERSIONS = 3;
/** OFPT_BUNDLE_ADD_MESSAGE */
const LAST_TYPE = 34;
/** OFPT_QUEUE_GET_CONFIG_REQUEST and _REPLY, which 1.4 has no more. */
const GONE_TYPES: ReadonlySet<number> = new Set([22, 23]);
/** OpenFlow 1.5 */
const LAST_VERSION = 6;

export function createFramer(events: FramerEvents): Framer {
  const { packetIn } = events;
  const head = new Uint8Array(HEAD);
  /** The message under way, or the head of one whose length is not known yet. */
  let pending: Uint8Array | undefined;
  let filled = 0;
  let ended = false;

  /** Length of the message that starts at `at`, or undefined after telling what is wrong. */
  function lengthAt(bytes: Uint8Array, at: number): number | undefined {
    const length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
    const wrong = fault(bytes[at]!, bytes[at + 1]!, length);
    if (wrong === undefined) return length;
    framer.end();
    events.broken({ ...wrong, offender: bytes.subarray(at) });
    return undefined;
  }

  const framer: Framer = {
    push(chunk) {
      let at = 0;
      while (!ended && at < chunk.length) {
        const left = chunk.length - at;
        if (pending === undefined) {
          // Of what comes by the hundred thousand nothing is asked twice.
          if (packetIn !== undefined && left >= HEADER_LENGTH && isPacketIn(chunk, at)) {
            const size = (chunk[at + 2]! << 8) | chunk[at + 3]!;
            if (size >= HEADER_LENGTH && size <= left) {
              packetIn(chunk, at, at + size);
              at += size;
              continue;
            }
          }
          const length = left < HEAD ? HEAD : lengthAt(chunk, at);
          if (length === undefined) return;
          if (left >= length) {
            const start = at;
            at += length;
            events.frame(start === 0 && left === length ? chunk : chunk.subarray(start, at));
            continue;
          }
          pending = left < HEAD ? head : new Uint8Array(length);
        }
        const taken = Math.min(left, pending.length - filled);
        pending.set(chunk.subarray(at, at + taken), filled);
        filled += taken;
        at += taken;
        if (filled < pending.length) return;
        if (pending === head) {
          const length = lengthAt(head, 0);
          if (length === undefined) return;
          pending = new Uint8Array(length);
          pending.set(head);
        } else {
          const whole = pending;
          pending = undefined;
          filled = 0;
          if (packetIn !== undefined && whole[1] === PACKET_IN) packetIn(whole, 0, whole.length);
          else events.frame(whole);
        }
      }
    },
    end() {
      ended = true;
      pending = undefined;
    },
  };
  return framer;
}

function isPacketIn(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === OPENFLOW_1_4 && bytes[at + 1] === PACKET_IN;
}

function fault(version: number, type: number, length: number): Omit<Fault, 'offender'> | undefined {
  if (version !== OPENFLOW_1_4 || type > LAST_TYPE || GONE_TYPES.has(type)) {
    const anyVersion = type === HELLO ? version < 0x80 : version <= LAST_VERSION && type <= LAST_OF_ALL_VERSIONS;
    if (version === 0 || !anyVersion) {
      if (version === OPENFLOW_1_4) return { reason: `message type ${type} does not exist`, code: 'badType' };
      if (version === 0 || version > LAST_VERSION)
        return { reason: `version byte ${version} is not OpenFlow's`, code: 'badVersion' };
      return { reason: `version byte ${version} where OpenFlow 1.4's is 5`, code: 'badVersion' };
    }
  }
  if (length < HEADER_LENGTH)
    return { reason: `a message of ${length} bytes is shorter than its header`, code: 'badLen' };
  return undefined;
}
