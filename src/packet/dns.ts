/** DNS messages (RFC 1035 4.1); names are read with compression and written without. */

import { holds, joined, putU16, u16 } from './bytes.ts';
import { buildDnsName, parseDnsName } from './dns-name.ts';
import { buildDnsRecord, DNS_CLASS_INTERNET, type DnsRecord, parseDnsRecord } from './dns-record.ts';
import type { Fields } from './fields.ts';

export const DNS_PORT = 53;
export const MULTICAST_DNS_PORT = 5353;

export interface DnsQuestion {
  name: string;
  type: number;
  class: number;
}

export interface DnsMessage {
  id: number;
  response: boolean;
  /** 0: a query. */
  opcode: number;
  authoritative: boolean;
  truncated: boolean;
  recursionDesired: boolean;
  recursionAvailable: boolean;
  authenticated: boolean;
  checkingDisabled: boolean;
  /** 0: no error, 3: no such name. */
  responseCode: number;
  questions: DnsQuestion[];
  answers: DnsRecord[];
  authorities: DnsRecord[];
  additionals: DnsRecord[];
}

/** The class of a question or record is the Internet's where it is not given. */
export type DnsFields = Omit<Fields<DnsMessage>, 'questions' | 'answers' | 'authorities' | 'additionals'> & {
  questions?: readonly Fields<DnsQuestion, 'name' | 'type'>[] | undefined;
  answers?: readonly DnsRecordFields[] | undefined;
  authorities?: readonly DnsRecordFields[] | undefined;
  additionals?: readonly DnsRecordFields[] | undefined;
};

/** A time to live that is not given is 0. */
export type DnsRecordFields = Fields<DnsRecord, 'name' | 'type'>;

export interface Dns extends DnsMessage {
  payloadOffset: number;
}

const FLAG = {
  response: 0x8000,
  authoritative: 0x400,
  truncated: 0x200,
  recursionDesired: 0x100,
  recursionAvailable: 0x80,
  authenticated: 0x20,
  checkingDisabled: 0x10,
} as const;

/** Of the payload of UDP; undefined where a record of those that it announces is cut or not sound. */
export function parseDns(bytes: Uint8Array, offset = 0, end = bytes.length): Dns | undefined {
  if (!holds(bytes, offset, 12, end)) return undefined;
  const bits = u16(bytes, offset + 2);
  const flag = (bit: number) => (bits & bit) !== 0;
  const questions = listed(u16(bytes, offset + 4), offset + 12, (at) => question(bytes, at, end, offset));
  const records = (index: number, before: { end: number } | undefined) =>
    before && listed(u16(bytes, offset + index), before.end, (at) => record(bytes, at, end, offset));
  const answers = records(6, questions);
  const authorities = records(8, answers);
  const additionals = records(10, authorities);
  if (!questions || !answers || !authorities || !additionals) return undefined;
  return {
    id: u16(bytes, offset),
    response: flag(FLAG.response),
    opcode: (bits >>> 11) & 15,
    authoritative: flag(FLAG.authoritative),
    truncated: flag(FLAG.truncated),
    recursionDesired: flag(FLAG.recursionDesired),
    recursionAvailable: flag(FLAG.recursionAvailable),
    authenticated: flag(FLAG.authenticated),
    checkingDisabled: flag(FLAG.checkingDisabled),
    responseCode: bits & 15,
    questions: questions.items,
    answers: answers.items,
    authorities: authorities.items,
    additionals: additionals.items,
    payloadOffset: additionals.end,
  };
}

interface Found<Item> {
  item: Item;
  end: number;
}

/** `count` of them from `start` on; undefined where one is not sound. */
function listed<Item>(
  count: number,
  start: number,
  read: (at: number) => Found<Item> | undefined,
): { items: Item[]; end: number } | undefined {
  const items: Item[] = [];
  let at = start;
  while (items.length < count) {
    const found = read(at);
    if (found === undefined) return undefined;
    items.push(found.item);
    at = found.end;
  }
  return { items, end: at };
}

function question(bytes: Uint8Array, at: number, end: number, message: number): Found<DnsQuestion> | undefined {
  const found = parseDnsName(bytes, at, end, message);
  if (found === undefined || !holds(bytes, found.end, 4, end)) return undefined;
  const item = { name: found.name, type: u16(bytes, found.end), class: u16(bytes, found.end + 2) };
  return { item, end: found.end + 4 };
}

function record(bytes: Uint8Array, at: number, end: number, message: number): Found<DnsRecord> | undefined {
  const found = parseDnsRecord(bytes, at, end, message);
  return found && { item: found.record, end: found.end };
}

export function buildDns(fields: DnsFields, payload: Uint8Array = new Uint8Array(0)): Uint8Array {
  const { questions = [], answers = [], authorities = [], additionals = [] } = fields;
  const header = new Uint8Array(12);
  putU16(header, 0, fields.id ?? 0);
  const flags = (Object.keys(FLAG) as (keyof typeof FLAG)[]).reduce(
    (sum, name) => sum | (fields[name] === true ? FLAG[name] : 0),
    ((fields.opcode ?? 0) << 11) | (fields.responseCode ?? 0),
  );
  putU16(header, 2, flags);
  const lists = [questions, answers, authorities, additionals];
  for (const [index, { length }] of lists.entries()) putU16(header, 4 + 2 * index, length);
  const records = [...answers, ...authorities, ...additionals];
  return joined(header, ...questions.map(questionBytes), ...records.map(recordBytes), payload);
}

function recordBytes(fields: DnsRecordFields): Uint8Array {
  return buildDnsRecord({ ...fields, class: fields.class ?? DNS_CLASS_INTERNET, ttl: fields.ttl ?? 0 });
}

function questionBytes({ name, type, class: given = DNS_CLASS_INTERNET }: Fields<DnsQuestion, 'name' | 'type'>) {
  const rest = new Uint8Array(4);
  putU16(rest, 0, type);
  putU16(rest, 2, given);
  return joined(buildDnsName(name), rest);
}
