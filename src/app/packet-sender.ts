/** Sends packet-outs as bytes that are put together in place (OpenFlow 1.4, 7.3.6); actions are encoded once for equal lists. */

import { actions as actionsCodec } from '../../proto/openflow/action.ts';
import { NO_BUFFER, type PortNumber, RESERVED_PORTS } from '../../proto/openflow/reserved-numbers.ts';
import { Writer } from '../../proto/wire/writer.ts';
import type { AppAction } from '../flow/flow.ts';
import { compileActions, type Scope } from '../flow/weave/compile.ts';
import type { Connection } from '../openflow/connection.ts';
import type { Window } from '../openflow/window.ts';

export interface PacketSender {
  /** The bytes from `start` to before `end`, out of one port. */
  forward(port: PortNumber, inPort: number, bytes: Uint8Array, start: number, end: number): void;
  send(data: Uint8Array, inPort: PortNumber, actions: AppAction[], scope: Scope): void;
  /** Packets that were not sent because the switch is behind. */
  readonly dropped: number;
}

const VERSION_AND_TYPE = 0x050d;
const HEAD = 24;
const OUTPUT = 16;
/** What is shorter is copied word by word: a call would cost more. */
const SHORT = 512;
const WORD = 8;
/** Lists of actions that are remembered. */
const MOST_LISTS = 256;

export function createPacketSender(
  connection: Pick<Connection, 'begin' | 'wrote' | 'nextXid'>,
  window: Pick<Window, 'sent' | 'full'>,
): PacketSender {
  const encoded = new Map<string, Uint8Array>();
  const scratch = new Writer(64);
  let dropped = 0;

  /** Header and place of everything; the writer stands at the actions then. undefined: it is not sent. */
  function begin(inPort: number, actionsLength: number, dataLength: number): Writer | undefined {
    const length = HEAD + actionsLength + dataLength;
    if (length > 0xffff) throw new RangeError(`a packet of ${dataLength} bytes with its actions fits into no message`);
    const writer = window.full ? undefined : connection.begin(length);
    if (writer === undefined) {
      dropped++;
      return undefined;
    }
    const { view, position } = writer;
    view.setUint16(position, VERSION_AND_TYPE);
    view.setUint16(position + 2, length);
    view.setUint32(position + 4, connection.nextXid());
    view.setUint32(position + 8, NO_BUFFER);
    view.setUint32(position + 12, inPort);
    view.setUint32(position + 16, actionsLength << 16);
    view.setUint32(position + 20, 0);
    writer.position = position + HEAD;
    return writer;
  }

  function finish(length: number): void {
    connection.wrote(length);
    window.sent(length);
  }

  /** Equal lists that name nothing of the pipeline are encoded once. */
  function encode(list: AppAction[], scope: Scope): Uint8Array {
    const name = list.every(isPlain) ? JSON.stringify(list, bigintsToo) : undefined;
    const known = name === undefined ? undefined : encoded.get(name);
    if (known !== undefined) return known;
    scratch.position = 0;
    actionsCodec.encode(scratch, compileActions(list, scope));
    const bytes = scratch.finish().slice();
    if (name !== undefined) {
      if (encoded.size >= MOST_LISTS) encoded.clear();
      encoded.set(name, bytes);
    }
    return bytes;
  }

  const sender: PacketSender = {
    get dropped() {
      return dropped;
    },
    forward(port, inPort, bytes, start, end) {
      const writer = begin(inPort, OUTPUT, end - start);
      if (writer === undefined) return;
      const { view, position } = writer;
      // OFPAT_OUTPUT, 16 bytes; the length sent to a controller stays 0.
      view.setUint32(position, OUTPUT);
      view.setUint32(position + 4, typeof port === 'number' ? port : RESERVED_PORTS[port]);
      view.setUint32(position + 8, 0);
      view.setUint32(position + 12, 0);
      copy(bytes, start, end, writer, position + OUTPUT);
      writer.position = position + OUTPUT + end - start;
      finish(HEAD + OUTPUT + end - start);
    },
    send(data, inPort, list, scope) {
      const number = typeof inPort === 'number' ? inPort : RESERVED_PORTS[inPort];
      const only = list[0];
      if (list.length === 1 && only?.type === 'output' && only.maxLen === undefined && only.meter === undefined) {
        if (only.port !== 'controller') {
          sender.forward(only.port, number, data, 0, data.length);
          return;
        }
      }
      const actions = encode(list, scope);
      const writer = begin(number, actions.length, data.length);
      if (writer === undefined) return;
      writer.buffer.set(actions, writer.position);
      writer.buffer.set(data, writer.position + actions.length);
      writer.position += actions.length + data.length;
      finish(HEAD + actions.length + data.length);
    },
  };
  return sender;
}

/** The chunk that the last packet lay in: each has many. */
let viewed: Uint8Array | undefined;
let chunk: DataView = new DataView(new ArrayBuffer(0));

function copy(bytes: Uint8Array, start: number, end: number, writer: Writer, to: number): void {
  const length = end - start;
  if (length > SHORT || length < WORD) {
    writer.buffer.set(bytes.subarray(start, end), to);
    return;
  }
  if (bytes !== viewed) {
    viewed = bytes;
    chunk = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  const { view } = writer;
  // The last word may overlap the one before.
  const last = length - WORD;
  for (let at = 0; at < last; at += WORD) view.setBigUint64(to + at, chunk.getBigUint64(start + at, true), true);
  view.setBigUint64(to + last, chunk.getBigUint64(start + last, true), true);
}

/** Says the same on every switch and at all times. */
function isPlain(action: AppAction): boolean {
  switch (action.type) {
    case 'output':
      return action.meter === undefined;
    case 'set':
      return !action.field.includes('.');
    case 'pushVlan':
    case 'popVlan':
    case 'decNwTtl':
      return true;
    default:
      return false;
  }
}

const bigintsToo = (_: string, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value);
