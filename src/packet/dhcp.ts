/** DHCP messages on Ethernet (RFC 2131 2, options: RFC 2132). Options in `serverName` and `bootFile`: dhcp-options.ts. */

import { Parser } from 'binary-parser/dist/binary_parser.js';
import { holds, ipv4At, joined, macAt, putIpv4, putMac, putU16, putU32, u16, u32 } from './bytes.ts';
import type { Fields } from './fields.ts';

export const DHCP_PORT = { server: 67, client: 68 } as const;
export const DHCP_OPERATION = { request: 1, reply: 2 } as const;
export const DHCP_OPTION = {
  subnetMask: 1,
  router: 3,
  nameServer: 6,
  hostName: 12,
  domainName: 15,
  requestedAddress: 50,
  leaseTime: 51,
  overload: 52,
  messageType: 53,
  server: 54,
  parameterList: 55,
  message: 56,
  maximumSize: 57,
  renewalTime: 58,
  rebindingTime: 59,
  clientId: 61,
  serverName: 66,
  bootFile: 67,
  relayAgent: 82,
  staticRoutes: 121,
} as const;
/** In `flags`: answer by broadcast. */
export const DHCP_BROADCAST = 0x8000;
/** By the value of option 53, which counts from 1. */
export const DHCP_MESSAGES = ['discover', 'offer', 'request', 'decline', 'ack', 'nak', 'release', 'inform'] as const;

export interface DhcpOption {
  code: number;
  /** 255 bytes at most. */
  value: Uint8Array;
}

export interface DhcpMessage {
  operation: number;
  hops: number;
  transactionId: number;
  /** Since the client began. */
  seconds: number;
  /** DHCP_BROADCAST, or nothing. */
  flags: number;
  clientAddress: string;
  yourAddress: string;
  nextServer: string;
  relayAgent: string;
  clientMac: string;
  /** Each byte a character, up to the first 0; 64 and 128 bytes at most. */
  serverName: string;
  bootFile: string;
  /** As they follow one another, without padding and end. */
  options: DhcpOption[];
}

export type DhcpFields = Fields<DhcpMessage, 'operation' | 'clientMac'>;

export interface Dhcp extends DhcpMessage {
  /** Behind the end option: padding, as a rule. */
  payloadOffset: number;
}

const OPTIONS_AT = 240;
const MAGIC_COOKIE = 0x6382_5363;
const PAD = 0;
const END = 255;

interface Tlv {
  code: number;
  length?: number;
  value?: Uint8Array;
}

const withoutValue = new Parser();
const withValue = new Parser().uint8('length').buffer('value', { length: 'length' });
const option = new Parser()
  .uint8('code')
  .choice({ tag: 'code', choices: { [PAD]: withoutValue, [END]: withoutValue }, defaultChoice: withValue });
const optionList = new Parser().array('options', { type: option, readUntil: ({ code }: Tlv) => code === END });

/** Of the payload of UDP; undefined where it is not sound, not of Ethernet, or BOOTP without options. */
export function parseDhcp(bytes: Uint8Array, offset = 0, end = bytes.length): Dhcp | undefined {
  if (!holds(bytes, offset, OPTIONS_AT, end) || u32(bytes, offset + 236) !== MAGIC_COOKIE) return undefined;
  if (u16(bytes, offset + 1) !== 0x0106) return undefined;
  const found = parseOptions(bytes.subarray(offset + OPTIONS_AT, end));
  return (
    found && {
      operation: bytes[offset]!,
      hops: bytes[offset + 3]!,
      transactionId: u32(bytes, offset + 4),
      seconds: u16(bytes, offset + 8),
      flags: u16(bytes, offset + 10),
      clientAddress: ipv4At(bytes, offset + 12),
      yourAddress: ipv4At(bytes, offset + 16),
      nextServer: ipv4At(bytes, offset + 20),
      relayAgent: ipv4At(bytes, offset + 24),
      clientMac: macAt(bytes, offset + 28),
      serverName: textAt(bytes, offset + 44, 64),
      bootFile: textAt(bytes, offset + 108, 128),
      options: found.options,
      payloadOffset: offset + OPTIONS_AT + found.length,
    }
  );
}

function parseOptions(bytes: Uint8Array): { options: DhcpOption[]; length: number } | undefined {
  let tlvs: Tlv[];
  try {
    ({ options: tlvs } = optionList.parse(bytes) as { options: Tlv[] });
  } catch (error) {
    // The bytes end before the end option; so they do where the parser cut a value that was too long.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  const options: DhcpOption[] = [];
  let length = 0;
  for (const { code, value } of tlvs) {
    length += value === undefined ? 1 : 2 + value.length;
    if (value !== undefined) options.push({ code, value });
  }
  return { options, length };
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return String.fromCharCode(...(end < 0 ? field : field.subarray(0, end)));
}

/** Options, end option included, then `padding`. */
export function buildDhcp(fields: DhcpFields, padding: Uint8Array = new Uint8Array(0)): Uint8Array {
  const head = new Uint8Array(OPTIONS_AT);
  head[0] = fields.operation;
  putU16(head, 1, 0x0106);
  head[3] = fields.hops ?? 0;
  putU32(head, 4, fields.transactionId ?? 0);
  putU16(head, 8, fields.seconds ?? 0);
  putU16(head, 10, fields.flags ?? 0);
  putIpv4(head, 12, fields.clientAddress ?? '0.0.0.0');
  putIpv4(head, 16, fields.yourAddress ?? '0.0.0.0');
  putIpv4(head, 20, fields.nextServer ?? '0.0.0.0');
  putIpv4(head, 24, fields.relayAgent ?? '0.0.0.0');
  putMac(head, 28, fields.clientMac);
  putText(head, 44, 64, fields.serverName ?? '');
  putText(head, 108, 128, fields.bootFile ?? '');
  putU32(head, 236, MAGIC_COOKIE);
  return joined(head, ...(fields.options ?? []).map(optionBytes), Uint8Array.of(END), padding);
}

function putText(bytes: Uint8Array, at: number, length: number, text: string): void {
  if (text.length > length) throw new RangeError(`"${text}" is longer than ${length} bytes`);
  for (let index = 0; index < text.length; index++) bytes[at + index] = text.charCodeAt(index);
}

function optionBytes({ code, value }: DhcpOption): Uint8Array {
  if (code === PAD || code === END) throw new RangeError(`option ${code} of DHCP has no value, and stands by itself`);
  if (value.length > 255) throw new RangeError(`a value of DHCP holds 255 bytes, not ${value.length}`);
  return joined(Uint8Array.of(code, value.length), value);
}

/** What option 53 says: `discover` …; undefined where it is missing or unknown. */
export function dhcpMessageName({ options }: Pick<DhcpMessage, 'options'>): string | undefined {
  const value = options.find(({ code }) => code === DHCP_OPTION.messageType)?.value[0] ?? 0;
  return DHCP_MESSAGES[value - 1];
}
