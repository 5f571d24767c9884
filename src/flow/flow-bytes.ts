/**
 * A flow as two texts with one character for each byte, as it lies on the wire: what makes it one flow in its switch,
 * and all else that it is. Two that are equal are the same flow; matches and instructions are decoded where somebody
 * reads them.
 */

import { decodeInstructions, encodeInstructions, encodeMatch } from '../../proto/openflow/compiled-parts.ts';
import { flowFlags } from '../../proto/openflow/flow-mod.ts';
import type { Instruction } from '../../proto/openflow/instruction.ts';
import { type Match, oxmFields } from '../../proto/openflow/match.ts';
import { putInOrder } from '../../proto/openflow/match-canonical.ts';
import { isMasked } from '../../proto/openflow/oxm.ts';
import type { FieldValue, Masked } from '../../proto/openflow/oxm-fields.ts';
import { DecodeError } from '../../proto/wire/decode-error.ts';
import { Reader } from '../../proto/wire/reader.ts';
import { Writer } from '../../proto/wire/writer.ts';
import { canonicalMatch } from './canonical.ts';
import type { TableFlow } from './flow.ts';

/** Of an identity before the match's fields: table and priority. */
export const PLACE = 3;
/** Of a content before its instructions: idle and hard timeout, flags, cookie. */
export const TERMS = 14;
const FLAGS = 4;
const COOKIE = 6;
/** Of an ofp_match before its fields. */
const MATCH_HEAD = 4;

/** A message of OpenFlow has 65,535 bytes at most, and so has what of a flow is in it. */
const scratch = Buffer.alloc(0x1_0000 + TERMS);
const encoded = new Writer(1024);

/** Table, priority and match, in canonical form: `bytes` from `start` to `end` are the match's fields in any order. */
export function identityIn(tableId: number, priority: number, bytes: Uint8Array, start: number, end: number): string {
  scratch[0] = tableId;
  scratch[1] = priority >>> 8;
  scratch[2] = priority;
  let stop = putInOrder(bytes, start, end, scratch, PLACE);
  if (stop < 0) {
    const fields = oxmFields.decode(new Reader(bytes.slice(start, end)));
    const writer = new Writer();
    oxmFields.encode(writer, canonicalMatch(fields));
    scratch.set(writer.finish(), PLACE);
    stop = PLACE + writer.position;
  }
  return scratch.toString('latin1', 0, stop);
}

/** Throws EncodeError, with the field's name, where the match can't be written on the wire. */
export function flowIdentity({ tableId, priority, match }: Pick<TableFlow, 'tableId' | 'priority' | 'match'>): string {
  return identityOf(tableId, priority, match);
}

/** The same, without an object for it. */
export function identityOf(tableId: number, priority: number, match: Match): string {
  encoded.position = 0;
  encodeMatch(encoded, match);
  return identityIn(tableId, priority, encoded.buffer, MATCH_HEAD, encoded.view.getUint16(2));
}

/** All of a flow that its identity leaves out. */
export function flowContent(flow: Omit<TableFlow, 'tableId' | 'priority' | 'match'>): string {
  encoded.position = 0;
  encoded.u64(flow.cookie);
  const { view } = encoded;
  const { idleTimeout, hardTimeout, flags, instructions } = flow;
  return contentOf(idleTimeout, hardTimeout, flags, instructions, view.getUint32(0), view.getUint32(4));
}

/** The same, its cookie by halves, and without an object for it. */
export function contentOf(
  idleTimeout: number,
  hardTimeout: number,
  flags: TableFlow['flags'],
  instructions: TableFlow['instructions'],
  cookieHigh: number,
  cookieLow: number,
): string {
  encoded.position = 0;
  encoded.u16(idleTimeout);
  encoded.u16(hardTimeout);
  if (flags.length === 0) encoded.u16(0);
  else flowFlags.encode(encoded, flags);
  encoded.u32(cookieHigh);
  encoded.u32(cookieLow);
  encodeInstructions(encoded, instructions);
  const { buffer, position } = encoded;
  // Of so few bytes a view costs more than their copy.
  for (let i = 0; i < position; i++) scratch[i] = buffer[i]!;
  return scratch.toString('latin1', 0, position);
}

/** What an ofp_flow_stats at `at` says, `instructions` where its match ends; `end` is its own. */
export function contentIn(bytes: Uint8Array, at: number, instructions: number, end: number): string {
  for (let i = 0; i < COOKIE; i++) scratch[i] = bytes[at + STATS_TERMS + i]!;
  for (let i = 0; i < 8; i++) scratch[COOKIE + i] = bytes[at + STATS_COOKIE + i]!;
  let to = TERMS;
  for (let p = instructions; p < end; p++) scratch[to++] = bytes[p]!;
  return scratch.toString('latin1', 0, to);
}

/** In an ofp_flow_stats: idle timeout, hard timeout and flags, one behind the other; and the cookie. */
const STATS_TERMS = 14;
const STATS_COOKIE = 24;

/** The flow monitor says nothing of a flow's flags: as of one that has none. */
export function withoutFlags(content: string): string {
  return `${content.slice(0, FLAGS)}\0\0${content.slice(COOKIE)}`;
}

/** What a switch writes may say the same in other bytes than we do: that counts as equal too. */
export function isSameContent(a: string, b: string): boolean {
  return a === b || recoded(a) === recoded(b);
}

function recoded(content: string): string {
  if (content.length < TERMS) return content;
  return flowContent(flowOf('\0\0\0', content));
}

function numberAt(text: string, at: number, bytes: number): number {
  let number = 0;
  for (let i = at; i < at + bytes; i++) number = (number << 8) | text.charCodeAt(i);
  return number >>> 0;
}

function bytesAt(text: string, at: number): Uint8Array {
  const bytes = new Uint8Array(text.length - at);
  for (let i = 0; i < bytes.length; i++) bytes[i] = text.charCodeAt(at + i);
  return bytes;
}

/** The id of an identity's table. */
export function tableIn(identity: string): number {
  return identity.charCodeAt(0);
}

/** The upper half of the cookie: whose it is, as `isOursHalf` and its like tell. */
export function cookieHalf(content: string): number {
  return numberAt(content, COOKIE, 4);
}

/** A flow of which only those parts are decoded that are read, each time that they are: of flows there are many. */
export class FlowBytes implements TableFlow {
  readonly identity: string;
  readonly content: string;

  constructor(identity: string, content: string) {
    this.identity = identity;
    this.content = content;
  }

  get tableId(): number {
    return tableIn(this.identity);
  }

  get priority(): number {
    return numberAt(this.identity, 1, 2);
  }

  get idleTimeout(): number {
    return numberAt(this.content, 0, 2);
  }

  get hardTimeout(): number {
    return numberAt(this.content, 2, 2);
  }

  get flags(): TableFlow['flags'] {
    return flowFlags.decode(new Reader(bytesAt(this.content.slice(FLAGS, COOKIE), 0)));
  }

  get cookie(): bigint {
    return (BigInt(cookieHalf(this.content)) << 32n) | BigInt(numberAt(this.content, COOKIE + 4, 4));
  }

  /** In canonical form. */
  get match(): Match {
    return oxmFields.decode(new Reader(bytesAt(this.identity, PLACE)));
  }

  get instructions(): readonly Instruction[] {
    return instructionsIn(bytesAt(this.content, TERMS));
  }
}

/** What can't be read of a switch's own words is shown as it came. */
function instructionsIn(bytes: Uint8Array): readonly Instruction[] {
  try {
    return decodeInstructions(bytes);
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    const code = bytes.length < 2 ? 0 : (bytes[0]! << 8) | bytes[1]!;
    return [{ type: 'unknown', code, body: bytes.subarray(4) }];
  }
}

export function flowOf(identity: string, content: string): FlowBytes {
  return new FlowBytes(identity, content);
}

/** Nicira's action of that number may be among a flow's: only then need they be decoded to look. */
export function mayHave(content: string, subtype: string): boolean {
  return content.length >= SHORTEST && content.includes(subtype);
}

/** Behind the terms an instruction's head, and one of those actions: all have 24 bytes at least. */
const SHORTEST = TERMS + 8 + 24;

const NICIRA = '\x00\x00\x23\x20';
/** For `mayHave`: as their headers have them. */
export const LEARN = `${NICIRA}\x00\x10`;
export const LEARN_LIMITED = `${NICIRA}\x00\x2d`;
export const CONNTRACK = `${NICIRA}\x00\x23`;

/** For people: `30/100/ethType=2048/ipv4Dst=10.0.0.1`. */
export function describeIdentity(identity: string): string {
  const { tableId, priority, match } = flowOf(identity, '');
  let text = `${tableId}/${priority}`;
  for (const name in match) {
    const value = match[name as keyof Match] as FieldValue | Masked<FieldValue>;
    text += isMasked(value) ? `/${name}=${value.value}/${value.mask}` : `/${name}=${value}`;
  }
  return text;
}

/** For programs, within addresses too: `30/100/80000a02…`. */
export function identityId(identity: string): string {
  const { tableId, priority } = flowOf(identity, '');
  return `${tableId}/${priority}/${Buffer.from(identity.slice(PLACE), 'latin1').toString('hex')}`;
}

/** The flow's identity whose `identityId` that is; undefined: it is none. */
export function identityWithId(id: string): string | undefined {
  const parts = /^(\d{1,3})\/(\d{1,5})\/((?:[0-9a-f]{2})*)$/.exec(id);
  if (parts === null) return undefined;
  const priority = Number(parts[2]);
  const place = [Number(parts[1]), priority >>> 8, priority & 0xff];
  return String.fromCharCode(...place) + Buffer.from(parts[3]!, 'hex').toString('latin1');
}
